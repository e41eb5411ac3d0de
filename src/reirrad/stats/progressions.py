"""Progressions after re-irradiation: recorded, or told by a response alone."""

from dataclasses import dataclass
from datetime import date

from reirrad.core.cohort.clinical_rules import ClinicalRules
from reirrad.stats.evaluations import evaluations
from reirrad.stats.treated import Treated

__all__ = ["Progressed", "progressions", "without_record"]


@dataclass(frozen=True, slots=True)
class Progressed:
    """A progression after the first day of the first re-irradiation.

    Parameters
    ----------
    day
        When.
    local
        Whether it is of a treated lesion.
    lesion
        Which; None where not told.
    number
        Of the record of progression; None where only a response tells of it.
    """

    day: date
    local: bool
    lesion: int | None
    number: int | None


def progressions(one: Treated, rules: ClinicalRules) -> tuple[Progressed, ...]:
    """Progressions of a patient, earliest first.

    A response that is a progression counts as one on its day: of the patient, or where
    it is the response of a lesion, of that lesion. A new lesion is one of the patient
    whatever category is recorded beside it. What is dated on the first day of the first
    re-irradiation is before it.
    """
    found = [
        Progressed(
            record.date, record.place == "local", record.lesion, number=record.number
        )
        for record in one.records.progression
        if record.date > one.first.start_date
    ]
    lesions = {record.lesion for record in one.records.response}
    for lesion in sorted(lesions, key=lambda number: number or 0):
        found += [
            Progressed(seen.day, lesion is not None, lesion, number=None)
            for seen in evaluations(one, rules, lesion=lesion)
            if seen.category == "PD"
        ]
        found += _with_new_lesion(one, lesion)
    # A record before a response of the same day, since it says more.
    return tuple(
        sorted(
            found,
            key=lambda one: (
                one.day,
                one.number is None,
                one.number or 0,
                not one.local,
            ),
        )
    )


def _with_new_lesion(one: Treated, lesion: int | None) -> list[Progressed]:
    """New lesions that the response of a single lesion tells of."""
    if lesion is None:
        return []
    return [
        Progressed(record.date, local=False, lesion=None, number=None)
        for record in one.records.response
        if record.lesion == lesion
        and record.new_lesion
        and not record.baseline
        and record.date > one.first.start_date
    ]


def without_record(found: tuple[Progressed, ...]) -> tuple[Progressed, ...]:
    """Progressions of which no record tells up to their day, each once."""
    known: set[int | None] = set()
    new = []
    for progressed in found:
        lesion = progressed.lesion if progressed.local else None
        if progressed.number is None and lesion not in known:
            new.append(progressed)
        known |= {None, lesion}
    return tuple(new)
