import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from reirrad.core.cohort.clinical_records import FollowUp, Patient
from reirrad.core.cohort.dose_records import LimitCheck, Overlap
from reirrad.core.cohort.fields import fields_of
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, Cohort, kind_of, records_of
from reirrad.core.cohort.treatment_records import Course, Fraction, Lesion
from reirrad.errors import StoreError
from reirrad.store.database import Store
from reirrad.store.registry import (
    PutCounts,
    history,
    put_records,
    read_cohort,
    remove_records,
    removed_patients,
)
from reirrad.store.registry_rows import reading_one_moment
from reirrad.store.registry_values import record_of
from reirrad.store.trail import events, verify_trail

P1 = Patient(patient="P1", birth_date=date(1950, 2, 28), sex="female")
COURSE = Course(
    patient="P1", number=2, start_date=date(2024, 2, 29), reirradiation=True, ecog=0
)
LESION = Lesion(patient="P1", course=2, gtv_cc=0.1 + 0.2, n_fractions=5)
LIMIT = LimitCheck(
    patient="P1",
    structure="Liver",
    metric="D0.1cc[Gy]",
    quantity="physical",
    relation="<",
    limit=30.0,
    verdict="met",
    source="invented",
    verification="unverified",
)
OVERLAP = Overlap(patient="P1", first=1, second=2, resbrt_type="1B*")
COHORT = Cohort(
    patient=(P1, Patient(patient="P2")),
    followup=(FollowUp(patient="P1", toxicity_recorded=False),),
    course=(COURSE,),
    lesion=(LESION, replace(LESION, number=2)),
    fraction=(Fraction(patient="P1", plan=1, index=3, adapted=True),),
    overlap=(OVERLAP,),
)


def put(store: Store, *records: Record, who: str = "anna") -> PutCounts:
    return put_records(store, records, who=who, reason="import")


def test_records_come_back_as_they_were_put(store: Store) -> None:
    counts = put(store, *reversed(records_of(COHORT)))
    assert counts == PutCounts(added=8, changed=0, unchanged=0)
    assert read_cohort(store) == COHORT


def test_an_empty_registry(store: Store) -> None:
    assert read_cohort(store) == Cohort()
    assert history(store) == []
    assert put(store) == PutCounts(0, 0, 0)
    assert events(store, None) == []


def test_some_patients(store: Store) -> None:
    put(store, *records_of(COHORT))
    assert read_cohort(store, ["P2", "P3"]) == Cohort(patient=(Patient(patient="P2"),))
    assert read_cohort(store, []) == Cohort()


def test_many_patients_by_name(store: Store) -> None:
    everybody = [Patient(patient=f"P{one:03}") for one in range(700)]
    put(store, *everybody)
    names = [one.patient for one in everybody[10:]]
    assert read_cohort(store, names).patient == tuple(everybody[10:])


def test_order_is_that_of_letters_and_numbers(store: Store) -> None:
    names = ["b", "B", "a_", "a-1", "a", "A1", "1"]
    put(store, *(Patient(patient=name) for name in names))
    put(store, *(replace(COURSE, patient="a", number=one) for one in (10, 9, 1)))
    cohort = read_cohort(store)
    assert [one.patient for one in cohort.patient] == sorted(names)
    assert [one.number for one in cohort.course] == [1, 9, 10]


def test_what_is_put_again_is_unchanged(store: Store) -> None:
    put(store, *records_of(COHORT))
    whole = replace(LESION, dose_gy=50)
    assert put(store, P1, whole, COURSE) == PutCounts(0, 1, 2)
    assert put(store, replace(whole, dose_gy=50.0)) == PutCounts(0, 0, 1)
    assert len(history(store)) == 9


def test_every_change_is_kept(store: Store) -> None:
    put(store, P1)
    put(store, replace(P1, sex=None, histology_confirmed=False), who="paul")
    put(store, P1)
    first = {"birth_date": "1950-02-28", "sex": "female"}
    second = {"birth_date": "1950-02-28", "histology_confirmed": False}
    changes = history(store)
    assert [(one.who, one.action, one.before, one.after) for one in changes] == [
        ("anna", "added", None, first),
        ("paul", "changed", first, second),
        ("anna", "changed", second, first),
    ]
    keys = {(one.kind, one.patient, one.number, one.reason) for one in changes}
    assert keys == {("patient", "P1", 1, "import")}
    assert all(one.at.endswith("+00:00") for one in changes)


