"""When a course began, and which plans make one course.

See ``docs/decisions/0004-what-is-a-course.md``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from reirrad.dicom.audit import Audit
from reirrad.dicom.linking import LinkedPlan

__all__ = ["DatedPlan", "PlanGroup", "courses_of"]


@dataclass(frozen=True, slots=True, eq=False)
class DatedPlan:
    """A linked plan with its date.

    Parameters
    ----------
    linked
        The plan.
    start_date
        None where nothing dates it.
    source
        Where the date stands, in the reader's words.
    """

    linked: LinkedPlan
    start_date: date | None
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class PlanGroup:
    """The plans of one course, earliest first."""

    plans: tuple[DatedPlan, ...]

    @property
    def start_date(self) -> date | None:
        """Date of the first plan."""
        return self.plans[0].start_date

    @property
    def label(self) -> str:
        """Labels of the plans."""
        return " + ".join(dict.fromkeys(one.linked.label for one in self.plans))

    @property
    def frame_of_reference_uid(self) -> str:
        """Frame of all its doses."""
        return self.plans[0].linked.frame_of_reference_uid


def courses_of(
    linked: Iterable[LinkedPlan],
    *,
    start_dates: Mapping[str, date],
    same_course_days: float,
    short_interval_days: float,
    audit: Audit,
) -> tuple[PlanGroup, ...]:
    """Group plans into courses, earliest first.

    Parameters
    ----------
    linked : iterable of LinkedPlan
    start_dates : mapping
        The user's own: plan label or frame of reference UID to date.
    same_course_days : float
        Plans of one frame of reference dated at most this far apart, each from the one
        before, are one course.
    short_interval_days : float
        Courses that begin less far apart are told.
    audit : Audit
        Receives missing and equal dates as problems, and where dates come from.
    """
    dated = [_dated(one, start_dates) for one in linked]
    _refuse_unknown_keys(start_dates, dated, audit)
    frames: dict[str, list[DatedPlan]] = {}
    for one in dated:
        frames.setdefault(one.linked.frame_of_reference_uid, []).append(one)
    groups = [
        PlanGroup(tuple(part))
        for plans in frames.values()
        for part in _split(plans, same_course_days)
    ]
    groups.sort(key=lambda group: group.start_date or date.max)
    _check_dates(groups, same_course_days, audit)
    _note_short_intervals(groups, same_course_days, short_interval_days, audit)
    return tuple(groups)


def _dated(linked: LinkedPlan, start_dates: Mapping[str, date]) -> DatedPlan:
    label = linked.label
    frame = linked.frame_of_reference_uid
    own = start_dates.get(label) or start_dates.get(frame)
    choices: list[tuple[date | None, str]] = [(own, "settings start_date")]
    if linked.plan is not None:
        choices.append((linked.plan.plan_date, "RT Plan Date (300A,0006)"))
    if linked.series is not None:
        choices.append((linked.series.image_date, "date of the planning image"))
    if linked.structure_set is not None:
        drawn = linked.structure_set.structure_set_date
        choices.append((drawn, "Structure Set Date (3006,0008)"))
    studied = linked.doses[0].study_date
    choices.append((studied, "Study Date (0008,0020) of the RTDOSE"))
    found, source = next(
        (choice for choice in choices if choice[0] is not None), (None, "nowhere")
    )
    return DatedPlan(linked, found, source)


def _split(
    plans: Sequence[DatedPlan], same_course_days: float
) -> Iterable[list[DatedPlan]]:
    """Plans of one frame, cut where the gap is too long; undated ones stay apart."""
    ordered = sorted(
        (one for one in plans if one.start_date is not None),
        key=lambda one: (one.start_date or date.max, one.linked.where),
    )
    part: list[DatedPlan] = []
    for one in ordered:
        if part and _days(part[-1], one) > same_course_days:
            yield part
            part = []
        part.append(one)
    if part:
        yield part
    undated = [one for one in plans if one.start_date is None]
    if undated:
        yield undated


def _days(earlier: DatedPlan, later: DatedPlan) -> int:
    if earlier.start_date is None or later.start_date is None:
        return 0
    return (later.start_date - earlier.start_date).days


def _refuse_unknown_keys(
    start_dates: Mapping[str, date], dated: Sequence[DatedPlan], audit: Audit
) -> None:
    known = {one.linked.label for one in dated}
    known |= {one.linked.frame_of_reference_uid for one in dated}
    for key in start_dates:
        if dated and key not in known:
            listed = ", ".join(repr(name) for name in sorted(known))
            audit.stop(
                f"settings start_date.{key}: no plan has this label or frame of "
                f"reference. Use one of {listed}."
            )


def _check_dates(
    groups: Sequence[PlanGroup], same_course_days: float, audit: Audit
) -> None:
    for group in groups:
        if group.start_date is None:
            audit.stop(
                f"{group.plans[0].linked.where}: neither plan, image, structure set "
                f"nor dose has a date. Give it in the settings: [start_date] "
                f'"{group.frame_of_reference_uid}" = YYYY-MM-DD.'
            )
    for left, right in pairwise(group for group in groups if group.start_date):
        days = _days(left.plans[0], right.plans[0])
        names = f"{left.plans[0].linked.where} and {right.plans[0].linked.where}"
        if days == 0:
            audit.stop(
                f"{names}: two courses have the same date, {left.start_date}, so "
                f"which was first is unknown. Give the dates in the settings: "
                f'[start_date] "{left.frame_of_reference_uid}" = YYYY-MM-DD and '
                f'"{right.frame_of_reference_uid}" = YYYY-MM-DD.'
            )
        elif days <= same_course_days:
            audit.note(
                "courses-close-in-time",
                "warning",
                "courses",
                f"{names}: begin only {days} days apart. If they are one course "
                f"planned on two images, the interval does not mean what it says.",
            )


def _note_short_intervals(
    groups: Sequence[PlanGroup],
    same_course_days: float,
    short_interval_days: float,
    audit: Audit,
) -> None:
    """Say where tissue had little time; closer courses have a word of their own."""
    for left, right in pairwise(group for group in groups if group.start_date):
        days = _days(left.plans[0], right.plans[0])
        if same_course_days < days < short_interval_days:
            audit.note(
                "interval-short",
                "warning",
                "courses",
                f"{left.plans[0].linked.where} and {right.plans[0].linked.where}: "
                f"begin {days} days apart, less than {short_interval_days:g}. Tissue "
                f"had little time to recover; check the dates, and be careful with "
                f"the dose.",
            )
