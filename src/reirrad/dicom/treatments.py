"""Which dose belongs to which plan, structure set and image.

References decide. Where they are broken, the frame of reference does, if it leaves no
choice; every link says how it was made.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar

from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.elements import day, named
from reirrad.dicom.images import ImageSeries
from reirrad.dicom.rtdose import DoseHeader
from reirrad.dicom.rtplan import Plan
from reirrad.dicom.rtstruct import StructureSetHeader

__all__ = ["Found", "Link", "Treatment", "linked", "objects_of", "scan_date"]

Link = Literal["reference", "frame of reference", "none"]
Thing = TypeVar("Thing", StructureSetHeader, ImageSeries)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Every readable object, by kind."""

    doses: tuple[DoseHeader, ...]
    plans: tuple[Plan, ...]
    structure_sets: tuple[StructureSetHeader, ...]
    series: tuple[ImageSeries, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Treatment:
    """One plan, or a dose without one, with what belongs to it.

    Parameters
    ----------
    plan
        None where the export has no plan for the dose.
    doses
        The plan dose, or the doses of its beams.
    structure_set, series
        None where there is none.
    dose_link, structure_link, image_link
        How each was found.
    """

    plan: Plan | None
    doses: tuple[DoseHeader, ...]
    structure_set: StructureSetHeader | None
    series: ImageSeries | None
    dose_link: Link
    structure_link: Link
    image_link: Link

    @property
    def frame_of_reference_uid(self) -> str:
        """Frame of the dose."""
        return self.doses[0].frame_of_reference_uid

    @property
    def where(self) -> str:
        """The treatment in the reader's words."""
        return self.plan.found.where if self.plan else self.doses[0].found.where

    def dated(self) -> tuple[date | None, str]:
        """Its date, and the attribute that it comes from."""
        candidates = (
            (self.plan.plan_date if self.plan else None, named("RTPlanDate")),
            (
                self.structure_set.structure_set_date if self.structure_set else None,
                named("StructureSetDate"),
            ),
            (self.doses[0].study_date, f"{named('StudyDate')} of the dose"),
            (
                scan_date(self.series) if self.series else None,
                "the date of the planning image",
            ),
        )
        return next(
            ((when, source) for when, source in candidates if when), (None, "nothing")
        )


def linked(found: Found, audit: Audit) -> tuple[Treatment, ...]:
    """Tie doses, plans, structure sets and images together.

    What has no place is settled in the audit; what is ambiguous stops the import.
    """
    by_plan, how = _doses_by_plan(found, audit)
    treatments = []
    for plan in found.plans:
        doses = _one_dose(plan, by_plan.pop(plan.found.sop_instance_uid, []), audit)
        if doses:
            link = how[plan.found.sop_instance_uid]
            treatments.append(
                _treatment(found, plan, doses, dose_link=link, audit=audit)
            )
    treatments += [
        _treatment(found, None, (dose,), dose_link="none", audit=audit)
        for doses in by_plan.values()
        for dose in doses
    ]
    return tuple(treatments)


def _doses_by_plan(
    found: Found, audit: Audit
) -> tuple[dict[str, list[DoseHeader]], dict[str, Link]]:
    """Plan UID to its doses; a dose without any plan stands under its own UID."""
    known = {plan.found.sop_instance_uid: plan for plan in found.plans}
    groups: dict[str, list[DoseHeader]] = {}
    how: dict[str, Link] = {}
    orphans = []
    for dose in found.doses:
        hits = [uid for uid in dose.plan_uids if uid in known]
        if len(hits) == 1:
            groups.setdefault(hits[0], []).append(dose)
            how[hits[0]] = "reference"
        elif len(hits) > 1:
            audit.stop(
                f"{dose.found.where}: holds the sum of {len(hits)} plans. Export the "
                f"dose of each plan by itself."
            )
        else:
            orphans.append(dose)
    for dose in orphans:
        plan = _plan_in_frame(found, dose, taken=set(groups))
        uid = dose.found.sop_instance_uid
        if plan is not None:
            uid = plan.found.sop_instance_uid
            how[uid] = "frame of reference"
            audit.note(
                "link-by-frame",
                "warning",
                dose.found.where,
                f"{dose.found.where} refers to no plan of this export; it was tied to "
                f"{plan.found.where} because they share a frame of reference.",
            )
        groups.setdefault(uid, []).append(dose)
    return groups, how


def _plan_in_frame(found: Found, dose: DoseHeader, *, taken: set[str]) -> Plan | None:
    """The only plan without a dose in a dose's frame of reference."""
    frames = {
        one.found.sop_instance_uid: one.frame_of_reference_uid
        for one in found.structure_sets
    }
    fitting = [
        plan
        for plan in found.plans
        if plan.found.sop_instance_uid not in taken
        and dose.frame_of_reference_uid
        in {plan.frame_of_reference_uid, frames.get(plan.structure_set_uid)}
    ]
    return fitting[0] if len(fitting) == 1 else None


def _one_dose(
    plan: Plan, doses: Sequence[DoseHeader], audit: Audit
) -> tuple[DoseHeader, ...]:
    """The dose of a whole plan: one plan dose, or every beam."""
    whole = [dose for dose in doses if dose.summation == "PLAN"]
    beams = [dose for dose in doses if dose.summation == "BEAM"]
    if len(whole) > 1:
        listed = " and ".join(dose.found.path for dose in whole)
        audit.stop(
            f"{plan.found.where}: has {len(whole)} different plan doses, {listed}. "
            f"Remove all but the one that was treated."
        )
        return ()
    if whole:
        audit.ignore([dose.found for dose in beams], "beam dose; the plan dose is used")
        return tuple(whole)
    if not beams:
        audit.ignore([plan.found], "plan without dose")
        return ()
    return _complete_beams(plan, beams, audit)


def _complete_beams(
    plan: Plan, beams: Sequence[DoseHeader], audit: Audit
) -> tuple[DoseHeader, ...]:
    held = [number for dose in beams for number in dose.beams]
    missing = sorted(set(plan.treatment_beams) - set(held))
    twice = sorted({number for number in held if held.count(number) > 1})
    unclear = [dose.found.path for dose in beams if not dose.beams]
    if missing or twice or unclear or not plan.treatment_beams:
        faults = [
            f"beam {', '.join(map(str, missing))} missing" if missing else "",
            f"beam {', '.join(map(str, twice))} twice" if twice else "",
            f"no beam number in {', '.join(unclear)}" if unclear else "",
            "" if plan.treatment_beams else "the plan lists no treatment beam",
        ]
        audit.stop(
            f"{plan.found.where}: beam doses are summed only when complete; found "
            f"{'; '.join(fault for fault in faults if fault)}. Export the plan dose, "
            f"or the dose of every beam."
        )
        return ()
    return tuple(beams)


def _treatment(
    found: Found,
    plan: Plan | None,
    doses: tuple[DoseHeader, ...],
    *,
    dose_link: Link,
    audit: Audit,
) -> Treatment:
    where = plan.found.where if plan else doses[0].found.where
    frame = doses[0].frame_of_reference_uid
    wanted = plan.structure_set_uid if plan else doses[0].structure_set_uid
    structure_set, structure_link = _chosen(
        [s for s in found.structure_sets if s.found.sop_instance_uid == wanted],
        [s for s in found.structure_sets if s.frame_of_reference_uid == frame],
        where=where,
        what="structure set",
        audit=audit,
        preferred=_latest,
    )
    if structure_set is not None and structure_set.frame_of_reference_uid != frame:
        audit.stop(
            f"{structure_set.found.where} and {doses[0].found.where}: belong to one "
            f"plan but lie in different frames of reference "
            f"({named('FrameOfReferenceUID')}). Export both on one planning image."
        )
    series_uids = structure_set.series_uids if structure_set else ()
    series, image_link = _chosen(
        [s for s in found.series if s.uid in series_uids],
        [s for s in found.series if s.frame_of_reference_uid == frame],
        where=where,
        what="planning image",
        audit=audit,
        preferred=lambda several: max(several, key=lambda s: len(s.slices)),
    )
    return Treatment(
        plan, doses, structure_set, series, dose_link, structure_link, image_link
    )


def _latest(several: Sequence[StructureSetHeader]) -> StructureSetHeader | None:
    """The structure set with the latest date, if there is just one of that date."""
    days = [one.structure_set_date for one in several if one.structure_set_date]
    latest = [one for one in several if days and one.structure_set_date == max(days)]
    return latest[0] if len(latest) == 1 else None


def _chosen(
    referenced: Sequence[Thing],
    in_frame: Sequence[Thing],
    *,
    where: str,
    what: str,
    audit: Audit,
    preferred: Callable[[Sequence[Thing]], Thing | None],
) -> tuple[Thing | None, Link]:
    """What a treatment refers to, else the only choice in its frame of reference."""
    if referenced:
        return (referenced[0] if len(referenced) == 1 else preferred(referenced)), (
            "reference"
        )
    if not in_frame:
        return None, "none"
    choice = in_frame[0] if len(in_frame) == 1 else preferred(in_frame)
    if choice is None:
        audit.stop(
            f"{where}: refers to no {what} of this export, and {len(in_frame)} share "
            f"its frame of reference. Export the one it was made on alone."
        )
        return None, "none"
    audit.note(
        "link-by-frame",
        "warning",
        where,
        f"{where} refers to no {what} of this export; one in the same frame of "
        f"reference was taken ({len(in_frame)} to choose from).",
    )
    return choice, "frame of reference"


def scan_date(series: ImageSeries) -> date | None:
    """Acquisition, series or study date of a scan, whichever is there first."""
    dataset = series.slices[0].dataset
    days = (day(dataset, k) for k in ("AcquisitionDate", "SeriesDate", "StudyDate"))
    return next((found for found in days if found), None)


def objects_of(treatment: Treatment) -> Iterable[tuple[str, Sequence[FoundObject]]]:
    """Roles and objects of a treatment, for the audit."""
    if treatment.plan:
        yield "plan", [treatment.plan.found]
    yield "dose", [dose.found for dose in treatment.doses]
    if treatment.structure_set:
        yield "structures", [treatment.structure_set.found]
    if treatment.series:
        yield "planning image", treatment.series.slices
