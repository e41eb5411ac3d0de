"""How the objects of courses were tied together, for reading."""

from reirrad.core.links import Link, LinkNode
from reirrad.dicom.dating import DatedPlan, PlanGroup
from reirrad.dicom.rtdose import DoseHeader

__all__ = ["link_tree"]


def link_tree(group: PlanGroup, number: int) -> LinkNode:
    """Tree of one course: course > plan > dose, structures > image."""
    plans = tuple(_plan_node(one) for one in group.plans)
    date = group.start_date or "no date"
    label = f"course {number}, {date}, {group.label}"
    return LinkNode("course", label, "", "by patient ID", plans)


def _plan_node(dated: DatedPlan) -> LinkNode:
    """A plan belongs to the course of its frame of reference in which its date is."""
    linked = dated.linked
    plan = linked.plan
    doses = tuple(_dose_node(dose, linked.dose_link) for dose in linked.doses)
    image = LinkNode("image", "no image", "", linked.image_link)
    if linked.series is not None:
        series = linked.series
        image = LinkNode(
            "image",
            f"{series.modality}, {len(series.slices)} slice(s)",
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
    dating = "no date" if dated.start_date is None else f"dated by {dated.source}"
    how: Link = "not found" if plan is None else "by date"
    label = "no RTPLAN" if plan is None else f"RTPLAN {linked.label}"
    return LinkNode(
        "plan",
        f"{label}, {dating}",
        "" if plan is None else plan.found.path,
        how,
        (*doses, structures),
    )


def _dose_node(dose: DoseHeader, how: Link) -> LinkNode:
    beams = f", beam {', '.join(map(str, dose.beams))}" if dose.beams else ""
    return LinkNode("dose", f"RTDOSE {dose.summation}{beams}", dose.found.path, how)
