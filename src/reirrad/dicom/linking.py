"""Which dose belongs to which plan, structure set and image series.

References between objects decide. Where one leads nowhere, because an export was
incomplete or its identifiers were replaced, the frame of reference decides if it leaves
exactly one candidate, and a finding says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from reirrad.core.links import Link
from reirrad.dicom.audit import Audit
from reirrad.dicom.elements import named
from reirrad.dicom.export import Export
from reirrad.dicom.images import ImageSeries
from reirrad.dicom.loose_doses import without_copies
from reirrad.dicom.rtdose import DoseHeader, header_faults, objects_of
from reirrad.dicom.rtplan import Plan
from reirrad.dicom.rtstruct import StructureSetHeader

__all__ = [
    "BY_FRAME",
    "BY_REFERENCE",
    "LinkedPlan",
    "link",
    "plan_frame",
    "referenced_series",
]

BY_REFERENCE: Final = "by reference"
BY_FRAME: Final = "by frame of reference"
MISSING: Final = "not found"


@dataclass(frozen=True, slots=True, eq=False)
class LinkedPlan:
    """A plan with its doses and the anatomy it was made on.

    Parameters
    ----------
    plan
        None where the export has a dose but not its plan.
    doses
        Its doses, without faults in their headers; one frame of reference.
    dose_link, structures_link, image_link
        How the dose was linked to the plan, the structure set to both, and the image to
        the structure set: "by reference", "by frame of reference" or "not found".
    structure_set, series
        None where there is none.
    """

    plan: Plan | None
    doses: tuple[DoseHeader, ...]
    dose_link: Link
    structure_set: StructureSetHeader | None = None
    structures_link: Link = MISSING
    series: ImageSeries | None = None
    image_link: Link = MISSING

    @property
    def frame_of_reference_uid(self) -> str:
        """Frame of its doses."""
        return self.doses[0].frame_of_reference_uid

    @property
    def label(self) -> str:
        """Label of the plan."""
        return "no RTPLAN" if self.plan is None else self.plan.label

    @property
    def where(self) -> str:
        """The plan, or its first dose, in the reader's words."""
        return self.doses[0].where if self.plan is None else self.plan.found.where


def link(export: Export, audit: Audit) -> tuple[LinkedPlan, ...]:
    """Tie the objects of an export together.

    Returns
    -------
    tuple of LinkedPlan
        One for each plan with a dose, and for each dose whose plan is missing. Doses
        that must not be used, and links that are not clear, are problems in `audit`.
    """
    faulty = {id(dose): header_faults(dose) for dose in export.doses}
    usable = [dose for dose in export.doses if not faulty[id(dose)]]
    linked = _plans_with_doses(export, usable, audit)
    _settle_faulty(export, linked, faulty, audit)
    return tuple(_with_anatomy(one, export, audit) for one in linked)


def _plans_with_doses(
    export: Export, usable: Iterable[DoseHeader], audit: Audit
) -> list[LinkedPlan]:
    referenced: dict[str, list[DoseHeader]] = {}
    without_plan: list[DoseHeader] = []
    for dose in usable:
        uid = _plan_uid(dose)
        if uid in export.plans:
            referenced.setdefault(uid, []).append(dose)
        else:
            without_plan.append(dose)
    of_plans = [dose for doses in referenced.values() for dose in doses]
    loose: dict[tuple[str, str], list[DoseHeader]] = {}
    for dose in without_copies(without_plan, of_plans, audit):
        key = (dose.frame_of_reference_uid, _plan_uid(dose))
        loose.setdefault(key, []).append(dose)
    linked = [
        LinkedPlan(export.plans[uid], tuple(doses), BY_REFERENCE)
        for uid, doses in referenced.items()
    ]
    free = [plan for uid, plan in export.plans.items() if uid not in referenced]
    linked += _by_frame(loose, free, export, audit)
    return [one for one in linked if _in_one_frame(one, audit)]


