from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from reirrad.core.cohort.checks import faults_between
from reirrad.core.cohort.clinical_records import (
    FollowUp,
    Laboratory,
    Patient,
    Progression,
    Response,
    SystemicTherapy,
    Toxicity,
    Visit,
)
from reirrad.core.cohort.dose_records import (
    AssessmentRecord,
    LimitCheck,
    OrganDose,
    Overlap,
)
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort, kind_of, records_of
from reirrad.core.cohort.treatment_records import Course, Fraction, Lesion, Plan
from reirrad.knowledge.clinical_rules import load_clinical_rules
from tests.core.cohort.strategies import cohorts

RULES = load_clinical_rules()
TODAY = date(2025, 1, 1)
WHO: dict[str, Any] = {"patient": "P1"}
Place = tuple[str, int, str]


def day(text: str) -> date:
    return date.fromisoformat(text)


RIGHT: tuple[Record, ...] = (
    Patient(
        **WHO, birth_date=day("1950-05-01"), primary_diagnosis_date=day("2020-01-01")
    ),
    FollowUp(
        **WHO,
        last_contact_date=day("2024-06-01"),
        last_imaging_date=day("2024-05-01"),
        death_date=day("2024-06-01"),
        death_cause="cancer",
    ),
    Course(
        **WHO,
        start_date=day("2021-03-01"),
        end_date=day("2021-03-05"),
        reirradiation=False,
    ),
    Course(
        **WHO,
        number=2,
        start_date=day("2023-03-01"),
        end_date=day("2023-03-05"),
        reirradiation=True,
        previous_course=1,
        n_lesions_present=1,
    ),
    Lesion(**WHO, course=2, plan=1, gtv_cc=10.0, ptv_cc=20.0),
    Plan(**WHO, course=2, n_fractions=5),
    Fraction(**WHO, plan=1, index=1, adapted=True, date=day("2023-03-01")),
    Response(**WHO, date=day("2023-06-01"), lesion=1, category="SD", new_lesion=False),
    Progression(**WHO, date=day("2024-03-01"), place="local", lesion=1),
    Toxicity(**WHO, date=day("2023-04-01"), term="fatigue", grade=3, course=2),
    Laboratory(**WHO, date=day("2023-04-01"), analyte="alt", value=50, unit="U/l"),
    Visit(**WHO, date=day("2023-04-01"), ecog=1),
    SystemicTherapy(**WHO, start_date=day("2020-02-01"), treatment="chemotherapy"),
    AssessmentRecord(
        **WHO,
        created=day("2024-12-01"),
        sha256="0" * 64,
        software_version="0.1",
        organ="Liver",
        reference_course=2,
        withheld=False,
        n_warnings=0,
        n_errors=0,
    ),
    Overlap(
        **WHO,
        first=1,
        second=2,
        assessment=1,
        ov2gy_organ_cc=500.0,
        ov2gy_total_cc=600.0,
        ov50_organ_cc=10.0,
        ov50_total_cc=10.0,
    ),
    OrganDose(**WHO, organ="Liver", quantity="EQD2", course=2, assessment=1),
    LimitCheck(
        **WHO,
        structure="Liver",
        metric="Mean",
        quantity="EQD2",
        relation="<",
        limit=30.0,
        verdict="met",
        source="source",
        verification="paper",
        course=2,
        assessment=1,
    ),
)


def changed(kind: str, number: int = 1, /, **values: object) -> list[Record]:
    """The records that are right, with one of them changed."""
    change: dict[str, Any] = values
    records = [
        replace(record, **change)
        if (kind_of(record), record.number) == (kind, number)
        else record
        for record in RIGHT
    ]
    assert records != list(RIGHT)
    return records


def found(records: Iterable[Record]) -> dict[Place, str]:
    faults = faults_between(records, today=TODAY, rules=RULES)
    return {(fault.kind, fault.number, fault.field): fault.severity for fault in faults}


def test_records_that_agree_have_no_fault() -> None:
    assert found(RIGHT) == {}


