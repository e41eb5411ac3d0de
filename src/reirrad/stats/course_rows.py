"""Every re-irradiation course as a line of the table of courses."""

from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.treatment_records import Course
from reirrad.stats.cohort_results import CourseRow, Prescription
from reirrad.stats.organ_doses import Quantity, Scope, doses_in_scope, liver_dose
from reirrad.stats.outputs_cohort import interval_months
from reirrad.stats.outputs_dose import bed_gy
from reirrad.stats.study import Study
from reirrad.stats.treated import Treated, earlier_course, lesions_in, overlap_of

__all__ = ["course_rows"]


def course_rows(study: Study) -> tuple[CourseRow, ...]:
    """A line for each re-irradiation course, by patient and date."""
    return tuple(
        _row(study, one, course) for one in study.patients for course in one.courses
    )


def _row(study: Study, one: Treated, course: Course) -> CourseRow:
    known = overlap_of(one, course)
    overlap = known or Overlap(patient=one.name, first=1, second=course.number)
    applied = overlap_of(one, course, "as_applied_type")
    earlier = earlier_course(one, course)
    return CourseRow(
        patient=one.name,
        number=course.number,
        previous_number=None if earlier is None else earlier.number,
        resbrt_type=overlap.resbrt_type,
        as_applied_type=None if applied is None else applied.as_applied_type,
        estro_eortc=overlap.estro_eortc,
        same_type_percent=overlap.same_type_percent,
        interval_months=interval_months(one, course),
        ov2gy_organ_cc=overlap.ov2gy_organ_cc,
        ov2gy_total_cc=overlap.ov2gy_total_cc,
        ov50_organ_cc=overlap.ov50_organ_cc,
        ov50_total_cc=overlap.ov50_total_cc,
        ptv_overlap_cc=overlap.ptv_cc,
        previous=() if earlier is None else _prescribed(study, one, earlier),
        prescribed=_prescribed(study, one, course),
        liver_mean_gy=_liver_gy(one, course, "re-irradiation", "physical"),
        liver_cumulative_eqd2_gy=_liver_gy(one, course, "cumulative", "EQD2"),
        dose_reduced=course.dose_reduced,
    )


def _prescribed(study: Study, one: Treated, course: Course) -> tuple[Prescription, ...]:
    ratio = study.limits.tumour_alpha_beta_gy
    return tuple(
        Prescription(lesion.dose_gy, lesion.n_fractions, bed_gy(lesion, ratio))
        for lesion in lesions_in(one, course)
    )


def _liver_gy(
    one: Treated, course: Course, scope: Scope, quantity: Quantity
) -> float | None:
    dose = liver_dose(doses_in_scope(one, course, scope), quantity)
    return None if dose is None else dose.mean_gy
