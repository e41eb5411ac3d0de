"""Assessments get into a real registry, once and whole."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reirrad.core.assessment import PatientIdentity
from reirrad.core.cohort.pseudonyms import pseudonym_of
from reirrad.errors import InputError
from reirrad.store.database import Store
from reirrad.store.registry import history, put_records, read_cohort
from reirrad.workflows.cohort_add import (
    Addition,
    add_assessment,
    named_as,
    named_in_registry,
)
from reirrad.workflows.cohort_keeping import remove_patient
from reirrad.workflows.pseudonym_key import new_key, write_key
from reirrad.workflows.registry_key import RegistryKey
from tests.reports.specimens import three_courses, two_courses
from tests.workflows.cases import IDENTITY, write_case

KEY = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path}/registry.sqlite")
    yield opened
    opened.close()


def named(identity: PatientIdentity) -> str:
    return pseudonym_of(identity.id, KEY)


def add(store: Store, case: Path) -> Addition:
    return add_assessment(store, case, patient_named=named, who="physicist")


def test_a_patient_is_known_by_the_pseudonym_alone(
    store: Store, tmp_path: Path
) -> None:
    addition = add(store, write_case(tmp_path / "case", two_courses()))
    cohort = read_cohort(store)

    assert addition.patient == pseudonym_of(IDENTITY.id, KEY)
    assert cohort.patient[0].patient == addition.patient
    assert IDENTITY.id not in repr(cohort) + repr(history(store))
    assert addition.added > 0
    assert (addition.changed, addition.unchanged, addition.removed) == (0, 0, 0)


def test_the_same_again_is_unchanged(store: Store, tmp_path: Path) -> None:
    case = write_case(tmp_path / "case", two_courses())
    first, again = add(store, case), add(store, case)

    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert again.unchanged == first.added
    assert len(history(store)) == first.added


def test_a_newer_one_replaces_and_the_history_keeps_the_older(
    store: Store, tmp_path: Path
) -> None:
    older = replace(two_courses(), created="2026-01-01T10:00:00+00:00")
    newer = replace(
        two_courses(),
        created="2026-02-01T10:00:00+00:00",
        constraints=two_courses().constraints[:1],
    )
    add(store, write_case(tmp_path / "older", older))
    addition = add(store, write_case(tmp_path / "newer", newer))

    assert addition.removed == len(older.constraints) - 1
    assert len(read_cohort(store).limit) == 1
    removed = [one for one in history(store) if one.action == "removed"]
    assert len(removed) == addition.removed
    assert {one.who for one in removed} == {"physicist"}


def test_two_of_one_patient_are_one_patient(store: Store, tmp_path: Path) -> None:
    add(store, write_case(tmp_path / "two", two_courses()))
    add(store, write_case(tmp_path / "three", three_courses()))
    cohort = read_cohort(store)
    assert len(cohort.patient) == 1
    assert [one.number for one in cohort.course] == [1, 2, 3]


def test_a_pseudonym_may_be_given(store: Store, tmp_path: Path) -> None:
    case = write_case(tmp_path / "case", two_courses())
    addition = add_assessment(
        store, case, patient_named=named_as("LIVER-07"), who="physicist"
    )
    assert addition.patient == "LIVER-07"
    assert read_cohort(store).patient[0].patient == "LIVER-07"


def test_a_name_is_no_pseudonym() -> None:
    with pytest.raises(InputError, match="is no pseudonym"):
        named_as("Meyer^Anna")


@pytest.mark.parametrize("pseudonym", ["RE-2041", "x_re2041", "TEST-7", "case7"])
def test_a_pseudonym_that_tells_who_it_is_is_refused(
    store: Store, tmp_path: Path, pseudonym: str
) -> None:
    case = write_case(tmp_path / "case", two_courses())
    with pytest.raises(InputError, match="Patient ID or a part of the name") as told:
        add_assessment(store, case, patient_named=named_as(pseudonym), who="physicist")
    assert pseudonym not in str(told.value)
    assert not read_cohort(store).patient


def test_volumes_of_an_assessment_are_renewed_those_of_a_person_stay(
    store: Store, tmp_path: Path
) -> None:
    add(store, write_case(tmp_path / "older", two_courses()))
    (lesion, *_) = read_cohort(store).lesion
    entered = replace(lesion, margin_mm=9.0)
    put_records(store, [entered], who="physician", reason="corrected")
    newer = replace(two_courses(), created="2099-01-01T10:00:00+00:00")
    course = newer.courses[0]
    targets = tuple(
        replace(one, volume_cc=99.0, margin_mm=1.0)
        for one in course.plan_quality.targets
    )
    quality = replace(course.plan_quality, targets=targets)
    courses = (replace(course, plan_quality=quality), *newer.courses[1:])
    addition = add(
        store, write_case(tmp_path / "newer", replace(newer, courses=courses))
    )
    (kept, *_) = read_cohort(store).lesion

    assert (kept.ptv_cc, kept.margin_mm) == (99.0, 9.0)
    assert any(
        "margin_mm stays 9.0 as in the registry; the assessment says 1.0" in one
        for one in addition.remarks
    )


def test_an_assessment_of_nobody_is_refused(store: Store, tmp_path: Path) -> None:
    case = write_case(tmp_path / "case", two_courses())
    file = case / "assessment.json"
    text = file.read_text(encoding="utf-8").replace(f'"{IDENTITY.id}"', '" "')
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no Patient ID"):
        add(store, case)
    assert not read_cohort(store).patient


def test_who_withdrew_is_not_added_again_unawares(store: Store, tmp_path: Path) -> None:
    case = write_case(tmp_path / "case", two_courses())
    patient = add(store, case).patient
    remove_patient(
        f"sqlite:///{tmp_path}/registry.sqlite", patient, who="x", reason="withdrawn"
    )

    with pytest.raises(InputError, match=f"{patient} was removed .* --readmit"):
        add(store, case)
    again = add_assessment(
        store, case, patient_named=named_as(patient), who="x", readmit=True
    )

    assert again.added > 0


def test_another_key_adds_nobody(store: Store, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/registry.sqlite"
    case = write_case(tmp_path / "case", two_courses())
    for name in ("one.key", "two.key"):
        write_key(tmp_path / name, new_key())

    for _ in range(2):
        key = RegistryKey(tmp_path / "one.key", url)
        named = named_in_registry(key, store, who="x")
        add_assessment(store, case, patient_named=named, who="x")
    other = named_in_registry(RegistryKey(tmp_path / "two.key", url), store, who="x")
    with pytest.raises(InputError, match=r"two.key: not the key"):
        add_assessment(store, case, patient_named=other, who="x")

    assert len(read_cohort(store).patient) == 1
