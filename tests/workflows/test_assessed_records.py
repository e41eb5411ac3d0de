"""What an assessment says becomes records, beside what a person entered."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from reirrad.core.assessment import Assessment
from reirrad.core.cohort.clinical_records import Patient
from reirrad.core.cohort.dose_records import AssessmentRecord, LimitCheck, OrganDose
from reirrad.core.cohort.records import Cohort, cohort_of, records_of
from reirrad.core.cohort.treatment_records import Course, Lesion, Plan
from reirrad.errors import InputError
from reirrad.workflows.assessed_records import AssessedRecords, assessed_records
from tests.reports.specimens import (
    single_course,
    three_courses,
    two_courses,
    undetermined,
)
from tests.workflows.cases import read_back

P = "P1"
NOBODY = Cohort()


def found(
    folder: Path, assessment: Assessment, kept: Cohort = NOBODY
) -> AssessedRecords:
    return assessed_records(read_back(folder, assessment), P, kept)


def with_it(kept: Cohort, found: AssessedRecords) -> Cohort:
    """The registry when the records were put and the outdated ones removed."""
    gone = {(type(one), one.number) for one in found.outdated}
    records = {
        (type(one), one.number): one
        for one in (*records_of(kept), *found.records)
        if (type(one), one.number) not in gone
    }
    return cohort_of(records.values())


def added(folder: Path, assessment: Assessment, kept: Cohort = NOBODY) -> Cohort:
    return with_it(kept, found(folder, assessment, kept))


def said(found: AssessedRecords) -> str:
    return "\n".join(found.remarks)


def made_on(assessment: Assessment, day: str) -> Assessment:
    return replace(assessment, created=f"{day}T10:00:00+00:00")


def test_a_new_patient_gets_a_record_of_everything(tmp_path: Path) -> None:
    assessment = two_courses()
    (pair,) = assessment.pairs
    cohort = added(tmp_path, assessment)

    assert cohort.patient == (
        Patient(patient=P, birth_date=date(1950, 5, 17), sex="female"),
    )
    assert [(c.number, c.start_date, c.reirradiation) for c in cohort.course] == [
        (1, date(2024, 2, 12), False),
        (2, date(2025, 1, 20), True),
    ]
    assert [c.previous_course for c in cohort.course] == [None, None]
    (overlap,) = cohort.overlap
    assert (overlap.first, overlap.second, overlap.assessment) == (1, 2, 1)
    assert overlap.ov50_organ_cc == pair.overlap["50%"].organ_cc
    assert overlap.ov2gy_total_cc == pair.overlap["2Gy"].total_cc
    assert overlap.ptv_cc == pair.targets["PTV"]
    assert overlap.resbrt_type == pair.classification.resbrt_type
    assert [(p.course, p.dose_gy, p.n_fractions) for p in cohort.plan] == [
        (1, 50.0, 5),
        (2, 45.0, 3),
    ]
    assert len(cohort.limit) == len(assessment.constraints)


def test_the_assessment_itself_is_kept(tmp_path: Path) -> None:
    assessment = two_courses()
    (kept,) = added(tmp_path, assessment).assessment
    severities = [one.severity for one in assessment.findings]

    assert kept.created.isoformat() == assessment.created[:10]
    assert kept.created_at == f"{assessment.created[:19]}Z"
    assert kept.organ == "Liver"
    assert not kept.withheld
    assert kept.n_warnings == severities.count("warning")
    assert kept.n_errors == severities.count("error")
    assert kept.software_version == assessment.software.version


def test_organ_doses_are_of_named_organs_only(tmp_path: Path) -> None:
    assessment = two_courses()
    organs = {
        one.standard_name
        for one in assessment.structures
        if one.role == "ORGAN" and one.standard_name is not None
    }
    cohort = added(tmp_path, assessment)

    assert {one.organ for one in cohort.organ_dose} == organs
    liver = next(one for one in assessment.structures if one.standard_name == "Liver")
    (total,) = (
        one for one in cohort.organ_dose if one.organ == "Liver" and one.course is None
    )
    assert total.quantity == "EQD2"
    assert total.mean_gy == pytest.approx(liver.cumulative.eqd2["Mean[Gy]"], rel=1e-5)
    assert total.alpha_beta_gy == liver.alpha_beta_gy
    physical = [one for one in cohort.organ_dose if one.quantity == "physical"]
    assert all(one.alpha_beta_gy is None for one in physical)


def test_an_organ_without_a_standard_name_is_counted(tmp_path: Path) -> None:
    assessment = two_courses()
    unnamed = tuple(
        replace(one, standard_name=None, name="Meyer") if one.role == "ORGAN" else one
        for one in assessment.structures
    )
    result = found(tmp_path, replace(assessment, structures=unnamed))

    count = sum(one.role == "ORGAN" for one in unnamed)
    assert f"{count} organ(s) have no standard name" in said(result)
    assert not [one for one in result.records if isinstance(one, OrganDose)]
    assert "Meyer" not in said(result) + repr(result.records)


def test_an_organ_drawn_twice_is_that_of_the_reference(tmp_path: Path) -> None:
    assessment = two_courses()
    liver = next(one for one in assessment.structures if one.standard_name == "Liver")
    others = [one for one in assessment.structures if one is not liver]
    own = replace(liver, source_course=2, volume_cc=1500.0)
    foreign = replace(liver, source_course=1, volume_cc=1400.0)

    once = added(
        tmp_path / "a", replace(assessment, structures=(foreign, own, *others))
    )
    twice = found(tmp_path / "b", replace(assessment, structures=(own, own, *others)))

    assert {o.volume_cc for o in once.organ_dose if o.organ == "Liver"} == {1500.0}
    assert "drawn more than once" in said(twice)
    assert not [
        one
        for one in twice.records
        if isinstance(one, OrganDose) and one.organ == "Liver"
    ]


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    cohort = added(tmp_path, three_courses())
    again = found(tmp_path, three_courses(), cohort)

    assert not again.outdated
    assert with_it(cohort, again) == cohort
    assert set(again.records) == set(records_of(cohort))


def test_a_newer_assessment_takes_the_place_of_the_older(tmp_path: Path) -> None:
    older = made_on(two_courses(), "2026-01-01")
    newer = made_on(two_courses(), "2026-02-01")
    fewer = replace(newer, constraints=newer.constraints[:1])
    cohort = added(tmp_path / "a", older)
    result = found(tmp_path / "b", fewer, cohort)
    after = with_it(cohort, result)

    (kept,) = after.assessment
    assert kept.created == date(2026, 2, 1)
    assert len(after.limit) == 1
    assert len(after.overlap) == 1
    assert after.organ_dose == cohort.organ_dose
    assert all(isinstance(one, LimitCheck) for one in result.outdated)


def test_an_older_assessment_is_refused(tmp_path: Path) -> None:
    cohort = added(tmp_path / "a", made_on(two_courses(), "2026-02-01"))
    with pytest.raises(InputError, match=r"of 2026-01-01.*one .* of 2026-02-01"):
        found(tmp_path / "b", made_on(two_courses(), "2026-01-01"), cohort)


def at(assessment: Assessment, moment: str) -> Assessment:
    return replace(assessment, created=moment)


def test_of_one_day_the_hour_counts(tmp_path: Path) -> None:
    """09:00 in UTC+2 is before 08:00 in UTC."""
    cohort = added(tmp_path / "a", at(two_courses(), "2026-02-01T08:00:00+00:00"))
    with pytest.raises(InputError, match=r"of 2026-02-01T07:00:00Z.*T08:00:00Z"):
        found(tmp_path / "b", at(two_courses(), "2026-02-01T09:00:00+02:00"), cohort)


def of_dates(assessment: Assessment, *days: str) -> Assessment:
    courses = zip(assessment.courses, days, strict=True)
    return replace(
        assessment,
        courses=tuple(replace(one, start_date=day) for one, day in courses),
    )


def halved(assessment: Assessment) -> Assessment:
    """Every volume and dose of a single course half as large."""

    def half(metrics: Mapping[str, float | None]) -> dict[str, float | None]:
        return {k: None if v is None else v / 2 for k, v in metrics.items()}

    structures = tuple(
        replace(
            one,
            courses=tuple(
                replace(c, physical=half(c.physical), eqd2=half(c.eqd2))
                for c in one.courses
            ),
        )
        for one in assessment.structures
    )
    courses = tuple(
        replace(
            one,
            plan_quality=replace(
                one.plan_quality,
                targets=tuple(
                    replace(t, volume_cc=t.volume_cc and t.volume_cc / 2)
                    for t in one.plan_quality.targets
                ),
            ),
        )
        for one in assessment.courses
    )
    return replace(assessment, structures=structures, courses=courses)


def test_an_older_assessment_leaves_what_a_newer_says_of_a_course(
    tmp_path: Path,
) -> None:
    """They share the course of 2022: the second of one, the first of the other."""
    newer = of_dates(made_on(two_courses(), "2026-12-01"), "2021-03-01", "2022-03-01")
    older = of_dates(
        made_on(halved(two_courses()), "2026-11-01"), "2022-03-01", "2023-03-01"
    )
    cohort = added(tmp_path / "a", newer)
    result = found(tmp_path / "b", older, cohort)
    after = with_it(cohort, result)

    def of_course_2(kept: Cohort) -> list[tuple[object, ...]]:
        doses = [(d.organ, d.quantity, d.mean_gy) for d in kept.organ_dose
                 if d.course == 2]  # fmt: skip
        lesions = [(one.ptv_cc, one.gtv_cc) for one in kept.lesion if one.course == 2]
        return [*doses, *lesions]

    assert of_course_2(after) == of_course_2(cohort)
    assert "course 2: its plan, lesions and doses stay" in said(result)
    assert [one.course for one in after.lesion if one.course == 3] == [3]
    assert [(o.first, o.second) for o in after.overlap] == [(1, 2), (2, 3)]

    # The same whichever comes first.
    other = added(tmp_path / "c", newer, added(tmp_path / "d", older))
    doses = {
        one.start_date: sorted(
            (d.organ, d.quantity, d.mean_gy or 0.0)
            for d in kept.organ_dose
            if d.course == one.number
        )
        for kept in (other,)
        for one in kept.course
    }
    assert doses == {
        one.start_date: sorted(
            (d.organ, d.quantity, d.mean_gy or 0.0)
            for d in after.organ_dose
            if d.course == one.number
        )
        for one in after.course
    }


def test_an_assessment_without_pairs_of_other_courses_stays(tmp_path: Path) -> None:
    alone = of_dates(
        replace(made_on(two_courses(), "2026-01-01"), pairs=()),
        "2015-01-01",
        "2016-01-01",
    )
    cohort = added(tmp_path / "a", alone)
    after = added(tmp_path / "b", made_on(two_courses(), "2026-02-01"), cohort)
    assert [one.created.month for one in after.assessment] == [1, 2]
    assert {one.course for one in after.organ_dose} == {1, 2, 3, 4, None}


def test_a_course_after_one_of_the_registry_is_a_reirradiation(tmp_path: Path) -> None:
    cohort = near(date(2015, 1, 1), 0)
    result = found(tmp_path / "a", two_courses(), cohort)
    after = with_it(cohort, result)

    assert [(c.reirradiation, c.previous_course) for c in after.course] == [
        (False, None),
        (True, None),
        (True, None),
    ]
    assert "course 2 is a re-irradiation, as course 1 of the registry" in said(result)
    again = found(tmp_path / "b", two_courses(), after)
    assert with_it(after, again) == after
    assert "is a re-irradiation" not in said(again)


def test_a_course_that_a_person_called_the_first_stays_so(tmp_path: Path) -> None:
    cohort = near(date(2024, 2, 12), -400, 0)
    result = found(tmp_path, two_courses(), cohort)
    assert not with_it(cohort, result).course[1].reirradiation
    assert "although course 1 began before it" in said(result)


def test_a_patient_who_cannot_be_compared_is_told(tmp_path: Path) -> None:
    cohort = cohort_of([Patient(patient=P)])
    assert "the pseudonym alone says" in said(found(tmp_path, two_courses(), cohort))


def test_a_course_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names course 9, which it does not have"):
        found(tmp_path, replace(two_courses(), reference_course=9))


def test_a_third_course_takes_over_what_the_two_had(tmp_path: Path) -> None:
    cohort = added(tmp_path / "a", two_courses())
    after = added(tmp_path / "b", three_courses(), cohort)

    assert [one.number for one in after.course] == [1, 2, 3]
    assert [(o.first, o.second) for o in after.overlap] == [(1, 2), (1, 3), (2, 3)]
    assert [one.number for one in after.assessment] == [1]
    assert {one.assessment for one in after.organ_dose} == {1}
    assert after.course[2].previous_course is None
    assert after == added(tmp_path / "c", three_courses(), after)


def test_a_part_of_the_courses_leaves_the_other_pairs(tmp_path: Path) -> None:
    cohort = added(tmp_path / "a", three_courses())
    after = added(tmp_path / "b", made_on(two_courses(), "2099-01-01"), cohort)

    assert [one.number for one in after.assessment] == [1, 2]
    of_pair = {(o.first, o.second): o.assessment for o in after.overlap}
    assert of_pair == {(1, 2): 2, (1, 3): 1, (2, 3): 1}


def test_fewer_courses_assessed_again_name_no_course(tmp_path: Path) -> None:
    """Else the overlap of the third with the first would not count any more."""
    cohort = added(tmp_path / "a", made_on(three_courses(), "2026-06-01"))
    last_two = of_dates(
        made_on(two_courses(), "2026-07-01"), "2025-01-20", "2026-03-02"
    )
    result = found(tmp_path / "b", last_two, cohort)
    after = with_it(cohort, result)

    assert [one.previous_course for one in after.course] == [None, None, None]
    assert [(o.first, o.second) for o in after.overlap] == [(1, 2), (1, 3), (2, 3)]
    assert "is compared with course" not in said(result)


def test_a_course_that_a_person_named_stays_and_is_told(tmp_path: Path) -> None:
    cohort = added(tmp_path / "a", made_on(three_courses(), "2026-06-01"))
    *others, third = cohort.course
    named = replace(cohort, course=(*others, replace(third, previous_course=2)))
    last_two = of_dates(
        made_on(two_courses(), "2026-07-01"), "2025-01-20", "2026-03-02"
    )
    result = found(tmp_path / "b", last_two, named)

    assert with_it(named, result).course[2].previous_course == 2
    assert "course 3 is compared with course 2 alone, as the registry says" in said(
        result
    )
    alone = replace(named, overlap=named.overlap[2:])
    assert "is compared with course" not in said(found(tmp_path / "c", last_two, alone))


def by_hand(cohort: Cohort, **values: Any) -> Cohort:
    """The registry before any assessment, with the overlap that a person entered."""
    (overlap,) = cohort.overlap
    entered = replace(overlap, assessment=None, **values)
    return cohort_of([*cohort.patient, *cohort.course, entered])


def test_an_overlap_that_a_person_entered_stays(tmp_path: Path) -> None:
    kept = by_hand(
        added(tmp_path / "a", two_courses()), resbrt_type="1A", ov50_organ_cc=100.0
    )
    for folder, assessment in (("b", two_courses()), ("c", undetermined())):
        result = found(tmp_path / folder, assessment, kept)
        after = with_it(kept, result)
        assert after.overlap == kept.overlap
        assert "overlap 1: resbrt_type stays 1A as in the registry; the assess" in said(
            result
        )
        # Nor does the next one replace it.
        assert added(tmp_path / folder, assessment, after) == after


def test_an_older_assessment_is_refused_beside_an_entered_overlap(
    tmp_path: Path,
) -> None:
    kept = by_hand(added(tmp_path / "a", two_courses()), ov50_organ_cc=100.0)
    after = added(tmp_path / "b", made_on(two_courses(), "2026-02-01"), kept)
    assert after.overlap[0].assessment is None
    with pytest.raises(InputError, match=r"of 2026-01-01.*one .* of 2026-02-01"):
        found(tmp_path / "c", made_on(two_courses(), "2026-01-01"), after)


def test_a_withheld_verdict_is_kept_as_undetermined(tmp_path: Path) -> None:
    result = found(tmp_path, undetermined())
    cohort = with_it(NOBODY, result)

    assert cohort.assessment[0].withheld
    assert cohort.overlap[0].resbrt_type == "undetermined"
    assert cohort.overlap[0].ov50_organ_cc is None
    assert all(one.course is not None for one in cohort.organ_dose)
    assert not [one for one in cohort.limit if one.course is None and one.value]
    assert "the verdict was withheld" in said(result)


def test_what_a_person_entered_stays(tmp_path: Path) -> None:
    entered = cohort_of(
        [
            Patient(patient=P, birth_date=date(1950, 5, 17), primary_site="breast"),
            Course(
                patient=P,
                number=4,
                start_date=date(2025, 1, 28),
                end_date=date(2025, 2, 3),
                reirradiation=True,
                intent="ablative",
            ),
            Plan(patient=P, course=4, technique="vmat", dose_gy=48.0),
            Lesion(patient=P, course=4, site="liver", gating="free_breathing"),
        ]
    )
    result = found(tmp_path, two_courses(), entered)
    after = with_it(entered, result)

    assert after.patient[0].primary_site == "breast"
    assert after.patient[0].sex == "female"
    assert [(c.number, c.start_date) for c in after.course] == [
        (4, date(2025, 1, 28)),
        (5, date(2024, 2, 12)),
    ]
    again = after.course[0]
    assert (again.end_date, again.intent) == (date(2025, 2, 3), "ablative")
    assert again.previous_course is None
    (plan,) = (one for one in after.plan if one.course == 4)
    assert (plan.technique, plan.dose_gy, plan.n_fractions) == ("vmat", 48.0, 3)
    assert "dose_gy stays 48.0 as in the registry; the assessment says 45.0" in said(
        result
    )
    assert "start_date stays 2025-01-28" in said(result)
    (overlap,) = after.overlap
    assert (overlap.first, overlap.second) == (5, 4)


def test_a_course_with_one_before_it_becomes_a_reirradiation(tmp_path: Path) -> None:
    entered = cohort_of(
        [
            Patient(patient=P),
            Course(patient=P, start_date=date(2025, 1, 20), reirradiation=False),
        ]
    )
    result = found(tmp_path, two_courses(), entered)

    assert with_it(entered, result).course[0].reirradiation
    assert "is one now" in said(result)


def test_a_reirradiation_that_is_first_here_stays_one(tmp_path: Path) -> None:
    entered = cohort_of(
        [
            Patient(patient=P),
            Course(patient=P, start_date=date(2024, 2, 12), reirradiation=True),
        ]
    )
    after = added(tmp_path, two_courses(), entered)
    assert [one.reirradiation for one in after.course] == [True, True]


def without_dates(assessment: Assessment) -> Assessment:
    return replace(
        assessment,
        courses=tuple(replace(one, start_date="") for one in assessment.courses),
    )


def on_one_day(assessment: Assessment) -> Assessment:
    return replace(
        assessment,
        courses=tuple(
            replace(one, start_date="2024-02-12") for one in assessment.courses
        ),
    )


@pytest.mark.parametrize(
    ("assessment", "words"),
    [
        (without_dates(two_courses()), "course 1 has no date"),
        (without_dates(two_courses()), "course 2 has no date"),
        (on_one_day(two_courses()), "begin on the same day"),
        (single_course(), "fewer than two courses"),
    ],
)
def test_courses_that_cannot_be_kept_are_refused(
    tmp_path: Path, assessment: Assessment, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        found(tmp_path, assessment)


def near(start: date, *days: int) -> Cohort:
    courses = [
        Course(
            patient=P,
            number=number,
            start_date=start + timedelta(days=shift),
            reirradiation=False,
        )
        for number, shift in enumerate(days, start=1)
    ]
    return cohort_of([Patient(patient=P), *courses])


def test_a_course_that_could_be_two_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"course 1 of the assessment .* course 1 "):
        found(tmp_path, two_courses(), near(date(2024, 2, 12), -5, 5))


def test_two_that_could_be_one_are_refused(tmp_path: Path) -> None:
    close = replace(
        two_courses(),
        courses=tuple(
            replace(one, start_date=day)
            for one, day in zip(
                two_courses().courses, ("2024-02-12", "2024-02-20"), strict=True
            )
        ),
    )
    with pytest.raises(InputError, match="may both be course 1"):
        found(tmp_path, close, near(date(2024, 2, 16), 0))


def test_a_course_long_before_is_another_one(tmp_path: Path) -> None:
    after = added(tmp_path, two_courses(), near(date(2024, 2, 12), -400))
    assert [one.number for one in after.course] == [1, 2, 3]


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"birth_date": date(1950, 5, 18)}, "date of birth"),
        ({"sex": "male"}, "sex"),
    ],
)
def test_another_person_is_refused_without_saying_who(
    tmp_path: Path, known: dict[str, Any], words: str
) -> None:
    kept = cohort_of([Patient(patient=P, **known)])
    with pytest.raises(InputError, match=words) as refused:
        found(tmp_path, two_courses(), kept)
    assert "1950" not in str(refused.value)


def test_a_sex_that_is_not_told_does_not_tell_people_apart(tmp_path: Path) -> None:
    kept = cohort_of([Patient(patient=P, sex="other")])
    assert added(tmp_path, two_courses(), kept).patient[0].sex == "other"


def test_a_treatment_before_birth_is_refused(tmp_path: Path) -> None:
    early = replace(
        two_courses(),
        courses=tuple(
            replace(one, start_date=day)
            for one, day in zip(
                two_courses().courses, ("1940-01-01", "2025-01-20"), strict=True
            )
        ),
    )
    with pytest.raises(InputError, match="before the date of birth"):
        found(tmp_path, early)


def test_an_organ_without_a_name_is_kept_as_another(tmp_path: Path) -> None:
    result = found(tmp_path, replace(two_courses(), organ="Meyers Leber"))

    (kept,) = (one for one in result.records if isinstance(one, AssessmentRecord))
    assert kept.organ == "other"
    assert "has no standard name" in said(result)
    assert "Meyer" not in repr(result)