def test_the_changes_alone_make_the_registry(store: Store) -> None:
    put(store, *records_of(COHORT))
    put(store, replace(P1, sex=None), replace(LESION, gtv_cc=None, number=3))
    remove_records(store, [("lesion", "P1", 1)], who="paul", reason="mistake")
    made: dict[tuple[str, str, int], Record] = {}
    for one in history(store):
        key = (one.kind, one.patient, one.number)
        made.pop(key, None)
        if one.after is not None:
            made[key] = record_of(*key, one.after)
    kept = records_of(read_cohort(store))
    assert made == {(kind_of(one), one.patient, one.number): one for one in kept}


def test_the_audit_trail_counts_the_changes(store: Store) -> None:
    put(store, *records_of(COHORT))
    put(store, replace(P1, sex="male"), LESION, replace(LESION, number=3))
    remove_records(store, [("lesion", "P1", 3)], who="paul", reason="twice")
    noted = events(store, None)
    assert [(one.who, one.action, one.detail) for one in noted] == [
        ("anna", "registry changed", {"added": 8}),
        ("anna", "registry changed", {"added": 1, "changed": 1}),
        ("paul", "registry changed", {"removed": 1}),
    ]
    assert verify_trail(store) == []


def test_changes_of_one_patient(store: Store) -> None:
    put(store, *records_of(COHORT))
    assert [one.patient for one in history(store, "P2")] == ["P2"]
    assert history(store, "P3") == []


def test_a_value_that_is_not_known_any_more_is_none(store: Store) -> None:
    put(store, P1, COURSE)
    put(
        store,
        Course(
            patient="P1", number=2, start_date=date(2024, 3, 1), reirradiation=False
        ),
    )
    (course,) = read_cohort(store).course
    assert (course.ecog, course.reirradiation) == (None, False)


def test_a_record_without_its_patient(store: Store) -> None:
    with pytest.raises(StoreError) as refused:
        put(store, P1, replace(COURSE, patient="P7"), replace(LESION, patient="P8"))
    assert [problem[:32] for problem in refused.value.problems] == [
        "Patient P7 is not in the registr",
        "Patient P8 is not in the registr",
    ]
    assert read_cohort(store) == Cohort()
    assert history(store) == []


def test_a_record_that_is_given_twice(store: Store) -> None:
    with pytest.raises(StoreError, match="course 2 of patient P1 is given twice"):
        put(store, P1, COURSE, replace(COURSE, ecog=1))
    assert read_cohort(store) == Cohort()


NOT_ALLOWED: list[tuple[str, str, int, dict[str, Any], str]] = [
    ("patient", "Jane Doe", 1, {}, "a pseudonym is made of"),
    ("patient", "P1", 2, {}, "number must be from 1 to 1"),
    ("course", "P1", 0, {}, "number must be from 1 to"),
    ("course", "P1", 2**31, {}, "number must be from 1 to"),
    ("patient", "P1", 1, {"sex": "unknown"}, "sex must be one of female, male"),
    ("course", "P1", 1, {"start_date": None}, "start_date must be a date as"),
    ("course", "P1", 1, {"reirradiation": 2}, "reirradiation must be yes or no"),
    ("course", "P1", 1, {"ecog": 5}, "ecog must be a whole number from 0 to 4, or not"),
    ("course", "P1", 1, {"ecog": 1.5}, "ecog must be a whole number"),
    ("course", "P1", 1, {"ecog": True}, "ecog must be a whole number"),
    ("lesion", "P1", 1, {"gtv_cc": float("nan")}, "gtv_cc must be a number"),
    ("lesion", "P1", 1, {"gtv_cc": "three"}, "gtv_cc must be a number"),
    ("limit", "P1", 1, {"limit": float("inf")}, "limit must be a number"),
    ("limit", "P1", 1, {"source": "two\nlines"}, "source must be a text"),
    ("organ_dose", "P1", 1, {"organ": "x" * 65}, "organ must be a text"),
]


