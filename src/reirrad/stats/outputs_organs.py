"""Required outputs O18 and O19: dose of the organs and the limits they were held to."""

from collections.abc import Callable

from reirrad.core.cohort.dose_records import OrganDose
from reirrad.core.cohort.treatment_records import Course
from reirrad.stats.limit_rows import limit_rows
from reirrad.stats.organ_doses import (
    SCOPES,
    Quantity,
    Scope,
    doses_in_scope,
    liver_dose,
    organ_dose,
)
from reirrad.stats.output_rows import distribution_rows
from reirrad.stats.results import Output, OutputRow
from reirrad.stats.study import Study
from reirrad.stats.treated import Treated

__all__ = ["organ_outputs"]

QUANTITIES: tuple[Quantity, ...] = ("physical", "EQD2")
ORGAN_METRICS = (("mean", "mean_gy"), ("D0.1cc", "d0_1cc_gy"))


def organ_outputs(study: Study) -> tuple[Output, ...]:
    """O18 and O19."""
    return _liver(study), _limits(study)


def _liver(study: Study) -> Output:
    rows: list[OutputRow] = []
    whole = 0
    for scope in SCOPES:
        for quantity in QUANTITIES:
            found = study.by_course(_liver_of(scope, quantity))
            whole += sum(
                dose is not None and dose.organ == "Liver" for _, dose in found
            )
            values = [
                (stratum, None if dose is None else dose.mean_gy)
                for stratum, dose in found
            ]
            item = f"{scope}, {quantity}"
            rows += distribution_rows(values, study.strata, unit="Gy", item=item)
    notes = (
        ["Where the liver less GTV was not measured, the whole liver stands for it."]
        if whole
        else []
    )
    notes += _ratios(study)
    return Output(
        "O18",
        "Mean dose of the liver",
        "course",
        "Mean over the liver less GTV, for each re-irradiation: of the course before "
        "it, of itself, and of all courses together. EQD2 was taken point by point "
        "before it was averaged.",
        tuple(rows),
        tuple(notes),
    )


def _liver_of(
    scope: Scope, quantity: Quantity
) -> Callable[[Treated, Course], OrganDose | None]:
    return lambda one, course: liver_dose(doses_in_scope(one, course, scope), quantity)


def _ratios(study: Study) -> list[str]:
    found = {
        dose.alpha_beta_gy
        for one in study.patients
        for dose in one.records.organ_dose
        if dose.organ.startswith("Liver") and dose.quantity == "EQD2"
    }
    known = sorted(ratio for ratio in found if ratio is not None)
    notes = []
    if known:
        words = ", ".join(f"{ratio:g}" for ratio in known)
        notes.append(f"alpha/beta of the liver for EQD2: {words} Gy.")
    if None in found:
        notes.append("For some EQD2 of the liver alpha/beta is not recorded.")
    return notes


def _limits(study: Study) -> Output:
    limits, sources = limit_rows(study)
    return Output(
        "O19",
        "Doses of organs and limits",
        "course",
        "For each re-irradiation, the dose of each organ in the re-irradiation "
        "(physical) and in all courses together (EQD2), and every limit that was "
        "checked: for the course before, the re-irradiation, or all together. Limits "
        "of one source that differ only with the number of fractions are one line: a "
        "course is held to the one of its own. Of several assessments the newest "
        "counts, for all courses together the newest that has them all, and of several "
        "checks of one limit in it the worst; one that could not be evaluated is never "
        "met. Missing are re-irradiations where none of "
        "them was checked.",
        (*_organ_rows(study), *limits),
        sources,
    )


def _organ_rows(study: Study) -> list[OutputRow]:
    wanted: tuple[tuple[Scope, Quantity], ...] = (
        ("re-irradiation", "physical"),
        ("cumulative", "EQD2"),
    )
    rows: list[OutputRow] = []
    for scope, quantity in wanted:
        by_course = study.by_course(_doses_of(scope))
        organs = sorted({dose.organ for _, doses in by_course for dose in doses})
        for organ in organs:
            found = [
                (stratum, organ_dose(doses, organ, quantity))
                for stratum, doses in by_course
            ]
            for metric, name in ORGAN_METRICS:
                values = [
                    (stratum, None if dose is None else getattr(dose, name))
                    for stratum, dose in found
                ]
                item = f"{organ}, {metric}, {scope}, {quantity}"
                rows += distribution_rows(values, study.strata, unit="Gy", item=item)
    return rows


def _doses_of(scope: Scope) -> Callable[[Treated, Course], tuple[OrganDose, ...]]:
    return lambda one, course: doses_in_scope(one, course, scope)
