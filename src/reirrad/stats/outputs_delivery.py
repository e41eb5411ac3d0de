"""Required outputs O26 and O29: plans adapted to the day, and completion."""

from collections.abc import Callable
from dataclasses import dataclass

from reirrad.core.cohort.treatment_records import Fraction, Lesion, Plan
from reirrad.stats.output_rows import counted_in, share_rows, shares_rows
from reirrad.stats.results import Output, OutputRow
from reirrad.stats.strata import choices_of, stratum_of_course
from reirrad.stats.study import Study

__all__ = ["delivery_outputs"]


@dataclass(frozen=True, slots=True)
class _Treatment:
    """A plan of a re-irradiation, its fractions and its lesions."""

    stratum: str
    plan: Plan
    fractions: tuple[Fraction, ...]
    lesions: tuple[tuple[str, Lesion], ...]

    @property
    def adapted(self) -> bool:
        return any(fraction.adapted for fraction in self.fractions)

    @property
    def all_adapted(self) -> bool | None:
        given = {fraction.index for fraction in self.fractions}
        if len(given) != self.plan.n_fractions:
            return None
        return all(fraction.adapted for fraction in self.fractions)


def delivery_outputs(study: Study) -> tuple[Output, Output]:
    """O26 and O29."""
    return _adaptation(study), _completion(study)


def _treatments(study: Study) -> list[_Treatment]:
    """Plans of the re-irradiations of which fractions are recorded."""
    lesions = study.by_lesion(lambda one, _course, lesion: (one.name, lesion))
    of_plan: dict[tuple[str, int], list[tuple[str, Lesion]]] = {}
    for stratum, (name, lesion) in lesions:
        if lesion.plan is not None:
            of_plan.setdefault((name, lesion.plan), []).append((stratum, lesion))
    found = []
    for one in study.patients:
        for course in one.courses:
            stratum = stratum_of_course(one, course, study.questions.strata)
            for plan in one.records.plan:
                fractions = tuple(
                    fraction
                    for fraction in one.records.fraction
                    if fraction.plan == plan.number
                )
                if plan.course == course.number and fractions:
                    treated = tuple(of_plan.get((one.name, plan.number), ()))
                    found.append(_Treatment(stratum, plan, fractions, treated))
    return found


def _adaptation(study: Study) -> Output:
    plans = _treatments(study)
    adapted = [one for one in plans if one.adapted]
    n_plans = sum(
        plan.course in {course.number for course in one.courses}
        for one in study.patients
        for plan in one.records.plan
    )
    lesions = [
        (stratum, lesion.site) for one in adapted for stratum, lesion in one.lesions
    ]
    rows: list[OutputRow] = [
        *_plan_rows(study, plans, lambda one: one.adapted, "plans with any adapted"),
        *_plan_rows(study, plans, lambda one: one.all_adapted, "plans always adapted"),
        *counted_in(
            "lesion",
            shares_rows(
                lesions,
                study.strata,
                choices_of(Lesion, "site"),
                item="lesions of adapted plans",
            ),
        ),
        *_fraction_rows(study, adapted, "fractions adapted, of adapted plans"),
        *_fraction_rows(study, plans, "fractions adapted, of all plans"),
        *_reason_rows(study, plans),
    ]
    return Output(
        "O26",
        "Plans adapted to the day",
        "plan, lesion, fraction",
        "Of the plans of the re-irradiations whose fractions are recorded. Adapted is "
        "a plan with an adapted fraction; always adapted one whose fractions all "
        "are; that is missing where not all planned fractions are recorded.",
        tuple(rows),
        (f"Fractions are recorded for {len(plans)} of {n_plans} plans.",),
    )


def _plan_rows(
    study: Study,
    plans: list[_Treatment],
    value: Callable[[_Treatment], bool | None],
    item: str,
) -> tuple[OutputRow, ...]:
    values = [(one.stratum, value(one)) for one in plans]
    return counted_in("plan", share_rows(values, study.strata, item=item))


def _fraction_rows(
    study: Study, plans: list[_Treatment], item: str
) -> tuple[OutputRow, ...]:
    values: list[tuple[str, bool | None]] = [
        (one.stratum, fraction.adapted) for one in plans for fraction in one.fractions
    ]
    return counted_in("fraction", share_rows(values, study.strata, item=item))


def _reason_rows(study: Study, plans: list[_Treatment]) -> tuple[OutputRow, ...]:
    values = [
        (one.stratum, fraction.reason)
        for one in plans
        for fraction in one.fractions
        if fraction.adapted
    ]
    order = choices_of(Fraction, "reason")
    item = "reason of adapted fractions"
    rows = shares_rows(values, study.strata, order, item=item)
    return counted_in("fraction", rows)


def _completion(study: Study) -> Output:
    completed = study.by_course(lambda _one, course: course.completed)
    interrupted = study.by_course(lambda _one, course: course.interrupted)
    return Output(
        "O29",
        "Completion and interruptions",
        "course",
        "Re-irradiation courses of which all planned fractions were given, and courses "
        "interrupted without being planned.",
        share_rows(completed, study.strata, item="completed")
        + share_rows(interrupted, study.strata, item="interrupted"),
        (),
    )
