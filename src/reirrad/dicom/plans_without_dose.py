"""Plans that no dose belongs to: what is lost with them.

See ``docs/decisions/0038-doubtful-plans-doses-and-links.md``.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from reirrad.dicom.audit import Audit
from reirrad.dicom.dating import DatedPlan, PlanGroup
from reirrad.dicom.export import Export
from reirrad.dicom.linking import plan_frame
from reirrad.dicom.rtplan import Plan

__all__ = ["settle_plans_without_dose"]


def settle_plans_without_dose(
    export: Export,
    groups: Sequence[PlanGroup],
    *,
    start_dates: Mapping[str, date],
    same_course_days: float,
    audit: Audit,
) -> None:
    """Refuse a plan without dose that may be a lost course; note any other.

    It may be one if its frame of reference has no dose, or if it is dated further from
    every plan with dose of its frame than plans of one course are. That there is no
    dose at all is said once, of the whole input.

    Parameters
    ----------
    export, groups
        Everything that was read, and the courses with dose.
    start_dates, same_course_days
        See :func:`~reirrad.dicom.dating.courses_of`.
    audit
        Receives a problem or a finding for each plan without dose.
    """
    if not export.doses:
        return
    dated = [one for group in groups for one in group.plans]
    covered = {
        one.linked.plan.found.sop_instance_uid for one in dated if one.linked.plan
    }
    covered |= {uid for dose in export.doses for uid in dose.plan_uids}
    frames = {dose.frame_of_reference_uid for dose in export.doses}
    for uid, plan in export.plans.items():
        if uid in covered:
            continue
        frame = plan_frame(plan, export)
        audit.ignore([plan.found], "no RTDOSE refers to this plan")
        own = start_dates.get(plan.label) or start_dates.get(frame)
        day = own or plan.plan_date
        same_frame = (
            one for one in dated if one.linked.frame_of_reference_uid == frame
        )
        if frame not in frames:
            audit.stop(_missing(plan))
        elif day is not None and _far(day, same_frame, same_course_days):
            audit.stop(_lost(plan, day, same_course_days))
        else:
            message = _missing(plan)
            audit.note("plan-without-dose", "warning", plan.found.path, message)


def _far(day: date, plans: Iterable[DatedPlan], same_course_days: float) -> bool:
    """Whether a day is too far from every plan to be in the course of one."""
    days = [abs((one.start_date - day).days) for one in plans if one.start_date]
    return bool(days) and min(days) > same_course_days


def _missing(plan: Plan) -> str:
    return (
        f"{plan.found.where}: no RTDOSE belongs to this plan ({plan.label!r}). "
        f"Export its dose, or leave the plan out if it was not treated."
    )


def _lost(plan: Plan, day: date, same_course_days: float) -> str:
    return (
        f"{plan.found.where}: no RTDOSE belongs to this plan ({plan.label!r}), and it "
        f"is dated {day}, more than {same_course_days:g} days from every plan with "
        f"dose on this image: it may be a course of its own. Add its RTDOSE, or take "
        f"this file out of the input if the plan was not treated."
    )
