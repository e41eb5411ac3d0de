"""Times to death, progression and local progression, from the end of re-irradiation."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from reirrad.core.cohort.clinical_rules import ClinicalRules
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.stats.evaluations import evaluations
from reirrad.stats.output_rows import in_stratum
from reirrad.stats.progressions import Progressed, progressions
from reirrad.stats.strata import ALL
from reirrad.stats.study import Study
from reirrad.stats.times import CENSORED, COMPETING, EVENT, Observed
from reirrad.stats.treated import Treated, lesions_in, months_between

__all__ = [
    "FOLLOW_UP",
    "LOCAL_CONTROL",
    "LOCAL_PROGRESSION",
    "ONE_LESION",
    "OVERALL_SURVIVAL",
    "PROGRESSION_FREE",
    "ambiguous_local_progressions",
    "follow_up",
    "followed_months",
    "last_imaging",
    "local_control",
    "local_progression",
    "local_progression_one_lesion",
    "overall_survival",
    "progression_free_survival",
]

OVERALL_SURVIVAL = "overall survival"
PROGRESSION_FREE = "progression-free survival"
LOCAL_PROGRESSION = "local progression"
LOCAL_CONTROL = "local control, deaths censored"
ONE_LESION = "local progression, one lesion per patient"
FOLLOW_UP = "follow-up"

Timed = tuple[float, int]
"""Months from the end of re-irradiation, and what happened then."""


def overall_survival(study: Study) -> list[Observed]:
    """Death of any cause; censored when last known to be alive.

    Who died on an unknown day is missing: censored, the death would not count. The same
    holds for every other endpoint unless the disease progressed before.
    """
    return _observed(study, OVERALL_SURVIVAL, "patient", study.by_patient(_survival))


def follow_up(study: Study) -> list[Observed]:
    """The same times as overall survival, for the reverse Kaplan-Meier estimate."""
    return _observed(study, FOLLOW_UP, "patient", study.by_patient(_survival))


def progression_free_survival(study: Study) -> list[Observed]:
    """Progression anywhere or death; censored at the last imaging."""
    times = study.by_patient(partial(_progression_free, rules=study.rules))
    return _observed(study, PROGRESSION_FREE, "patient", times)


def local_progression(study: Study) -> list[Observed]:
    """Progression of a lesion; death without it competes; censored at last imaging."""
    times = study.by_lesion(partial(_local, rules=study.rules))
    return _observed(study, LOCAL_PROGRESSION, "lesion", times)


def local_control(study: Study) -> list[Observed]:
    """Local progression with deaths censored, for comparison."""
    times = study.by_lesion(
        lambda *lesion: _deaths_censored(_local(*lesion, rules=study.rules))
    )
    return _observed(study, LOCAL_CONTROL, "lesion", times)


def local_progression_one_lesion(study: Study) -> list[Observed]:
    """Local progression of the first lesion of each patient alone."""
    times = study.by_patient(partial(_first_lesion, rules=study.rules))
    known = [(stratum, timed) for stratum, (there, timed) in times if there]
    return _observed(study, ONE_LESION, "patient", known)


def _observed(
    study: Study,
    endpoint: str,
    unit: str,
    times: Sequence[tuple[str, Timed | None]],
) -> list[Observed]:
    """All units first, then each group."""
    groups = []
    for stratum in (ALL, *study.strata):
        within = in_stratum(times, stratum)
        known = [timed for timed in within if timed is not None]
        groups.append(
            Observed(
                endpoint,
                stratum,
                unit,
                tuple(months for months, _ in known),
                tuple(outcome for _, outcome in known),
                len(within) - len(known),
            )
        )
    return groups


def _months_after(course: Course, day: date | None) -> float | None:
    """Months from the end of a course; None for a day before it began.

    A day during the course counts as its end, so that nothing that happened under
    treatment is lost.
    """
    if day is None or day < course.start_date:
        return None
    months = months_between(course.end_date, day)
    return None if months is None else max(0.0, months)


def followed_months(one: Treated) -> float | None:
    """Months from the end of the first re-irradiation to death or last contact.

    None where neither is known, and where the patient died on an unknown day.
    """
    timed = _survival(one)
    return None if timed is None else timed[0]


def _survival(one: Treated) -> Timed | None:
    followup = one.followup
    if followup.death_date is not None:
        return _timed(_months_after(one.first, followup.death_date), EVENT)
    if one.died_unknown_day:
        return None
    return _timed(_months_after(one.first, followup.last_contact_date), CENSORED)


def _timed(months: float | None, outcome: int) -> Timed | None:
    return None if months is None else (months, outcome)


def _progression_free(one: Treated, rules: ClinicalRules) -> Timed | None:
    if one.first.end_date is None:
        return None
    progressed = _first_after(one.first, progressions(one, rules))
    if progressed is not None:
        return progressed, EVENT
    followup = one.followup
    if followup.death_date is not None:
        return _timed(_months_after(one.first, followup.death_date), EVENT)
    if one.died_unknown_day:
        return None
    return _timed(_months_after(one.first, last_imaging(one, rules)), CENSORED)


def last_imaging(
    one: Treated, rules: ClinicalRules, *, lesion: int | None = None
) -> date | None:
    """Day of the last imaging that could show a progression; None if not known.

    The recorded day, or a later one of which a response is known: of the patient as a
    whole, and for a lesion its own too. What was not evaluable shows nothing.
    """
    known = [*evaluations(one, rules)]
    if lesion is not None:
        known += evaluations(one, rules, lesion=lesion)
    days = [seen.day for seen in known if seen.category is not None]
    recorded = one.followup.last_imaging_date
    return max([*days, *([recorded] if recorded else [])], default=None)


def _first_after(course: Course, found: Sequence[Progressed]) -> float | None:
    """Months to the first progression; one on the first day was there before."""
    months = [
        _months_after(course, progressed.day)
        for progressed in found
        if progressed.day > course.start_date
    ]
    return min((value for value in months if value is not None), default=None)


def ambiguous_local_progressions(
    one: Treated, rules: ClinicalRules
) -> tuple[Progressed, ...]:
    """Local progressions that do not say of which of several lesions they are."""
    return tuple(
        found
        for found in progressions(one, rules)
        if found.local
        and found.lesion is None
        and len(_treated_before(one, found.day)) > 1
    )


def _treated_before(one: Treated, day: date) -> list[Lesion]:
    """Lesions of every course that had begun, re-irradiation or not."""
    begun = {course.number for course in one.records.course if course.start_date < day}
    return [lesion for lesion in one.records.lesion if lesion.course in begun]


def _is_of(one: Treated, progressed: Progressed, lesion: Lesion) -> bool:
    if not progressed.local:
        return False
    if progressed.lesion is not None:
        return progressed.lesion == lesion.number
    return _treated_before(one, progressed.day) == [lesion]


def _local(
    one: Treated, course: Course, lesion: Lesion, *, rules: ClinicalRules
) -> Timed | None:
    own = [found for found in progressions(one, rules) if _is_of(one, found, lesion)]
    progressed = _first_after(course, own)
    if progressed is not None:
        return progressed, EVENT
    unclear = ambiguous_local_progressions(one, rules)
    if _first_after(course, unclear) is not None:
        return None
    followup = one.followup
    if followup.death_date is not None:
        return _timed(_months_after(course, followup.death_date), COMPETING)
    if one.died_unknown_day:
        return None
    imaged = last_imaging(one, rules, lesion=lesion.number)
    return _timed(_months_after(course, imaged), CENSORED)


def _deaths_censored(timed: Timed | None) -> Timed | None:
    if timed is None:
        return None
    months, outcome = timed
    return months, EVENT if outcome == EVENT else CENSORED


def _first_lesion(one: Treated, rules: ClinicalRules) -> tuple[bool, Timed | None]:
    """Whether there is a lesion at all, and the time of the first."""
    for course in one.courses:
        for lesion in lesions_in(one, course):
            return True, _local(one, course, lesion, rules=rules)
    return False, None
