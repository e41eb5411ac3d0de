"""Oligometastatic states of Guckenberger et al. (Lancet Oncol 2020;21:e18)."""

from itertools import product

from reirrad.core.cohort.terms import OligometastaticState
from reirrad.core.cohort.treatment_records import Course

__all__ = ["course_state", "oligometastatic_conflict", "oligometastatic_state"]


def oligometastatic_state(
    *,
    polymetastatic_before: bool | None,
    oligometastatic_before: bool | None,
    over_6_months_from_diagnosis: bool | None,
    active_systemic_therapy: bool | None,
    progressive_lesion: bool | None,
) -> OligometastaticState | None:
    """State that the five answers lead to, by the decision tree.

    Parameters
    ----------
    polymetastatic_before
        Polymetastatic disease at any time before: induced.
    oligometastatic_before
        Oligometastatic disease at any time before: repeat.
    over_6_months_from_diagnosis
        Found more than six months after the primary diagnosis; asked where the disease
        is new.
    active_systemic_therapy
        Under active systemic therapy when found; otherwise recurrence.
    progressive_lesion
        Any lesion progressive on current imaging: progression, otherwise persistence.
        New disease found under therapy is progression whatever the answer: the nine
        states know no new persistence.

    Returns
    -------
    OligometastaticState or None
        None while an answer that matters is missing; the others may be.
    """
    given = (
        polymetastatic_before,
        oligometastatic_before,
        over_6_months_from_diagnosis,
        active_systemic_therapy,
        progressive_lesion,
    )
    possible = [(True, False) if one is None else (one,) for one in given]
    states = {_state(answers) for answers in product(*possible)}
    return states.pop() if len(states) == 1 else None


def course_state(course: Course) -> OligometastaticState | None:
    """State of the disease that a course treated, from the answers kept with it."""
    return oligometastatic_state(
        polymetastatic_before=course.polymetastatic_before,
        oligometastatic_before=course.oligometastatic_before,
        over_6_months_from_diagnosis=course.over_6_months_from_diagnosis,
        active_systemic_therapy=course.active_systemic_therapy,
        progressive_lesion=course.progressive_lesion,
    )


def oligometastatic_conflict(course: Course) -> str:
    """How the reported state differs from the answers; empty where it does not.

    A state that was reported is compared only where the answers decide.
    """
    state, reported = course_state(course), course.oligometastatic_state_reported
    if state is None or reported is None or state == reported:
        return ""
    return (
        f"Course {course.number} of {course.patient}: reported as {_words(reported)}, "
        f"but the answers lead to {_words(state)}. Check the answers or the report."
    )


def _state(answers: tuple[bool, ...]) -> OligometastaticState:
    polymetastatic, oligometastatic, late, treated, progressive = answers
    if polymetastatic:
        if not treated:
            return "induced_oligorecurrence"
        return "induced_oligoprogression" if progressive else "induced_oligopersistence"
    if oligometastatic:
        if not treated:
            return "repeat_oligorecurrence"
        return "repeat_oligoprogression" if progressive else "repeat_oligopersistence"
    return _new_disease(late=late, treated=treated)


def _new_disease(*, late: bool, treated: bool) -> OligometastaticState:
    if not late:
        return "synchronous_oligometastatic"
    return (
        "metachronous_oligoprogression" if treated else "metachronous_oligorecurrence"
    )


def _words(state: str) -> str:
    return state.replace("_", " ")
