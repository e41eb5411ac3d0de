"""Evaluations by RECIST 1.1: as recorded, or from the sums of diameters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from reirrad.core.cohort.clinical_records import Response
from reirrad.core.cohort.clinical_rules import ClinicalRules
from reirrad.core.cohort.recist import RecistCategory, recist_category
from reirrad.stats.treated import Treated

__all__ = ["Evaluation", "evaluations"]

NOT_EVALUABLE = "NE"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An imaging after the first day of the first re-irradiation.

    Parameters
    ----------
    day
        Date of the imaging.
    recorded
        Category as recorded, "NE" where it was not evaluable; None where not known.
    derived
        Category by the sums of diameters; None where not known.
    new_lesion
        Whether the imaging of the patient as a whole shows a new lesion.
    """

    day: date
    recorded: str | None
    derived: RecistCategory | None
    new_lesion: bool = False

    @property
    def category(self) -> RecistCategory | None:
        """The recorded category, else the derived one; None where not evaluable.

        A new lesion is a progression whatever is recorded beside it (RECIST 1.1).
        """
        if self.new_lesion:
            return "PD"
        match self.recorded:
            case "CR" | "PR" | "SD" | "PD":
                return self.recorded
            case None:
                return self.derived
            case _:
                return None


def evaluations(
    one: Treated, rules: ClinicalRules, *, lesion: int | None = None
) -> tuple[Evaluation, ...]:
    """Evaluations of the patient as a whole or of one lesion, earliest first.

    The baseline of the sums is the last imaging from the end of the course before a
    re-irradiation to its first day that is recorded as baseline, else the last one in
    that time before the first. Without one there is no response by the sums. What is
    dated on the first day of the first re-irradiation is before it.
    """
    found = sorted(
        (record for record in one.records.response if record.lesion == lesion),
        key=lambda record: (record.date, record.number),
    )
    return tuple(
        Evaluation(
            record.date,
            record.category,
            _derived(one, record, found, rules),
            new_lesion=record.lesion is None and record.new_lesion is True,
        )
        for record in found
        if not record.baseline and record.date > one.first.start_date
    )


def _derived(
    one: Treated, now: Response, found: Sequence[Response], rules: ClinicalRules
) -> RecistCategory | None:
    """Category of the sum; a new lesion is a progression of the patient alone."""
    whole = now.lesion is None
    if whole and now.new_lesion:
        return "PD"
    before = _baseline(one, now, found)
    if before is None or now.sum_of_diameters_mm is None:
        return None
    if whole and now.new_lesion is None:
        return None
    day, baseline_mm = before
    since = [
        record.sum_of_diameters_mm
        for record in found
        if day <= record.date < now.date and record.sum_of_diameters_mm is not None
    ]
    return recist_category(
        baseline_mm=baseline_mm,
        nadir_mm=min(since, default=baseline_mm),
        now_mm=now.sum_of_diameters_mm,
        new_lesion=False,
        rules=rules.recist,
    )


def _baseline(
    one: Treated, now: Response, found: Sequence[Response]
) -> tuple[date, float] | None:
    """Day and sum before the last re-irradiation that has one, above 0 mm."""
    for course in reversed(one.courses):
        earlier = [
            other.end_date
            for other in one.records.course
            if other.start_date < course.start_date
        ]
        ends = [end for end in earlier if end is not None]
        if course.start_date >= now.date or not ends or len(ends) < len(earlier):
            continue
        best = _last_baseline(
            record
            for record in found
            if max(ends) <= record.date <= course.start_date
            and record.sum_of_diameters_mm is not None
            and (record.baseline or course == one.first)
        )
        if best is not None:
            return (best.date, mm) if (mm := best.sum_of_diameters_mm) else None
    return None


def _last_baseline(records: Iterable[Response]) -> Response | None:
    return max(
        records,
        key=lambda record: (bool(record.baseline), record.date, record.number),
        default=None,
    )
