"""The record of the acceptance tests: a PDF to sign, and the same for programs."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, PageBreak, Spacer
from reportlab.platypus import Table as Grid

from reirrad.phantoms.checks import Check, CheckGroup, Commissioning
from reirrad.reports.blocks import Cell, Column, Items, Paragraph, Row, Section, Table
from reirrad.reports.check_wording import answer, outcome, tolerance
from reirrad.reports.pdf import WIDTH, RunningLines, pdf_pages
from reirrad.reports.pdf_blocks import section_flowables
from reirrad.reports.pdf_style import colour, register_fonts, text

__all__ = ["commissioning_pdf", "write_commissioning"]

TITLE = "Acceptance test of an installation"
FOOTER = "Research and quality assurance. Not a medical device."
MEANING = (
    "The program was given phantoms as DICOM and its answers were compared with known "
    "ones. The result holds for this program on these libraries and this computer: "
    "repeat the test when any of them changes. It does not replace the acceptance of "
    "the local workflow, nor the judgement of a registration of a patient."
)
SIGNERS = ("Tested by", "Reviewed by")


def write_commissioning(result: Commissioning, folder: Path) -> None:
    """Write ``commissioning.pdf`` and ``commissioning.json`` into a folder."""
    (folder / "commissioning.pdf").write_bytes(commissioning_pdf(result))
    document = json.dumps(_document(result), indent=2, ensure_ascii=False)
    (folder / "commissioning.json").write_text(f"{document}\n", encoding="utf-8")


def commissioning_pdf(result: Commissioning) -> bytes:
    """The record as A4 pages: verdict, installation and signatures, then every check.

    The same result gives the same bytes.
    """
    register_fonts()
    story: list[Any] = [
        text(TITLE, size=14, ink="heading", bold=True),
        Spacer(0, 3 * mm),
        _verdict(result),
        Spacer(0, 4 * mm),
    ]
    for section in (_installation(result), _summary(result)):
        story += section_flowables(section, {}, width=WIDTH)
    story += [KeepTogether(_signatures()), PageBreak()]
    for number, group in enumerate(result.groups, start=1):
        story += section_flowables(_group_section(number, group), {}, width=WIDTH)
    version = dict(result.installation).get("reirrad", "")
    lines = RunningLines(
        TITLE, result.created[:16].replace("T", " "), FOOTER, f"reirrad {version}"
    )
    return pdf_pages(story, lines)


def _document(result: Commissioning) -> dict[str, Any]:
    groups = [
        {
            "title": group.title,
            "holds": group.holds,
            "seconds": round(group.seconds, 1),
            "remarks": list(group.remarks),
            "checks": [_check(check) for check in group.checks],
        }
        for group in result.groups
    ]
    return {
        "created": result.created,
        "verdict": result.word,
        "installation": dict(result.installation),
        "groups": groups,
    }


def _check(check: Check) -> dict[str, Any]:
    """A check for JSON, which has no word for what is not a number."""
    found = check.found
    if isinstance(found, float) and not math.isfinite(found):
        found = None
    return asdict(check) | {"found": found, "holds": check.holds}


def _verdict(result: Commissioning) -> Any:
    """The verdict, in a box that a copy in grey shows as well."""
    ink = "white" if result.holds else "withheld"
    content = [
        text(result.word, size=30, ink=ink, bold=True),
        Spacer(0, 3 * mm),
        text(result.sentence, size=9.5, ink=ink, bold=True),
        text(f"Tested on {result.created}", size=8, ink=ink, bold=False),
    ]
    box = Grid([[content]], colWidths=[WIDTH])
    look: tuple[Any, ...] = ("BACKGROUND", (0, 0), (-1, -1), colour("good"))
    if not result.holds:
        look = ("BOX", (0, 0), (-1, -1), 2.5, colour("bad"), 1, (6, 3))
    padding = [
        (f"{side}PADDING", (0, 0), (-1, -1), 4 * mm)
        for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")
    ]
    box.setStyle([*padding, look])
    return box


def _installation(result: Commissioning) -> Section:
    rows = tuple(
        Row((Cell(name, "muted"), Cell(value))) for name, value in result.installation
    )
    table = Table((Column("", 1.0), Column("", 3.2)), rows)
    return Section("installation", "What was tested", (table,))


def _summary(result: Commissioning) -> Section:
    rows = tuple(
        Row(
            (
                Cell(f"{number}  {group.title}", "strong"),
                Cell(group.proves),
                Cell(
                    f"{len(group.checks) - len(group.failures)} / {len(group.checks)}"
                ),
                Cell(f"{group.seconds:.0f} s", "muted"),
                Cell(outcome(group.holds), "good" if group.holds else "bad"),
            )
        )
        for number, group in enumerate(result.groups, start=1)
    )
    columns = (
        Column("Ability", 2.0),
        Column("What it means if it holds", 3.6),
        Column("Checks", 0.7, "right"),
        Column("Time", 0.6, "right"),
        Column("Result", 0.7),
    )
    return Section("summary", "Results", (Table(columns, rows), Paragraph(MEANING)))


def _signatures() -> list[Any]:
    """Two lines to sign on; a test signed by one person was reviewed by nobody."""
    rows = []
    for signer in SIGNERS:
        rows.append(["", "", ""])
        rows.append(
            [
                text(f"{signer}: name", tone="muted"),
                text("Date", tone="muted"),
                text("Signature", tone="muted"),
            ]
        )
    share = WIDTH / 10.0
    grid = Grid(
        rows,
        colWidths=[4 * share, 2 * share, 4 * share],
        rowHeights=[11 * mm, 6 * mm] * len(SIGNERS),
    )
    lines = [
        ("LINEABOVE", (column, row), (column, row), 0.7, colour("plain"))
        for row in range(1, 2 * len(SIGNERS), 2)
        for column in range(3)
    ]
    gaps = [("LINEABOVE", (0, 0), (-1, 0), 0, colour("white"))]
    grid.setStyle([*lines, *gaps, ("VALIGN", (0, 0), (-1, -1), "TOP")])
    return [text("Signatures", size=12, ink="heading", bold=True), grid]


def _group_section(number: int, group: CheckGroup) -> Section:
    """Every check of a group, and why the tolerances are what they are."""
    columns = (
        Column("What is asked", 4.6),
        Column("Expected", 1.2, "right"),
        Column("Found", 1.2, "right"),
        Column("Tolerance", 1.4, "right"),
        Column("Result", 0.8),
        Column("Basis", 0.6, "right"),
    )
    bases = list(dict.fromkeys(c.basis for c in group.checks if c.basis))
    rows = tuple(
        Row(
            (
                Cell(check.subject),
                Cell(answer(check.expected, check)),
                Cell(answer(check.found, check)),
                Cell(tolerance(check), "muted"),
                Cell(outcome(check.holds), "good" if check.holds else "bad"),
                Cell(_letter(bases.index(check.basis)) if check.basis else "", "muted"),
            )
        )
        for check in group.checks
    )
    notes = [Cell(f"{_letter(n)}: {basis}") for n, basis in enumerate(bases)]
    notes += [Cell(remark) for remark in group.remarks]
    blocks: list[Table | Paragraph | Items] = [
        Paragraph(group.proves, "muted"),
        Table(columns, rows),
    ]
    if notes:
        blocks.append(Items(tuple(notes)))
    return Section(f"group-{number}", f"{number}  {group.title}", tuple(blocks))


def _letter(index: int) -> str:
    return chr(ord("a") + index) if index < 26 else str(index + 1)