ERRORS: list[tuple[list[Record], Place]] = [
    (changed("visit", date=day("1949-01-01")), ("visit", 1, "date")),
    (changed("assessment", created=day("2025-01-02")), ("assessment", 1, "created")),
    *(
        (changed(kind, date=day("2024-06-02")), (kind, 1, "date"))
        for kind in ("response", "progression", "toxicity", "laboratory", "visit")
    ),
    (
        changed("systemic", start_date=day("2024-07-01")),
        ("systemic", 1, "start_date"),
    ),
    (
        changed("systemic", end_date=day("2020-01-31")),
        ("systemic", 1, "end_date"),
    ),
    (
        changed("followup", last_contact_date=day("2024-06-02")),
        ("followup", 1, "last_contact_date"),
    ),
    (
        changed("followup", last_contact_date=day("2023-03-04")),
        ("followup", 1, "last_contact_date"),
    ),
    (changed("course", 1, end_date=day("2021-02-28")), ("course", 1, "end_date")),
    (changed("fraction", date=day("2023-03-06")), ("fraction", 1, "date")),
    (changed("toxicity", date=day("2023-02-28")), ("toxicity", 1, "date")),
    (changed("progression", date=day("2023-02-28")), ("progression", 1, "date")),
    (changed("lesion", course=3), ("lesion", 1, "course")),
    (changed("lesion", plan=2), ("lesion", 1, "plan")),
    (changed("lesion", course=1), ("lesion", 1, "plan")),
    (changed("plan", course=3), ("plan", 1, "course")),
    (changed("fraction", plan=2), ("fraction", 1, "plan")),
    (changed("fraction", index=6), ("fraction", 1, "index")),
    (
        [*RIGHT, Fraction(**WHO, number=2, plan=1, index=1, adapted=False)],
        ("fraction", 2, "index"),
    ),
    (changed("response", lesion=2), ("response", 1, "lesion")),
    (changed("progression", lesion=2), ("progression", 1, "lesion")),
    (changed("progression", lesion=None), ("progression", 1, "lesion")),
    (changed("progression", place="elsewhere"), ("progression", 1, "lesion")),
    (changed("toxicity", course=3), ("toxicity", 1, "course")),
    (changed("overlap", first=3), ("overlap", 1, "first")),
    (changed("overlap", first=2, second=1), ("overlap", 1, "second")),
    (changed("overlap", second=1), ("overlap", 1, "second")),
    (changed("overlap", assessment=2), ("overlap", 1, "assessment")),
    (changed("organ_dose", course=3), ("organ_dose", 1, "course")),
    (changed("organ_dose", assessment=2), ("organ_dose", 1, "assessment")),
    (changed("limit", course=3), ("limit", 1, "course")),
    (changed("limit", assessment=2), ("limit", 1, "assessment")),
    (
        changed("assessment", reference_course=3),
        ("assessment", 1, "reference_course"),
    ),
    (changed("course", 1, reirradiation=True), ("course", 1, "reirradiation")),
    (changed("course", 2, previous_course=2), ("course", 2, "previous_course")),
    (changed("course", 2, previous_course=3), ("course", 2, "previous_course")),
    (changed("course", 2, reirradiation=False), ("course", 2, "previous_course")),
    (changed("course", 2, n_lesions_present=0), ("course", 2, "n_lesions_present")),
    (changed("lesion", gtv_cc=21.0), ("lesion", 1, "gtv_cc")),
    (
        changed("lesion", ptv_d98_gy=50.0, ptv_d2_gy=49.0),
        ("lesion", 1, "ptv_d98_gy"),
    ),
    (changed("overlap", ov50_organ_cc=506.0), ("overlap", 1, "ov50_organ_cc")),
    (changed("overlap", ov50_total_cc=607.0), ("overlap", 1, "ov50_total_cc")),
    (changed("overlap", ov2gy_organ_cc=607.0), ("overlap", 1, "ov2gy_organ_cc")),
    (changed("overlap", gtv_cc=2.0, ptv_cc=1.0), ("overlap", 1, "gtv_cc")),
    (changed("organ_dose", mean_gy=3.0, max_gy=2.0), ("organ_dose", 1, "mean_gy")),
    (
        changed("organ_dose", d0_1cc_gy=3.0, max_gy=2.0),
        ("organ_dose", 1, "d0_1cc_gy"),
    ),
    (
        changed("laboratory", lower_normal=50.0, upper_normal=5.0),
        ("laboratory", 1, "lower_normal"),
    ),
    (changed("toxicity", grade=4), ("toxicity", 1, "grade")),
    (
        changed("patient", birth_date=day("1899-12-31")),
        ("patient", 1, "birth_date"),
    ),
    (
        changed("patient", birth_date=day("1904-05-31")),
        ("patient", 1, "birth_date"),
    ),
    (
        changed("course", 2, start_date=day("2021-03-01"), end_date=None),
        ("course", 2, "start_date"),
    ),
]


@pytest.mark.parametrize(("records", "place"), ERRORS)
def test_what_cannot_be_true_is_an_error(records: list[Record], place: Place) -> None:
    assert found(records)[place] == "error"


def test_what_sampling_leaves_open_is_no_error() -> None:
    """Organ and whole body are sampled each by itself, as in a real assessment."""
    records = changed("overlap", ov50_organ_cc=11.961, ov50_total_cc=11.954)
    assert ("overlap", 1, "ov50_organ_cc") not in found(records)


