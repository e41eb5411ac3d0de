"""How far the new targets lie from the organs and from the older targets."""

from collections.abc import Sequence

from reirrad.core.distance_results import TargetDistance
from reirrad.reports.blocks import Block, Cell, Column, Paragraph, Row, Section, Table
from reirrad.reports.wording import NONE, decimal, interval, with_unit

__all__ = ["distance_section"]

MOST_ORGANS = 10
MEANING = (
    "Least distance between the surfaces of the structures as drawn. A number after ± "
    "is the stated accuracy of the registration, where a structure was carried over "
    "from another course; organs move besides."
)


def distance_section(distances: Sequence[TargetDistance]) -> Section:
    """The ten nearest organs, then every older target."""
    organs = _nearest([one for one in distances if one.other_kind == "organ"])
    targets = _nearest([one for one in distances if one.other_kind == "target"])
    blocks: list[Block] = []
    days = [one.interval_days for one in distances if one.interval_days is not None]
    if days:
        blocks.append(
            Paragraph(
                f"Time since the start of the latest earlier course: "
                f"{interval(min(days))}."
            )
        )
    if organs:
        shown = organs[:MOST_ORGANS]
        blocks.append(_table("Organ", shown))
        if len(organs) > len(shown):
            rest = len(organs) - len(shown)
            further = f"{rest} more organs lie further away; the JSON file lists all."
            blocks.append(Paragraph(further, "muted"))
    if targets:
        blocks.append(_table("Earlier target", targets))
    if organs or targets:
        blocks.append(Paragraph(MEANING, "muted"))
    else:
        blocks.append(Paragraph("Distances are not given: see the findings.", "muted"))
    title = "Distance of the new targets from organs and older targets"
    return Section("distances", title, tuple(blocks))


def _nearest(distances: Sequence[TargetDistance]) -> list[list[TargetDistance]]:
    """Distances by organ, nearest organ first, each with the nearest target first."""
    grouped: dict[str, list[TargetDistance]] = {}
    for one in sorted(distances, key=_closeness):
        grouped.setdefault(one.other, []).append(one)
    return list(grouped.values())


def _closeness(one: TargetDistance) -> tuple[float, float, str, str]:
    return one.distance_mm, -one.shared_cc, one.other, one.target


def _table(title: str, grouped: Sequence[Sequence[TargetDistance]]) -> Table:
    targets = list(dict.fromkeys(one.target for group in grouped for one in group))
    targets.sort()
    rows = []
    for group in grouped:
        by_target = {one.target: one for one in group}
        first = group[0]
        name = first.other
        if first.other_kind == "target":
            name = f"{name} (course {first.other_course})"
        rows.append(
            Row(
                (
                    Cell(name),
                    *(_cell(by_target.get(target)) for target in targets),
                    _cell_of_days(first),
                )
            )
        )
    return Table(
        columns=(
            Column(title, 2.2),
            *(Column(f"To {target}", 1.8, "right") for target in targets),
            Column("Since its start", 1.2, "right"),
        ),
        rows=tuple(rows),
    )


def _cell_of_days(one: TargetDistance) -> Cell:
    return Cell(NONE if one.interval_days is None else f"{one.interval_days} days")


def _cell(one: TargetDistance | None) -> Cell:
    if one is None:
        return Cell(NONE)
    if one.shared_cc > 0:
        text = f"0 mm, shares {with_unit(one.shared_cc, 'cc')}"
    elif one.distance_mm == 0:
        text = "0 mm, touches"
    else:
        text = f"{decimal(one.distance_mm)} mm"
    if one.plus_minus_mm is not None:
        text += f" ± {decimal(one.plus_minus_mm)} mm"
    return Cell(text, "strong" if one.distance_mm == 0 else "plain")