def _plan_uid(dose: DoseHeader) -> str:
    return dose.plan_uids[0] if dose.plan_uids else ""


def _by_frame(
    loose: dict[tuple[str, str], list[DoseHeader]],
    free: Iterable[Plan],
    export: Export,
    audit: Audit,
) -> Iterable[LinkedPlan]:
    """Doses whose plan is not in the export, with a plan of their frame if clear."""
    for (frame, uid), doses in loose.items():
        rivals = [other for (other, _) in loose if other == frame]
        candidates = [plan for plan in free if plan_frame(plan, export) == frame]
        where = doses[0].where
        if len(candidates) == 1 and len(rivals) == 1:
            audit.note(
                "link-by-frame",
                "warning",
                doses[0].found.path,
                f"{where}: refers to {'a plan that is not' if uid else 'no plan'} in "
                f"the export; it was linked to {candidates[0].found.where}, the only "
                f"plan without a dose in its frame of reference.",
            )
            yield LinkedPlan(candidates[0], tuple(doses), BY_FRAME)
        elif candidates:
            listed = ", ".join(plan.found.path for plan in candidates)
            message = (
                f"{where}: the plan it refers to is not in the export, and more than "
                f"one dose or plan of its frame of reference could belong together "
                f"({listed}). Export dose and plan again with their references."
            )
            audit.refuse(objects_of(doses), message)
            audit.stop(message)
        else:
            yield LinkedPlan(None, tuple(doses), MISSING)


def plan_frame(plan: Plan, export: Export) -> str:
    """Frame of a plan: its own, else that of its structure set."""
    if plan.frame_of_reference_uid:
        return plan.frame_of_reference_uid
    structure_set = export.structure_sets.get(plan.structure_set_uid)
    return "" if structure_set is None else structure_set.frame_of_reference_uid


def _in_one_frame(linked: LinkedPlan, audit: Audit) -> bool:
    other = next(
        (
            dose
            for dose in linked.doses
            if dose.frame_of_reference_uid != linked.frame_of_reference_uid
        ),
        None,
    )
    if other is None:
        return True
    audit.stop(
        f"{linked.doses[0].where} and {other.found.path}: doses of one plan lie "
        f"in different frames of reference ({linked.frame_of_reference_uid} and "
        f"{other.frame_of_reference_uid}). Export them again on one planning image."
    )
    return False


def _settle_faulty(
    export: Export,
    linked: Iterable[LinkedPlan],
    faulty: dict[int, tuple[str, ...]],
    audit: Audit,
) -> None:
    """Refuse doses with faults; a problem only where no other dose stands in."""
    covered = {one.plan.found.sop_instance_uid for one in linked if one.plan}
    for dose in export.doses:
        faults = faulty[id(dose)]
        if not faults:
            continue
        audit.refuse(dose.objects, " ".join(faults))
        if covered.intersection(dose.plan_uids):
            audit.note("dose-refused", "warning", dose.found.path, " ".join(faults))
        else:
            audit.stop(*faults)


def _with_anatomy(linked: LinkedPlan, export: Export, audit: Audit) -> LinkedPlan:
    structure_set, how = _structure_set(linked, export, audit)
    series, image_how = _series(linked, structure_set, export, audit)
    return replace(
        linked,
        structure_set=structure_set,
        structures_link=how,
        series=series,
        image_link=image_how,
    )


