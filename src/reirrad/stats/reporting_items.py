"""How complete the registry is for what a report of re-irradiation should state.

The items are those of the ESTRO-EORTC consensus (Andratschke et al., Lancet Oncol
2022;23:e469-e478).
"""

from collections.abc import Callable, Sequence

from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.stats.cohort_results import ReportingItem
from reirrad.stats.endpoints import followed_months
from reirrad.stats.organ_doses import doses_in_scope
from reirrad.stats.outputs_cohort import interval_months
from reirrad.stats.outputs_eligibility import systemic_during
from reirrad.stats.study import Study
from reirrad.stats.treated import Treated, earlier_course, lesions_in, overlap_of

__all__ = ["reporting_items"]

OfPatient = Callable[[Treated], bool]
OfCourse = Callable[[Treated, Course], bool]
OfLesion = Callable[[Lesion], bool]


def reporting_items(study: Study) -> tuple[ReportingItem, ...]:
    """Each item with the units that have it, and what the registry does not keep."""
    return (
        *(_by_patient(study, *item) for item in PATIENT_ITEMS),
        *(_by_course(study, *item) for item in COURSE_ITEMS),
        *(_by_lesion(study, *item) for item in LESION_ITEMS),
        *(_by_patient(study, *item) for item in OUTCOME_ITEMS),
        *(_not_kept(study, *item) for item in NOT_KEPT),
    )


def _by_patient(
    study: Study, item: str, has: OfPatient, note: str = ""
) -> ReportingItem:
    found = [has(one) for one in study.patients]
    return ReportingItem(item, "patient", sum(found), len(found), note)


def _by_course(study: Study, item: str, has: OfCourse, note: str = "") -> ReportingItem:
    found = [value for _, value in study.by_course(has)]
    return ReportingItem(item, "course", sum(found), len(found), note)


def _by_lesion(study: Study, item: str, has: OfLesion, note: str = "") -> ReportingItem:
    found = [has(lesion) for _, _, lesion in study.lesions()]
    return ReportingItem(item, "lesion", sum(found), len(found), note)


def _not_kept(study: Study, item: str, note: str) -> ReportingItem:
    return ReportingItem(item, "patient", 0, len(study.patients), note)


def _earlier_known(has: Callable[[Treated, Course], bool]) -> OfCourse:
    def known(one: Treated, course: Course) -> bool:
        earlier = earlier_course(one, course)
        return earlier is not None and has(one, earlier)

    return known


def _all_lesions(has: OfLesion) -> OfCourse:
    def known(one: Treated, course: Course) -> bool:
        lesions = lesions_in(one, course)
        return bool(lesions) and all(has(lesion) for lesion in lesions)

    return known


def _overlap_known(has: Callable[[Overlap], bool]) -> OfCourse:
    def known(one: Treated, course: Course) -> bool:
        overlap = overlap_of(one, course)
        return overlap is not None and has(overlap)

    return known


def _prescribed(lesion: Lesion) -> bool:
    return lesion.dose_gy is not None and lesion.n_fractions is not None


def _cumulative(one: Treated, course: Course) -> bool:
    return any(
        dose.quantity == "EQD2" for dose in doses_in_scope(one, course, "cumulative")
    )


def _ratio_known(one: Treated, course: Course) -> bool:
    doses = [
        dose
        for dose in doses_in_scope(one, course, "cumulative")
        if dose.quantity == "EQD2"
    ]
    return bool(doses) and all(dose.alpha_beta_gy is not None for dose in doses)


def _attributed(one: Treated) -> bool:
    after = [
        event for event in one.records.toxicity if event.date >= one.first.start_date
    ]
    return one.followup.toxicity_recorded is True and all(
        event.attribution is not None for event in after
    )


PATIENT_ITEMS: Sequence[tuple[str, OfPatient]] = (
    ("Age", lambda one: one.patient.birth_date is not None),
    ("Sex", lambda one: one.patient.sex is not None),
    ("Site of the primary tumour", lambda one: one.patient.primary_site is not None),
    (
        "Histology: whether it was confirmed",
        lambda one: one.patient.histology_confirmed is not None,
    ),
)
COURSE_ITEMS: Sequence[tuple[str, OfCourse, str]] = (
    ("Performance status", lambda _one, course: course.ecog is not None, ""),
    ("Intent of re-irradiation", lambda _one, course: course.intent is not None, ""),
    (
        "Previous radiotherapy: dates",
        _earlier_known(lambda _one, earlier: earlier.end_date is not None),
        "",
    ),
    (
        "Previous radiotherapy: dose and fractions",
        _earlier_known(_all_lesions(_prescribed)),
        "",
    ),
    (
        "Previous radiotherapy: technique",
        _earlier_known(lambda _one, earlier: earlier.technique is not None),
        "",
    ),
    (
        "Previous radiotherapy: volumes",
        _earlier_known(_all_lesions(lambda lesion: lesion.ptv_cc is not None)),
        "",
    ),
    (
        "Interval between the courses",
        lambda one, course: interval_months(one, course) is not None,
        "",
    ),
    (
        "Type of re-irradiation (ESTRO-EORTC)",
        _overlap_known(lambda overlap: overlap.estro_eortc is not None),
        "",
    ),
    (
        "Concern about cumulative dose",
        lambda _one, course: course.oar_concern is not None,
        "",
    ),
    (
        "Re-irradiation: technique",
        lambda _one, course: course.technique is not None,
        "",
    ),
    (
        "Registration and summation of dose",
        _overlap_known(lambda overlap: overlap.assessment is not None),
        "Courses whose overlap comes from a kept assessment, which states both.",
    ),
    ("Cumulative dose of organs, EQD2", _cumulative, ""),
    ("alpha/beta of every cumulative dose", _ratio_known, ""),
    (
        "Systemic therapy during the course",
        systemic_during,
        "Counts courses with a therapy recorded; none and not recorded are the same.",
    ),
)
LESION_ITEMS: Sequence[tuple[str, OfLesion]] = (
    ("Re-irradiation: dose and fractions", _prescribed),
    ("Re-irradiation: GTV", lambda lesion: lesion.gtv_cc is not None),
    ("Re-irradiation: PTV", lambda lesion: lesion.ptv_cc is not None),
    (
        "Cumulative dose of targets: dose of the PTV in this course",
        lambda lesion: lesion.ptv_d98_gy is not None,
    ),
)
OUTCOME_ITEMS: Sequence[tuple[str, OfPatient, str]] = (
    (
        "Toxicity recorded, CTCAE v5.0",
        lambda one: one.followup.toxicity_recorded is True,
        "",
    ),
    (
        "Toxicity attributed to the radiotherapy",
        _attributed,
        "Toxicity recorded, and every event after the start has an attribution.",
    ),
    ("Follow-up", lambda one: followed_months(one) is not None, ""),
    (
        "Imaging for progression and local control",
        lambda one: one.followup.last_imaging_date is not None,
        "",
    ),
)
NOT_KEPT: Sequence[tuple[str, str]] = (
    (
        "Recovery assumed between the courses",
        "Not kept in the registry; every assessment states it.",
    ),
    ("Quality of life", "Not kept in the registry."),
)
