"""Required outputs O8 to O12: state of disease, eligibility, therapy, gating."""

from functools import partial

from reirrad.core.cohort.oligometastatic import course_state, oligometastatic_conflict
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.stats.output_rows import (
    counted_in,
    distribution_rows,
    share_rows,
    shares_rows,
)
from reirrad.stats.results import Output, OutputRow
from reirrad.stats.strata import choices_of
from reirrad.stats.study import Study
from reirrad.stats.treated import Treated

__all__ = ["eligibility_outputs", "systemic_during"]

ECOG_GRADES = ("0", "1", "2", "3", "4")
CHEMOTHERAPY, IMMUNOTHERAPY = "chemotherapy", "immunotherapy"
BOTH = "chemotherapy and immunotherapy"
OTHER_KINDS = "other"
KINDS_OF_THERAPY = (CHEMOTHERAPY, IMMUNOTHERAPY, BOTH, OTHER_KINDS)
COMBINED = "chemoimmunotherapy"


def eligibility_outputs(study: Study) -> tuple[Output, ...]:
    """O8 to O12."""
    return (
        _oligometastatic(study),
        _eligibility(study),
        _systemic(study),
        _gating(study),
        _gating_settings(study),
    )


def _oligometastatic(study: Study) -> Output:
    order = choices_of(Course, "oligometastatic_state_reported")
    derived = study.by_patient(lambda one: course_state(one.first))
    reported = study.by_patient(lambda one: one.first.oligometastatic_state_reported)
    conflicts = [oligometastatic_conflict(one.first) for one in study.patients]
    differing = sum(conflict != "" for conflict in conflicts)
    notes = (
        (
            f"The state as recorded differs from the decision tree in {differing} of "
            f"{len(derived)} patients."
        ),
    )
    return Output(
        "O8",
        "Oligometastatic state",
        "patient",
        "At the first re-irradiation, by the answers to the questions of the decision "
        "tree (Guckenberger et al. 2020); missing while an answer that matters is. "
        "Beside it the state as recorded.",
        shares_rows(derived, study.strata, order, item="decision tree")
        + shares_rows(reported, study.strata, order, item="as recorded"),
        notes if differing else (),
    )


def _eligible(study: Study, one: Treated) -> dict[str, bool | None]:
    course, limits = one.first, study.limits
    lesions, ecog = course.n_lesions_present, course.ecog
    return {
        f"fewer than {limits.lesions_below:g} lesions": (
            None if lesions is None else lesions < limits.lesions_below
        ),
        f"ECOG at most {limits.highest_ecog:g}": (
            None if ecog is None else ecog <= limits.highest_ecog
        ),
        "confirmed by histology": one.patient.histology_confirmed,
        "stereotactic radiotherapy of the liver before": course.previous_liver_sbrt,
    }


def _all_met(checks: dict[str, bool | None]) -> bool | None:
    if False in checks.values():
        return False
    return None if None in checks.values() else True


def _eligibility(study: Study) -> Output:
    ecog = study.by_patient(
        lambda one: None if one.first.ecog is None else str(one.first.ecog)
    )
    rows: list[OutputRow] = [
        *shares_rows(ecog, study.strata, ECOG_GRADES, item="ECOG performance status")
    ]
    checked = study.by_patient(lambda one: _eligible(study, one))
    for item in next((list(checks) for _, checks in checked), []):
        values = [(stratum, checks[item]) for stratum, checks in checked]
        rows += share_rows(values, study.strata, item=item)
    together = [(stratum, _all_met(checks)) for stratum, checks in checked]
    rows += share_rows(together, study.strata, item="all of these")
    return Output(
        "O9",
        "Performance status and inclusion criteria",
        "patient",
        "At the first re-irradiation. A criterion counts as met or not met only where "
        "the registry says so; all together are not met as soon as one is not.",
        tuple(rows),
        (),
    )


def systemic_during(one: Treated, course: Course) -> bool:
    """Whether a systemic therapy is recorded that went on while a course was given."""
    last = course.end_date or course.start_date
    return any(
        therapy.start_date <= last
        and (therapy.end_date is None or therapy.end_date >= course.start_date)
        for therapy in one.records.systemic
    )


def _first_therapy(one: Treated) -> str | None:
    therapies = sorted(
        one.records.systemic, key=lambda therapy: (therapy.start_date, therapy.number)
    )
    return therapies[0].treatment if therapies else None


def _therapy_after(one: Treated) -> str | None:
    end = one.first.end_date
    if end is None:
        return None
    kinds = {
        therapy.treatment
        for therapy in one.records.systemic
        if therapy.end_date is None or therapy.end_date > end
    }
    chemotherapy = bool(kinds & {CHEMOTHERAPY, COMBINED})
    immunotherapy = bool(kinds & {IMMUNOTHERAPY, COMBINED})
    if chemotherapy and immunotherapy:
        return BOTH
    if chemotherapy or immunotherapy:
        return CHEMOTHERAPY if chemotherapy else IMMUNOTHERAPY
    return OTHER_KINDS if kinds else None


def _systemic(study: Study) -> Output:
    first = study.by_patient(_first_therapy)
    after = study.by_patient(_therapy_after)
    during = study.by_course(systemic_during)
    recorded = study.by_patient(
        lambda one: None if one.first.end_date is None else bool(_therapy_after(one))
    )
    order = ("chemotherapy", "immunotherapy", COMBINED, "targeted", "hormonal", "other")
    return Output(
        "O10",
        "Systemic therapy",
        "patient, course",
        "The first that is recorded, and all kinds that were given after the end of "
        "the first re-irradiation or went on then; what came after is missing where "
        "its last day is not known. Where none is recorded, the kind "
        "is missing: the registry does not tell none from not recorded.",
        counted_in(
            "patient",
            shares_rows(first, study.strata, order, item="first therapy")
            + share_rows(
                recorded, study.strata, item="recorded after the first re-irradiation"
            )
            + shares_rows(after, study.strata, KINDS_OF_THERAPY, item="kind after it"),
        )
        + counted_in(
            "course",
            share_rows(
                during, study.strata, item="recorded during a re-irradiation course"
            ),
        ),
        (),
    )


def _gating(study: Study) -> Output:
    return Output(
        "O11",
        "Breathing while treated",
        "lesion",
        "Mode of gating of each re-irradiated lesion.",
        shares_rows(
            study.by_lesion(lambda _one, _course, lesion: lesion.gating),
            study.strata,
            choices_of(Lesion, "gating"),
        ),
        (),
    )


def _setting(_one: Treated, course: Course, name: str) -> float | None:
    value: float | None = getattr(course, name)
    return value


def _gating_settings(study: Study) -> Output:
    rows: list[OutputRow] = []
    for item, name, unit in (
        ("cine imaging rate", "cine_frames_per_s", "1/s"),
        ("boundary", "gating_boundary_mm", "mm"),
        ("target allowed outside the boundary", "gating_tolerance_percent", "%"),
    ):
        values = study.by_course(partial(_setting, name=name))
        rows += distribution_rows(values, study.strata, unit=unit, item=item)
    return Output(
        "O12",
        "Settings of gating",
        "course",
        "Of each re-irradiation course.",
        tuple(rows),
        (),
    )