def _structure_set(
    linked: LinkedPlan, export: Export, audit: Audit
) -> tuple[StructureSetHeader | None, Link]:
    frame = linked.frame_of_reference_uid
    uids = [] if linked.plan is None else [linked.plan.structure_set_uid]
    uids += [dose.structure_set_uid for dose in linked.doses]
    referenced = next(
        (export.structure_sets[uid] for uid in uids if uid in export.structure_sets),
        None,
    )
    if referenced is not None:
        own = referenced.frame_of_reference_uid
        if own in {"", frame}:
            return referenced, BY_REFERENCE
        audit.stop(
            f"{referenced.found.where} and {linked.doses[0].where}: structures "
            f"and dose lie in different frames of reference ({own} and {frame}). "
            f"Export the structure set that was drawn on the planning image."
        )
        return None, MISSING
    candidates = [
        one
        for one in export.structure_sets.values()
        if one.frame_of_reference_uid == frame
    ]
    if len(candidates) == 1:
        audit.note(
            "link-by-frame",
            "warning",
            candidates[0].found.path,
            f"{linked.where}: refers to no structure set of the export; "
            f"{candidates[0].found.where}, the only one in the same frame of "
            f"reference, was taken.",
        )
        return candidates[0], BY_FRAME
    listed = ", ".join(one.found.path for one in candidates)
    audit.stop(
        f"{linked.where}: {len(candidates)} structure sets lie in its frame of "
        f"reference and it refers to none of them ({listed}). Leave only the right one."
        if candidates
        else f"{linked.where}: there is no RTSTRUCT for this plan ({linked.label!r}) "
        f"in the given paths. Export the structure set that belongs to it."
    )
    return None, MISSING


def _series(
    linked: LinkedPlan,
    structure_set: StructureSetHeader | None,
    export: Export,
    audit: Audit,
) -> tuple[ImageSeries | None, Link]:
    frame = linked.frame_of_reference_uid
    referenced = referenced_series(structure_set, export.series)
    if referenced is not None and referenced.frame_of_reference_uid == frame:
        return referenced, BY_REFERENCE
    if referenced is not None:
        audit.note(
            "image-other-frame",
            "warning",
            referenced.slices[0].path,
            f"{referenced.where}: the structure set of {linked.where} refers to it, "
            f"but it lies in another frame of reference "
            f"({referenced.frame_of_reference_uid}) than the dose ({frame}).",
        )
    candidates = [one for one in export.series if one.frame_of_reference_uid == frame]
    if len(candidates) == 1:
        _note_other_series(linked, structure_set, candidates[0], audit)
        return candidates[0], BY_FRAME
    audit.note(
        "image-missing",
        "warning",
        linked.where,
        f"{linked.where}: "
        + (
            f"{len(candidates)} image series lie in its frame of reference and the "
            f"structure set refers to none of them; none is used."
            if candidates
            else "its planning image is not in the given paths."
        ),
    )
    return None, MISSING


def _note_other_series(
    linked: LinkedPlan,
    structure_set: StructureSetHeader | None,
    taken: ImageSeries,
    audit: Audit,
) -> None:
    """Say that an image was taken although no structure set refers to it."""
    if structure_set is not None and structure_set.series_uids:
        audit.note(
            "structures-on-other-series",
            "warning",
            structure_set.found.path,
            f"{structure_set.found.where}: was drawn on the image series "
            f"{', '.join(structure_set.series_uids)} ({named('SeriesInstanceUID')}), "
            f"which is not in the given paths; {taken.where}, series {taken.uid}, the "
            f"only one in the same frame of reference, is shown instead. Add the "
            f"series that it was drawn on, or make sure that both show the same.",
        )
        return
    audit.note(
        "link-by-frame",
        "warning",
        taken.slices[0].path,
        f"{taken.where}: no structure set refers to it; it was taken as the planning "
        f"image of {linked.where}, being the only series in the same frame of "
        f"reference.",
    )


def referenced_series(
    structure_set: StructureSetHeader | None, series: Iterable[ImageSeries]
) -> ImageSeries | None:
    """The series a structure set was drawn on; the one with most of its images."""
    if structure_set is None:
        return None
    best: ImageSeries | None = None
    most = -1
    for one in series:
        uids = {slice_.sop_instance_uid for slice_ in one.slices}
        shared = len(uids & structure_set.image_uids)
        is_named = one.uid in structure_set.series_uids
        if (is_named or shared) and shared > most:
            best, most = one, shared
    return best
