from dataclasses import replace

from reirrad.core.distance_results import TargetDistance
from reirrad.reports.blocks import Paragraph, Table
from reirrad.reports.distance_section import distance_section

ONE = TargetDistance(
    target="PTV",
    target_course=2,
    other="Duodenum",
    other_kind="organ",
    other_course=2,
    distance_mm=4.26,
    shared_cc=0.0,
    target_point_mm=(0.0, 0.0, 0.0),
    other_point_mm=(4.26, 0.0, 0.0),
    plus_minus_mm=None,
    interval_days=200,
)


def tables(*distances: TargetDistance) -> list[Table]:
    blocks = distance_section(distances).blocks
    return [block for block in blocks if isinstance(block, Table)]


def words(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_the_nearest_organ_comes_first_and_ten_are_shown() -> None:
    organs = [
        replace(ONE, other=f"organ {n:02}", distance_mm=float(n))
        for n in range(12, 0, -1)
    ]
    (table,) = tables(*organs)
    names = [row[0] for row in words(table)]
    assert names == [f"organ {n:02}" for n in range(1, 11)]


def test_touching_sharing_and_accuracy_are_told_apart() -> None:
    found = tables(
        ONE,
        replace(ONE, other="Liver", distance_mm=0.0, shared_cc=12.34),
        replace(ONE, other="Colon", distance_mm=0.0),
        replace(
            ONE, other="PTV old", other_kind="target", other_course=1, plus_minus_mm=3.0
        ),
    )
    organs, targets = map(words, found)
    assert organs == [
        ["Liver", "0 mm, shares 12.3 cc", "200 days"],
        ["Colon", "0 mm, touches", "200 days"],
        ["Duodenum", "4.3 mm", "200 days"],
    ]
    assert targets == [["PTV old (course 1)", "4.3 mm ± 3.0 mm", "200 days"]]


def test_without_distances_the_section_says_so() -> None:
    (block,) = distance_section(()).blocks
    assert isinstance(block, Paragraph)
    assert "not given" in block.text


def test_an_unknown_interval_is_no_number() -> None:
    (table,) = tables(replace(ONE, interval_days=None))
    assert words(table) == [["Duodenum", "4.3 mm", "\N{EN DASH}"]]


def test_the_interval_runs_from_the_start_of_the_earlier_course() -> None:
    first, *_ = distance_section([ONE]).blocks
    assert isinstance(first, Paragraph)
    assert first.text == (
        "Time since the start of the latest earlier course: 200 days (6.6 months)."
    )
    (table,) = tables(ONE)
    assert table.columns[-1].title == "Since its start"
