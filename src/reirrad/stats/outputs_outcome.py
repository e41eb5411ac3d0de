"""Required outputs O27, O30, O31, O32: follow-up, response, survival and control."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from reirrad.stats.competing import cumulative_incidence, gray
from reirrad.stats.endpoints import (
    FOLLOW_UP,
    follow_up,
    followed_months,
    local_control,
    local_progression,
    local_progression_one_lesion,
    overall_survival,
    progression_free_survival,
)
from reirrad.stats.output_rows import distribution_rows, share_rows, shares_rows
from reirrad.stats.responses import (
    progressed_after,
    response_at,
    response_before_death,
)
from reirrad.stats.results import GroupTest, Output, OutputRow, TimeToEvent
from reirrad.stats.strata import ALL, compared_strata
from reirrad.stats.study import Study
from reirrad.stats.survival import kaplan_meier, log_rank, reverse_kaplan_meier
from reirrad.stats.times import Observed
from reirrad.stats.treated import Treated

__all__ = ["group_tests", "outcome_outputs", "survival_of"]

CATEGORIES = ("CR", "PR", "SD", "PD")
RESPONDED = frozenset({"CR", "PR"})
BENEFITED = frozenset({"CR", "PR", "SD"})

Estimate = Callable[..., TimeToEvent]
ESTIMATES: tuple[tuple[Callable[[Study], list[Observed]], Estimate], ...] = (
    (overall_survival, kaplan_meier),
    (progression_free_survival, kaplan_meier),
    (local_progression, cumulative_incidence),
    (local_control, kaplan_meier),
    (local_progression_one_lesion, cumulative_incidence),
    (follow_up, reverse_kaplan_meier),
)


def survival_of(study: Study) -> tuple[TimeToEvent, ...]:
    """Every endpoint, of all units and then of each group."""
    fewest = study.questions.fewest_at_risk
    return tuple(
        _median_withheld(
            estimate(
                group,
                horizons_months=study.questions.horizons_months,
                fewest_at_risk=fewest,
            ),
            fewest,
        )
        for observe, estimate in ESTIMATES
        for group in observe(study)
    )


def _median_withheld(found: TimeToEvent, fewest: int) -> TimeToEvent:
    """The same without a median where fewer units than that are left to tell it.

    As for the value at a fixed time: of the group, and under observation at the median.
    """
    note = ""
    if found.n < fewest:
        note = f"not given for fewer than {fewest} units"
    elif found.median_months is not None and found.curve is not None:
        at = bisect_left(found.curve.times_months, found.median_months)
        if sum(found.curve.at_risk[at : at + 1]) < fewest:
            note = (
                f"not given where fewer than {fewest} units are under observation at it"
            )
    if not note:
        return found
    return replace(
        found,
        median_months=None,
        median_low=None,
        median_high=None,
        median_note=note,
    )


def group_tests(study: Study) -> tuple[GroupTest, ...]:
    """Comparison of the groups that say what a unit is."""
    compared = compared_strata(study.strata)

    def groups(observed: Sequence[Observed]) -> list[Observed]:
        return [group for group in observed if group.stratum in compared]

    if not compared:
        return ()
    tests = (
        log_rank(groups(overall_survival(study))),
        log_rank(groups(progression_free_survival(study))),
        gray(groups(local_progression(study))),
    )
    return tuple(_judged(test, study.questions.fewest_at_risk) for test in tests)


def _judged(test: GroupTest, fewest: int) -> GroupTest:
    """Mark a test of few events or of a small group as descriptive."""
    few = test.events < fewest or min(test.groups.values()) < fewest
    return replace(test, descriptive=few and test.p is not None)


def outcome_outputs(
    study: Study, survival: Sequence[TimeToEvent], tests: Sequence[GroupTest]
) -> tuple[Output, ...]:
    """O27, O30, O31 and O32."""
    return (
        _follow_up(study, survival),
        _response(study),
        _survival_output(survival),
        _by_stratum(study, survival, tests),
    )


def _follow_up(study: Study, survival: Sequence[TimeToEvent]) -> Output:
    reverse = [
        OutputRow(found.stratum, "reverse Kaplan-Meier", "months", found)
        for found in survival
        if found.endpoint == FOLLOW_UP
    ]
    observed = distribution_rows(
        study.by_patient(followed_months), study.strata, unit="months", item="observed"
    )
    return Output(
        "O27",
        "Follow-up",
        "patient",
        "From the end of the first re-irradiation to death or last contact, and the "
        "median by the reverse Kaplan-Meier estimate, in which deaths are censored "
        "(Schemper and Smith 1996).",
        (*observed, *reverse),
        (),
    )


def _response(study: Study) -> Output:
    rows: list[OutputRow] = []
    notes = []
    for months in study.questions.horizons_months:
        at = f"at {months:g} months"
        found = study.by_patient(partial(response_at, months=months, rules=study.rules))
        rows += _response_rows(study, found, at)
        notes.append(f"{at.capitalize()}: {_evaluated(study, found, months)}")
        notes += _died_before(study, months)
        notes += _progressed_later(study, months)
    window = study.rules.outcome
    before = window.response_months - window.response_from_months
    after = window.response_up_to_months - window.response_months
    return Output(
        "O30",
        "Objective response and clinical benefit",
        "patient",
        "RECIST 1.1 of the patient as a whole, from the end of the first "
        "re-irradiation. A progression up to the time stays one; otherwise the "
        f"imaging nearest to the time counts, from {before:g} months before to "
        f"{after:g} after. Objective response is CR or PR, clinical benefit CR, PR or "
        "SD, out of the patients that can be evaluated. The category is the recorded "
        "one, else that of the sum of diameters against the last imaging from the end "
        "of the previous course to the first day of the re-irradiation; what is "
        "recorded as not evaluable (NE) stays so. A response that is a progression "
        "counts as one on its day, recorded as such or not, and so does a new lesion "
        "whatever category is recorded beside it. Who had died by then without a "
        "progression, or may have since the day is not known, cannot be evaluated.",
        tuple(rows),
        tuple(notes),
    )


def _died_before(study: Study, months: float) -> list[str]:
    """Responses that stood until death and are no response at the time."""
    found = sum(
        response_before_death(one, months, study.rules) for one in study.patients
    )
    note = (
        f"At {months:g} months: in {found} of {len(study.patients)} patients the "
        "imaging in the window is no progression but does not count, since the patient "
        "had died by then, or on a day that is not known."
    )
    return [note] if found else []


def _progressed_later(study: Study, months: float) -> list[str]:
    """What sets the response apart from progression-free survival."""
    later = sum(progressed_after(one, months, study.rules) for one in study.patients)
    note = (
        f"At {months:g} months: in {later} of {len(study.patients)} patients the "
        "nearest imaging lies after the time and shows a progression; they count as PD "
        "here and as free of progression at that time in progression-free survival."
    )
    return [note] if later else []


def _evaluated(
    study: Study, found: Sequence[tuple[str, str | None]], months: float
) -> str:
    """How many can be evaluated, and why those who died without progression cannot."""
    missing = [
        one
        for one, (_, category) in zip(study.patients, found, strict=True)
        if category is None
    ]
    died = sum(_died_by(one, months) for one in missing)
    known = len(found) - len(missing)
    words = f"{known} of {len(found)} patients can be evaluated, {len(missing)} cannot"
    return f"{words}; {died} of them had died by then." if died else f"{words}."


def _died_by(one: Treated, months: float) -> bool:
    followed = followed_months(one)
    died = one.followup.death_date is not None
    return died and followed is not None and followed <= months


def _response_rows(
    study: Study, found: Sequence[tuple[str, str | None]], at: str
) -> list[OutputRow]:
    """Shares of the evaluable; the items name the time where there are several."""
    several = len(study.questions.horizons_months) > 1
    suffix = f" {at}" if several else ""
    rows = list(shares_rows(found, study.strata, CATEGORIES, item=f"response{suffix}"))
    for item, counted in (
        ("objective response", RESPONDED),
        ("clinical benefit", BENEFITED),
    ):
        values = [
            (stratum, None if category is None else category in counted)
            for stratum, category in found
        ]
        rows += share_rows(values, study.strata, item=f"{item}{suffix}")
    return rows


def _survival_output(survival: Sequence[TimeToEvent]) -> Output:
    return Output(
        "O31",
        "Survival and local progression",
        "patient, lesion",
        "From the end of the first re-irradiation, for lesions of their own course. "
        "Overall survival: death of any cause, censored when last known to be alive. "
        "Progression-free survival: progression anywhere or death, censored at the "
        "last imaging: the recorded day, or that of a later response that could be "
        "evaluated, for a lesion also of its own; a response that is a progression "
        "(PD, a new lesion whatever is recorded beside it, PD by the sum of diameters) "
        "counts as one on its day, of a lesion as its local one. Who died on a day "
        "that is not known is missing but for a progression before. "
        "What is dated on the first day of the re-irradiation was there before. A "
        "local progression that names no lesion is that of the only lesion treated "
        "until then in any course; with several, lesions are missing. Local "
        "progression: of the treated lesion, as cumulative incidence with death as "
        "competing event; beside it with deaths censored, and for one lesion of each "
        "patient. An event during a course counts at its end.",
        _rows_of(found for found in survival if found.stratum == ALL),
        (),
    )


def _rows_of(survival: Iterable[TimeToEvent]) -> tuple[OutputRow, ...]:
    """A line for each endpoint and group; follow-up is an output of its own."""
    return tuple(
        OutputRow(found.stratum, found.endpoint, "", found, found.unit)
        for found in survival
        if found.endpoint != FOLLOW_UP
    )


def _words(test: GroupTest) -> str:
    if test.p is None:
        return f"{test.note}."
    p = "p < 0.001" if test.p < 0.001 else f"p = {test.p:.3f}"
    degrees = f"{test.degrees} degree{'' if test.degrees == 1 else 's'} of freedom"
    events = f"{test.events} event{'' if test.events == 1 else 's'}"
    few = "; few: descriptive only" if test.descriptive else ""
    note = f"; {test.note}" if test.note else ""
    return f"chi-square {test.statistic:.2f}, {degrees}, {p}, {events}{few}{note}."


def _by_stratum(
    study: Study, survival: Sequence[TimeToEvent], tests: Sequence[GroupTest]
) -> Output:
    notes = [f"{test.endpoint}, {test.name} test: {_words(test)}" for test in tests]
    return Output(
        "O32",
        "Outcome by group",
        "patient, lesion",
        "The same for each group. Survival is compared by the log-rank test, local "
        "progression by Gray's test; groups whose units are undetermined or not known "
        "are left out of the tests.",
        _rows_of(found for found in survival if found.stratum != ALL),
        tuple(notes),
    )
