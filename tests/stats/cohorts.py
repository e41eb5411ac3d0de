"""A cohort small enough to be counted by hand.

========  ==========================================  =====================
patient   re-irradiations                             type
========  ==========================================  =====================
A         course 2, lesions 2 and 3                   1A
B         courses 2 and 3, lesions 2 and 3            1B, then 1A
C         course 2, lesion 2; no follow-up at all     2
D         course 1 with no end, no lesion, no overlap not known
E         none                                        takes no part
========  ==========================================  =====================

Re-irradiations last from 1 to 10 January 2020, course 3 of B from 1 to 10 July 2020.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from reirrad.core.cohort.clinical_records import (
    FollowUp,
    Laboratory,
    Patient,
    Progression,
    Response,
    SystemicTherapy,
    Toxicity,
)
from reirrad.core.cohort.dose_records import (
    AssessmentRecord,
    LimitCheck,
    OrganDose,
    Overlap,
)
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort, cohort_of, records_of
from reirrad.core.cohort.treatment_records import Course, Fraction, Lesion, Plan
from reirrad.knowledge.clinical_rules import load_clinical_rules
from reirrad.stats.questions import Questions
from reirrad.stats.results import Distribution, Output, OutputRow, Shares
from reirrad.stats.study import Study, study_of
from reirrad.workflows.cohort_results import cohort_limits

__all__ = [
    "COHORT",
    "END",
    "SECOND_END",
    "SECOND_START",
    "START",
    "A",
    "B",
    "C",
    "D",
    "E",
    "after",
    "again",
    "ask",
    "assessment",
    "counts",
    "first_course",
    "limit",
    "liver",
    "months",
    "numbers",
    "row",
    "sample",
    "with_records",
    "with_two_assessments",
]

START, END = date(2020, 1, 1), date(2020, 1, 10)
SECOND_START, SECOND_END = date(2020, 7, 1), date(2020, 7, 10)


def assessment(patient: str, *, number: int, created_at: str) -> AssessmentRecord:
    """An assessment that was made then."""
    return AssessmentRecord(
        patient=patient,
        number=number,
        created=date.fromisoformat(created_at[:10]),
        created_at=created_at,
        sha256=f"{number:064x}",
        software_version="1",
        organ="Liver",
        reference_course=2,
        withheld=False,
        n_warnings=0,
        n_errors=0,
    )


def after(days: int) -> date:
    """A day after the end of the first re-irradiation."""
    return END + timedelta(days=days)


def months(days: int) -> float:
    """Days as months."""
    return days / 30.4375


def first_course(patient: str) -> Course:
    return Course(
        patient=patient,
        number=1,
        start_date=date(2019, 1, 1),
        end_date=date(2019, 1, 10),
        reirradiation=False,
    )


def again(patient: str, number: int = 2, **known: Any) -> Course:
    return Course(
        patient=patient,
        number=number,
        **{"start_date": START, "end_date": END, "reirradiation": True, **known},
    )


A: tuple[Record, ...] = (
    Patient(
        patient="A",
        birth_date=date(1950, 1, 1),
        sex="female",
        primary_site="colorectal",
        histology_confirmed=True,
    ),
    FollowUp(
        patient="A",
        last_contact_date=after(487),
        last_imaging_date=after(400),
        toxicity_recorded=True,
    ),
    first_course("A"),
    again(
        "A",
        previous_course=1,
        ecog=1,
        n_lesions_present=2,
        previous_liver_sbrt=True,
        polymetastatic_before=False,
        oligometastatic_before=True,
        active_systemic_therapy=False,
        oligometastatic_state_reported="metachronous_oligorecurrence",
        completed=True,
        interrupted=False,
        dose_reduced=True,
        dose_reduction_reason="organ_at_risk",
        cine_frames_per_s=8.0,
        technique="mr_guided",
    ),
    Lesion(patient="A", number=1, course=1, dose_gy=50.0, n_fractions=5, gtv_cc=9.0),
    Lesion(
        patient="A",
        number=2,
        course=2,
        site="liver",
        plan=1,
        dose_gy=40.0,
        n_fractions=5,
        gtv_cc=5.0,
        ptv_cc=12.0,
        margin_mm=3.0,
        prescription_mode="isodose_80",
        gating="inspiration_hold",
        ptv_d98_gy=38.0,
        ptv_v95_percent=96.0,
    ),
    Lesion(
        patient="A",
        number=3,
        course=2,
        site="peritoneum",
        plan=1,
        dose_gy=35.0,
        n_fractions=5,
        gtv_cc=3.0,
        ptv_cc=8.0,
        ptv_v95_percent=90.0,
    ),
    Plan(patient="A", number=1, course=2, n_fractions=5),
    Fraction(
        patient="A", number=1, plan=1, index=1, adapted=True, reason="organ_at_risk"
    ),
    Fraction(patient="A", number=2, plan=1, index=2, adapted=False),
    Overlap(
        patient="A",
        first=1,
        second=2,
        organ="Liver",
        ov2gy_organ_cc=500.0,
        ov2gy_total_cc=600.0,
        ov50_organ_cc=0.0,
        ptv_cc=0.0,
        resbrt_type="1A",
        as_applied_type="1A",
        estro_eortc="type 1",
        same_type_percent=90.0,
    ),
    Progression(patient="A", number=1, date=after(100), place="local", lesion=3),
    Response(
        patient="A",
        number=1,
        date=START,
        baseline=True,
        sum_of_diameters_mm=50.0,
    ),
    Response(
        patient="A",
        number=2,
        date=after(60),
        sum_of_diameters_mm=20.0,
        new_lesion=False,
    ),
)
B: tuple[Record, ...] = (
    Patient(
        patient="B", birth_date=date(1940, 1, 1), sex="male", primary_site="colorectal"
    ),
    FollowUp(
        patient="B",
        death_date=after(300),
        last_imaging_date=after(250),
        toxicity_recorded=True,
    ),
    first_course("B"),
    again("B", previous_course=1, ecog=4, completed=True, technique="vmat"),
    again("B", 3, start_date=SECOND_START, end_date=SECOND_END),
    Lesion(patient="B", number=1, course=1, dose_gy=50.0, n_fractions=5),
    Lesion(patient="B", number=2, course=2, site="liver", dose_gy=50.0, n_fractions=5),
    Lesion(patient="B", number=3, course=3, site="liver", dose_gy=24.0),
    Overlap(
        patient="B",
        number=1,
        first=1,
        second=2,
        ov2gy_organ_cc=800.0,
        ov50_organ_cc=20.0,
        resbrt_type="1B",
        as_applied_type="1B",
    ),
    Overlap(
        patient="B",
        number=2,
        first=1,
        second=3,
        ov2gy_organ_cc=0.0,
        ov50_organ_cc=0.0,
        resbrt_type="2",
        as_applied_type="2",
    ),
    Overlap(
        patient="B",
        number=3,
        first=2,
        second=3,
        ov2gy_organ_cc=20.0,
        ov50_organ_cc=0.0,
        resbrt_type="1A",
        as_applied_type="2",
    ),
    Toxicity(patient="B", number=1, date=START - timedelta(1), term="fatigue", grade=3),
    Toxicity(patient="B", number=2, date=after(90), term="fatigue", grade=1),
    Toxicity(patient="B", number=3, date=after(91), term="nausea", grade=2),
    Toxicity(
        patient="B", number=4, date=SECOND_END + timedelta(90), term="nausea", grade=3
    ),
    SystemicTherapy(
        patient="B", number=1, start_date=date(2018, 1, 1), treatment="chemotherapy"
    ),
    SystemicTherapy(
        patient="B", number=2, start_date=after(20), treatment="immunotherapy"
    ),
)
C: tuple[Record, ...] = (
    Patient(patient="C", sex="female"),
    first_course("C"),
    again("C"),
    Lesion(patient="C", number=1, course=1),
    Lesion(patient="C", number=2, course=2),
    Overlap(
        patient="C",
        first=1,
        second=2,
        ov2gy_organ_cc=0.0,
        ov50_organ_cc=0.0,
        resbrt_type="2",
        as_applied_type="2",
    ),
)
D: tuple[Record, ...] = (
    Patient(patient="D"),
    FollowUp(patient="D", last_contact_date=after(900), last_imaging_date=after(900)),
    again("D", 1, end_date=None),
)
E: tuple[Record, ...] = (
    Patient(patient="E", sex="male"),
    first_course("E"),
    Lesion(patient="E", course=1, dose_gy=50.0, n_fractions=5),
)
COHORT = cohort_of((*A, *B, *C, *D, *E))


def with_records(cohort: Cohort, *more: Record) -> Cohort:
    """A cohort with more records, or others in the place of those with their keys."""
    keys = {(type(one), one.patient, one.number) for one in more}
    kept = [
        one
        for one in records_of(cohort)
        if (type(one), one.patient, one.number) not in keys
    ]
    return cohort_of((*kept, *more))


def with_two_assessments(*more: Record) -> Cohort:
    """Of B all three courses were assessed (1), and later the last two again (2)."""
    older, newer = (
        replace(
            assessment("B", number=number, created_at=f"2026-0{number}-01T00:00:00Z"),
            reference_course=3,
        )
        for number in (1, 2)
    )
    overlaps = [
        replace(one, assessment=2 if one.first == 2 else 1)
        for one in B
        if isinstance(one, Overlap)
    ]
    return with_records(COHORT, older, newer, *overlaps, *more)


def ask(cohort: Cohort, **questions: Any) -> Study:
    """A cohort as the outputs take it, with the shipped rules."""
    return study_of(
        cohort,
        rules=load_clinical_rules(),
        limits=cohort_limits(),
        questions=Questions(**questions),
    )


def row(output: Output, item: str = "", stratum: str = "all") -> OutputRow:
    """The one line of an item and stratum."""
    (found,) = [
        one for one in output.rows if (one.item, one.stratum) == (item, stratum)
    ]
    return found


def numbers(output: Output, item: str = "", stratum: str = "all") -> Distribution:
    """The distribution in a line."""
    found = row(output, item, stratum).result
    assert isinstance(found, Distribution)
    return found


def counts(
    output: Output, item: str = "", stratum: str = "all"
) -> tuple[dict[str, int], int, int]:
    """Counts of a line that are not 0, their denominator, and the missing units."""
    found = row(output, item, stratum).result
    assert isinstance(found, Shares)
    (of,) = {share.of for share in found.shares}
    seen = {share.label: share.count for share in found.shares if share.count}
    return seen, of, found.missing


def liver(patient: str, **known: Any) -> OrganDose:
    """Dose of the liver of a patient."""
    return OrganDose(patient=patient, **{"organ": "Liver", "quantity": "EQD2", **known})


def limit(patient: str, **known: Any) -> LimitCheck:
    """A limit of the duodenum of a patient."""
    return LimitCheck(
        patient=patient,
        **{
            "structure": "Duodenum",
            "metric": "D0.1cc[Gy]",
            "quantity": "physical",
            "relation": "<=",
            "limit": 35.0,
            "verdict": "met",
            "source": "a source",
            "verification": "paper",
            **known,
        },
    )


def sample(patient: str, **known: Any) -> Laboratory:
    """An ALT of a patient."""
    return Laboratory(
        patient=patient,
        **{"analyte": "alt", "unit": "U/l", "upper_normal": 40.0, **known},
    )