LESION_DOSE = ("lesion", 1, "dose_gy")
WARNINGS: list[tuple[list[Record], Place]] = [
    (
        changed("patient", primary_diagnosis_date=day("2022-01-01")),
        ("patient", 1, "primary_diagnosis_date"),
    ),
    (
        changed("followup", last_contact_date=day("2024-02-01")),
        ("followup", 1, "last_contact_date"),
    ),
    (changed("followup", death_date=None), ("followup", 1, "death_cause")),
    (changed("course", 1, end_date=day("2023-03-01")), ("course", 2, "start_date")),
    (changed("response", baseline=True), ("response", 1, "date")),
    (changed("lesion", n_fractions=3), ("lesion", 1, "n_fractions")),
    (changed("response", new_lesion=True), ("response", 1, "category")),
    (changed("laboratory", unit="g/l"), ("laboratory", 1, "unit")),
    (
        changed(
            "course",
            2,
            polymetastatic_before=False,
            oligometastatic_before=True,
            active_systemic_therapy=False,
            oligometastatic_state_reported="metachronous_oligorecurrence",
        ),
        ("course", 2, "oligometastatic_state_reported"),
    ),
    (
        [*RIGHT, Overlap(**WHO, number=2, first=1, second=2, assessment=1)],
        ("overlap", 2, "second"),
    ),
    (changed("course", 1, end_date=day("2021-05-31")), ("course", 1, "end_date")),
    (
        changed("course", 1, start_date=day("2023-01-29"), end_date=None),
        ("course", 2, "start_date"),
    ),
    (changed("progression", date=day("2023-03-04")), ("progression", 1, "date")),
    (
        changed("progression", date=day("2023-03-04"), place="elsewhere", lesion=None),
        ("progression", 1, "date"),
    ),
    (
        changed("response", date=day("2023-03-04"), category="PD"),
        ("response", 1, "date"),
    ),
    (changed("lesion", dose_gy=5.0, n_fractions=50, plan=None), LESION_DOSE),
    (changed("lesion", dose_gy=4.9, n_fractions=5), LESION_DOSE),
    (changed("lesion", dose_gy=34.1, n_fractions=1, plan=None), LESION_DOSE),
    (changed("plan", dose_gy=4.9), ("plan", 1, "dose_gy")),
    (
        changed("toxicity", term="hepatic_failure", grade=5, date=day("2024-05-01")),
        ("toxicity", 1, "date"),
    ),
]


@pytest.mark.parametrize(("records", "place"), WARNINGS)
def test_what_is_odd_is_a_warning(records: list[Record], place: Place) -> None:
    faults = found(records)

    assert faults[place] == "warning"
    assert "error" not in faults.values()


@pytest.mark.parametrize(
    "records",
    [
        changed("patient", birth_date=day("1904-06-01")),
        changed("course", 1, end_date=day("2021-05-30")),
        changed("course", 1, start_date=day("2023-01-28"), end_date=None),
        changed("progression", date=day("2023-03-05")),
        changed("progression", date=day("2022-03-05"), place="elsewhere", lesion=None),
        changed("response", date=day("2023-03-04")),
        changed(
            "response",
            date=day("2021-03-03"),
            category="PD",
            lesion=None,
            baseline=True,
        ),
        changed("lesion", dose_gy=5.0, n_fractions=5),
        changed("lesion", dose_gy=34.0, n_fractions=1, plan=None),
        changed("lesion", dose_gy=5.0),
        changed("plan", dose_gy=50.0),
        changed("toxicity", term="hepatic_failure", grade=5, date=day("2024-05-02")),
    ],
)
def test_what_may_well_be_is_no_fault(records: list[Record]) -> None:
    assert found(records) == {}


def test_a_year_of_the_middle_ages_is_an_error_without_a_birth_date() -> None:
    old = {"start_date": day("1021-03-01"), "end_date": day("1021-03-05")}
    records = [
        Patient(**WHO) if isinstance(one, Patient) else one
        for one in changed("course", 1, **old)
    ]

    assert found(records) == {
        ("course", 1, "start_date"): "error",
        ("course", 1, "end_date"): "error",
    }


def test_a_course_that_is_there_twice_is_one_error_beside_its_end() -> None:
    """The same re-irradiation, entered twice: with and without its last day."""
    twice = Course(**WHO, number=3, start_date=day("2023-03-01"), reirradiation=True)

    for one in (twice, replace(twice, end_date=day("2023-03-05"))):
        assert found([*RIGHT, one]) == {("course", 3, "start_date"): "error"}
    apart = replace(twice, start_date=day("2023-04-02"))
    assert found([*RIGHT, apart]) == {}
    near = replace(twice, start_date=day("2023-04-01"))
    assert found([*RIGHT, near]) == {("course", 3, "start_date"): "warning"}


