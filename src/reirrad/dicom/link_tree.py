"""How the objects of courses were tied together, for reading."""

from dataclasses import dataclass

from reirrad.dicom.dating import DatedPlan, PlanGroup
from reirrad.dicom.rtdose import DoseHeader

__all__ = ["LinkNode", "link_tree"]


@dataclass(frozen=True, slots=True)
class LinkNode:
    """One object, or group of objects, and what hangs on it.

    Parameters
    ----------
    kind
        "course", "plan", "dose", "structures" or "image".
    label
        What to call it.
    path
        File, or the first of several; empty for a course or a missing object.
    link
        How it was tied to its parent: "by reference", "by frame of reference" or "not
        found"; empty for a course.
    children
        What hangs on it.
    """

    kind: str
    label: str
    path: str
    link: str
    children: tuple["LinkNode", ...] = ()


def link_tree(group: PlanGroup, number: int) -> LinkNode:
    """Tree of one course: course > plan > dose, structures > image."""
    plans = tuple(_plan_node(one) for one in group.plans)
    date = group.start_date or "no date"
    return LinkNode("course", f"course {number}, {date}, {group.label}", "", "", plans)


def _plan_node(dated: DatedPlan) -> LinkNode:
    linked = dated.linked
    plan = linked.plan
    doses = tuple(_dose_node(dose, linked.dose_link) for dose in linked.doses)
    image = LinkNode("image", "no image", "", linked.image_link)
    if linked.series is not None:
        series = linked.series
        image = LinkNode(
            "image",
            f"{series.modality}, {series.n_slices} slice(s)",
            series.slices[0].path,
            linked.image_link,
        )
    structure_set = linked.structure_set
    structures = LinkNode(
        "structures",
        "no RTSTRUCT" if structure_set is None else "RTSTRUCT",
        "" if structure_set is None else structure_set.found.path,
        linked.structures_link,
        (image,),
    )
    date = f"{dated.start_date or 'no date'} ({dated.source})"
    return LinkNode(
        "plan",
        f"{linked.label}, {date}",
        "" if plan is None else plan.found.path,
        "not found" if plan is None else "",
        (*doses, structures),
    )


def _dose_node(dose: DoseHeader, how: str) -> LinkNode:
    beams = f", beam {', '.join(map(str, dose.beams))}" if dose.beams else ""
    return LinkNode("dose", f"RTDOSE {dose.summation}{beams}", dose.found.path, how)