@pytest.mark.parametrize("case", NOT_ALLOWED, ids=str)
def test_values_that_are_not_allowed(
    lite: Store, case: tuple[str, str, int, dict[str, Any], str]
) -> None:
    kind, patient, number, wrong, why = case
    values = {**filled(kind), **wrong}
    record = KINDS[kind](patient=patient, number=number, **values)
    with pytest.raises(StoreError, match=why) as refused:
        put(lite, P1, COURSE, record) if kind != "patient" else put(lite, record)
    assert "Jane" not in str(refused.value)
    assert read_cohort(lite) == Cohort()


def test_a_time_is_no_date(lite: Store) -> None:
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    with pytest.raises(StoreError, match="start_date must be a date"):
        put(lite, P1, replace(COURSE, start_date=noon))


def test_all_faults_are_told_at_once(lite: Store) -> None:
    with pytest.raises(StoreError) as refused:
        put(lite, P1, P1, replace(COURSE, ecog=7, n_lesions_present=-1))
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize("words", ["", "  ", "x" * 201])
def test_a_change_is_signed(lite: Store, words: str) -> None:
    with pytest.raises(StoreError, match="Give who"):
        put_records(lite, [P1], who=words, reason="import")
    with pytest.raises(StoreError, match="Give reason"):
        remove_records(lite, [], who="anna", reason=words)


def test_what_fails_in_the_middle_leaves_nothing(store: Store) -> None:
    put(store, P1)
    half_a_letter = "\ud800"  # found out when changes are written, the last of all
    with pytest.raises(StoreError, match="half of a letter"):
        put(store, replace(P1, sex="male"), COURSE, who=half_a_letter)
    assert read_cohort(store) == Cohort(patient=(P1,))
    assert len(history(store)) == 1
    assert len(events(store, None)) == 1


def test_every_field_of_every_kind_comes_back(store: Store) -> None:
    records = [KINDS[kind](patient="P1", **filled(kind)) for kind in KINDS]
    put(store, *records)
    assert list(records_of(read_cohort(store))) == records


def filled(kind: str) -> dict[str, Any]:
    """A value for every field."""
    texts = {"sha256": "0a" * 32, "created_at": "2024-02-29T23:59:59Z"}
    samples: dict[str, Any] = {
        "date": date(2024, 2, 29),
        "number": 1 / 3,
        "whole number": 1,
        "yes or no": True,
    }
    return {
        one.name: one.choices[-1]
        if one.choices
        else samples.get(one.type, texts.get(one.name, "Äöü 東京 '\"%s:x"))
        for one in fields_of(KINDS[kind])
    }


NUMBERS = [0.1 + 0.2, 1e-300, 5e-324, 1.7976931348623157e308, 2.0**53 + 2, 0.0, 3]


def test_numbers_come_back_exactly(store: Store) -> None:
    limits = [
        replace(LIMIT, number=number, value=value)
        for number, value in enumerate(NUMBERS, 1)
    ]
    put(store, P1, *limits)
    assert [one.value for one in read_cohort(store).limit] == NUMBERS
    kept = [one.after for one in history(store) if one.kind == "limit"]
    assert [one["value"] for one in kept if one is not None] == NUMBERS


def test_dates_come_back_exactly(store: Store) -> None:
    days = [date(1, 1, 1), date(1899, 12, 31), date(2024, 2, 29), date(9999, 12, 31)]
    put(store, *(Patient(patient=f"P{n}", birth_date=d) for n, d in enumerate(days)))
    assert [one.birth_date for one in read_cohort(store).patient] == days


def test_records_are_removed(store: Store) -> None:
    put(store, *records_of(COHORT))
    keys = [("lesion", "P1", 2), ("patient", "P2", 1)]
    assert remove_records(store, keys, who="paul", reason="withdrawn") == 2
    assert read_cohort(store) == replace(COHORT, patient=(P1,), lesion=(LESION,))
    lesion, patient = history(store)[-2:]
    assert (lesion.action, lesion.kind, lesion.number) == ("removed", "lesion", 2)
    assert (lesion.before, lesion.after) == (history(store)[4].after, None)
    assert (patient.before, patient.after) == ({}, None)


