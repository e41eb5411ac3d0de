"""Toxicity against the cumulative dose of organs and the overlap of the courses."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reirrad.core.cohort.dose_records import OrganDose
from reirrad.core.cohort.treatment_records import Course
from reirrad.stats.organ_doses import doses_in_scope, liver_dose, organ_dose
from reirrad.stats.penalised_logistic import dose_response
from reirrad.stats.results import Association
from reirrad.stats.study import Study
from reirrad.stats.toxicity_events import (
    ANY,
    GASTROINTESTINAL,
    HEPATIC,
    first_day,
    worst_grade,
)
from reirrad.stats.treated import Treated, overlap_of

__all__ = ["associations"]

BOWEL = (
    "Bowel",
    "Bag_Bowel",
    "Bowel_Small",
    "Bowel_Large",
    "Jejunum_Ileum",
    "Jejunum",
    "Ileum",
    "Colon",
    "Colon_Sigmoid",
)


Courses = tuple[Course, ...]


@dataclass(frozen=True, slots=True)
class _Exposure:
    """A dose or volume of a patient, and how much of it an odds ratio is for."""

    name: str
    unit: str
    step: float
    of: Callable[[Treated, Courses], float | None]


def _near_maximum(*organs: str) -> Callable[[Treated, Courses], float | None]:
    """Highest cumulative D0.1cc of some organs, EQD2."""

    def highest(one: Treated, courses: Courses) -> float | None:
        return _highest(
            dose.d0_1cc_gy
            for course in courses
            for organ in organs
            for dose in _some(
                organ_dose(doses_in_scope(one, course, "cumulative"), organ, "EQD2")
            )
        )

    return highest


def _some(dose: OrganDose | None) -> tuple[OrganDose, ...]:
    return () if dose is None else (dose,)


def _mean_liver(one: Treated, courses: Courses) -> float | None:
    found = [
        liver_dose(doses_in_scope(one, course, "cumulative"), "EQD2")
        for course in courses
    ]
    return _highest(dose.mean_gy for dose in found if dose is not None)


def _overlap(name: str) -> Callable[[Treated, Courses], float | None]:
    def largest(one: Treated, courses: Courses) -> float | None:
        found = [overlap_of(one, course) for course in courses]
        return _highest(getattr(one, name) for one in found if one is not None)

    return largest


def _highest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


DUODENUM = _Exposure("duodenum, D0.1cc, EQD2", "Gy", 10.0, _near_maximum("Duodenum"))
STOMACH = _Exposure("stomach, D0.1cc, EQD2", "Gy", 10.0, _near_maximum("Stomach"))
BOWELS = _Exposure("bowel, D0.1cc, EQD2", "Gy", 10.0, _near_maximum(*BOWEL))
LIVER = _Exposure("liver less GTV, mean, EQD2", "Gy", 1.0, _mean_liver)
OV2GY = _Exposure("Ov2Gy in the organ", "cc", 100.0, _overlap("ov2gy_organ_cc"))
OV50 = _Exposure("Ov50% in the organ", "cc", 10.0, _overlap("ov50_organ_cc"))

ASKED: tuple[tuple[str, tuple[_Exposure, ...]], ...] = (
    (GASTROINTESTINAL, (DUODENUM, STOMACH, BOWELS)),
    (HEPATIC, (LIVER, OV2GY, OV50)),
    (ANY, (OV2GY, OV50)),
)


def associations(study: Study) -> tuple[Association, ...]:
    """Toxicity of a patient against the highest exposure of the re-irradiations.

    Of a patient with the toxicity only re-irradiations that began before it count, and
    the first one, whose first day the toxicity may be of.
    """
    least = study.questions.toxicity_grade
    return tuple(
        dose_response(
            outcome=f"{term} toxicity, grade {least} or more",
            exposure=exposure.name,
            unit=exposure.unit,
            pairs=[
                (exposure.of(one, _before(study, one, term)), _had(study, one, term))
                for one in study.patients
            ],
            step=exposure.step,
        )
        for term, exposures in ASKED
        for exposure in exposures
    )


def _before(study: Study, one: Treated, term: str) -> Courses:
    """Re-irradiations before the toxicity began, or all where there is none."""
    day = first_day(study.toxicity[one.name], term, study.questions.toxicity_grade)
    return tuple(
        course
        for course in one.courses
        if day is None or course.start_date < day or course == one.first
    )


def _had(study: Study, one: Treated, term: str) -> bool | None:
    if not one.followup.toxicity_recorded:
        return None
    worst = worst_grade(study.toxicity[one.name], term)
    return None if worst is None else worst >= study.questions.toxicity_grade