@pytest.mark.parametrize(
    ("former", "latter", "severity"),
    [
        ((50.0, 5), (40.0, 5), None),
        ((50.0, 5), (50.0, 3), None),
        ((50.0, 5), (50.0, 5), "warning"),
        ((50.0, 5), (None, 5), "warning"),
        ((50.0, None), (40.0, 5), "warning"),
    ],
)
def test_prescriptions_tell_courses_apart_that_start_soon_after_one_another(
    former: tuple[float | None, int | None],
    latter: tuple[float | None, int | None],
    severity: str | None,
) -> None:
    """As the two re-irradiations of the paper's patient 18, three weeks apart."""
    both = [
        Lesion(**WHO, number=number, course=number, dose_gy=dose_gy, n_fractions=n)
        for number, (dose_gy, n) in ((2, former), (3, latter))
    ]
    near = Course(**WHO, number=3, start_date=day("2023-03-22"), reirradiation=True)
    others = [one for one in RIGHT if not isinstance(one, Lesion)]
    records = [one for one in others if kind_of(one) not in {"response", "progression"}]

    wrong = {} if severity is None else {("course", 3, "start_date"): severity}
    assert found([*records, *both, near]) == wrong


def test_death_of_toxicity_needs_a_date_of_death() -> None:
    died = day("2024-06-01")
    fatal = changed("toxicity", term="hepatic_failure", grade=5, date=died)
    alive = [
        replace(one, death_date=None, death_cause=None)
        if isinstance(one, FollowUp)
        else one
        for one in fatal
    ]

    assert found(fatal) == {}
    assert found(alive) == {("toxicity", 1, "grade"): "error"}


def test_courses_out_of_order_are_told() -> None:
    late = changed("course", 1, start_date=day("2023-05-01"), end_date=None)

    assert found(late)["course", 2, "start_date"] == "warning"


def test_what_refers_to_a_record_that_could_not_be_read_is_no_fault() -> None:
    records = [one for one in RIGHT if kind_of(one) != "course" or one.number != 1]
    unread = [("course", "P1", 1)]

    faults = faults_between(records, today=TODAY, rules=RULES, unread=unread)

    assert faults == []


def test_a_fault_names_value_and_what_is_allowed() -> None:
    (fault,) = faults_between(
        changed("lesion", course=3, plan=None), today=TODAY, rules=RULES
    )

    assert (fault.value, fault.problem) == ("3", "the patient has no course 3")
    assert fault.allowed == "the number of a course of this patient (1, 2)"


def test_patients_are_checked_apart() -> None:
    other = [replace(one, patient="P2") for one in changed("lesion", course=3)]

    faults = faults_between([*RIGHT, *other], today=TODAY, rules=RULES)

    assert {fault.patient for fault in faults} == {"P2"}


@settings(max_examples=20, deadline=None)
@given(cohort=cohorts())
def test_any_records_can_be_checked_and_every_fault_points_at_one(
    cohort: Cohort,
) -> None:
    records = records_of(cohort)
    there = {(kind_of(one), one.patient, one.number): one for one in records}

    for fault in faults_between(records, today=TODAY, rules=RULES):
        record = there[fault.kind, fault.patient, fault.number]
        assert hasattr(record, fault.field)
        assert fault.problem
        assert fault.allowed


def test_the_day_itself_is_not_in_the_future() -> None:
    records = [Patient(**WHO, birth_date=TODAY)]

    assert found(records) == {}
    assert found([replace(records[0], birth_date=TODAY + timedelta(days=1))])


def unrecorded(*responses: Response) -> list[Place]:
    """Responses that are told to be progressions without a record."""
    kept = [one for one in RIGHT if not isinstance(one, Response)]
    return [
        (fault.kind, fault.number, fault.field)
        for fault in faults_between([*kept, *responses], today=TODAY, rules=RULES)
        if "none is recorded up to this day" in fault.problem
    ]


def test_a_response_that_progresses_without_a_record_is_odd() -> None:
    # A local progression of lesion 1 is recorded on 2024-03-01.
    seen = Response(**WHO, date=day("2024-02-01"), lesion=1, category="PD")
    assert unrecorded(seen) == [("response", 1, "category")]
    assert unrecorded(replace(seen, date=day("2024-03-01"))) == []
    assert unrecorded(replace(seen, date=day("2023-02-01"))) == []
    assert unrecorded(replace(seen, date=day("2023-03-01"))) == []  # the first day
    assert unrecorded(replace(seen, baseline=True)) == []
    again = replace(seen, number=2, date=day("2024-02-20"))
    assert unrecorded(seen, again) == [("response", 1, "category")]
    new = replace(seen, lesion=None, category=None, new_lesion=True)
    assert unrecorded(new) == [("response", 1, "new_lesion")]