def test_a_whole_patient_is_removed(store: Store) -> None:
    put(store, *records_of(COHORT))
    keys = [(kind_of(one), one.patient, one.number) for one in records_of(COHORT)]
    assert remove_records(store, keys, who="paul", reason="withdrawn") == 8
    assert read_cohort(store) == Cohort()


def test_a_patient_with_other_records_stays(store: Store) -> None:
    put(store, *records_of(COHORT))
    keys = [("patient", "P1", 1), ("lesion", "P9", 1), ("other", "P1", 1)]
    with pytest.raises(StoreError) as refused:
        remove_records(store, keys, who="paul", reason="withdrawn")
    assert [problem[:32] for problem in refused.value.problems] == [
        "There is no lesion 1 of patient ",
        "There is no other 1 of patient P",
        "Patient P1 has other records, co",
    ]
    assert read_cohort(store) == COHORT


def test_a_patient_with_records_cannot_be_deleted_behind_our_back(
    store: Store,
) -> None:
    put(store, P1, COURSE)
    with pytest.raises(sa.exc.IntegrityError), store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM cohort_patient")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cohort_change SET who = 'nobody'",
        "DELETE FROM cohort_change",
        "INSERT OR REPLACE INTO cohort_change SELECT * FROM cohort_change",
        "TRUNCATE cohort_change",
    ],
)
def test_changes_cannot_be_altered(store: Store, statement: str) -> None:
    put(store, P1)
    before = history(store)
    with pytest.raises(sa.exc.DBAPIError), store.writing() as connection:
        connection.exec_driver_sql(statement)
    assert history(store) == before


def test_two_who_put_at_once_wait_for_one_another(store: Store) -> None:
    put(store, P1)
    together = threading.Barrier(4)

    def put_some(first: int) -> None:
        together.wait()
        for number in range(first, first + 5):
            put(store, replace(COURSE, number=number), who=f"thread {first}")

    threads = [threading.Thread(target=put_some, args=(n,)) for n in (1, 11, 21, 31)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_cohort(store).course) == 20
    assert len(history(store)) == 21
    assert verify_trail(store) == []


def test_a_cohort_is_read_as_of_one_moment(store: Store) -> None:
    put(store, P1, COURSE)
    with reading_one_moment(store) as connection:
        assert count(connection, "cohort_patient") == 1
        put(store, LESION, Patient(patient="P2"))
        assert count(connection, "cohort_lesion") == 0
        assert count(connection, "cohort_patient") == 1
    assert read_cohort(store).lesion == (LESION,)


def count(connection: sa.Connection, table: str) -> int:
    return int(
        connection.exec_driver_sql(
            f"SELECT count(*) FROM {table}"  # noqa: S608 - names of the test
        ).scalar_one()
    )


def test_what_was_expected_is_put_in_its_place(store: Store) -> None:
    put(store, *records_of(COHORT))
    other = replace(P1, sex="male")
    counts = put_records(
        store, [other], who="anna", reason="import", expected=records_of(COHORT)
    )
    assert counts == PutCounts(0, 1, 0)


@pytest.mark.parametrize(
    "meanwhile", [replace(P1, sex="male"), replace(LESION, number=3)]
)
def test_what_changed_meanwhile_is_not_overwritten(
    store: Store, meanwhile: Record
) -> None:
    put(store, *records_of(COHORT))
    put(store, meanwhile, who="paul")
    before = read_cohort(store)
    with pytest.raises(StoreError, match="P1 was changed meanwhile by paul"):
        put_records(
            store,
            [replace(COURSE, ecog=1)],
            who="anna",
            reason="import",
            expected=records_of(COHORT),
        )
    assert read_cohort(store) == before


def test_who_came_meanwhile_is_not_overwritten(store: Store) -> None:
    put(store, P1)
    with pytest.raises(StoreError, match="changed meanwhile by anna"):
        put_records(store, [P1], who="paul", reason="import", expected=())


def test_why_patients_are_gone(store: Store) -> None:
    put(store, P1, Patient(patient="P2"), Patient(patient="P3"))
    for patient in ("P1", "P2"):
        key = ("patient", patient, 1)
        remove_records(store, [key], who="anna", reason=f"of {patient}")
    put(store, P1)
    assert removed_patients(store) == {"P2": "of P2"}
