"""What the numbers rest on: assumptions, findings and the files that were read."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from reirrad.core.assessment import Assessment, InputObject
from reirrad.core.findings import Finding
from reirrad.core.links import Link, LinkNode
from reirrad.reports.blocks import (
    Block,
    Cell,
    Column,
    Items,
    Paragraph,
    Row,
    Section,
    Subheading,
    Table,
    Tone,
)
from reirrad.reports.emphasis import by_urgency
from reirrad.reports.wording import NONE, plural

__all__ = [
    "assumptions_section",
    "audit_section",
    "finding_words",
    "findings_section",
    "findings_table",
]

FINDING_WORDS: dict[str, Cell] = {
    "error": Cell("✗ error", "bad"),
    "warning": Cell("⚠ warning", "warn"),
    "info": Cell("information", "muted"),
}
STATUS_TONES: dict[str, Tone] = {"used": "plain", "ignored": "muted", "refused": "bad"}
STATUS_ORDER = {"refused": 0, "used": 1, "ignored": 2}
FILES_NAMED = 3
LONGEST_PATH = 70
LINK_TONES: dict[Link, Tone] = {
    "by patient ID": "plain",
    "by date": "plain",
    "by reference": "plain",
    "by frame of reference": "warn",
    "not found": "bad",
}
INDENT = "\u00a0" * 4


def assumptions_section(assessment: Assessment) -> Section:
    """What was taken for granted."""
    items = tuple(Cell(text) for text in assessment.assumptions)
    blocks: tuple[Block, ...] = (
        (Items(items),) if items else (Paragraph("None were recorded."),)
    )
    return Section("assumptions", "Assumptions", blocks)


def findings_section(assessment: Assessment) -> Section:
    """Everything the reader must know, errors first."""
    return findings_table(assessment.findings)


def findings_table(findings: Sequence[Finding]) -> Section:
    """Findings as a section of their own, errors first."""
    rows = tuple(
        Row(
            (
                finding_words(item),
                Cell(item.about),
                Cell(item.message),
                Cell(item.code, "muted"),
            )
        )
        for item in by_urgency(findings)
    )
    if not rows:
        return Section("findings", "Findings", (Paragraph("There are none."),))
    columns = (
        Column("Severity", 1.1),
        Column("About", 1.4),
        Column("Finding", 4.8),
        Column("Code", 2.3),
    )
    return Section("findings", "Findings", (Table(columns, rows),))


def finding_words(finding: Finding) -> Cell:
    """How serious a finding is, as symbol and word."""
    return FINDING_WORDS[finding.severity]


def audit_section(assessment: Assessment) -> Section:
    """How objects belong together, and what became of every file."""
    blocks: tuple[Block, ...] = (*_links(assessment.links), *_files_read(assessment))
    return Section("audit", "Audit", blocks)


def _links(courses: Sequence[LinkNode]) -> Iterator[Block]:
    """The tree from course to image; each object stands right of what it hangs on."""
    if not courses:
        return
    yield Subheading("How the objects belong together")
    columns = (
        Column("Object", 4.6),
        Column("Linked to what it hangs on", 2.0),
        Column("File", 3.4),
    )
    yield Table(columns, tuple(row for one in courses for row in _branch(one, 0)))


def _branch(node: LinkNode, depth: int) -> Iterator[Row]:
    yield Row(
        (
            Cell(INDENT * depth + node.label, "plain" if depth else "strong"),
            Cell(node.link, LINK_TONES[node.link]),
            Cell(_short_path(node.path) if node.path else NONE, "muted"),
        )
    )
    for child in node.children:
        yield from _branch(child, depth + 1)


def _files_read(assessment: Assessment) -> Iterator[Block]:
    """Which files were used, ignored or refused, series of images taken together."""
    groups: dict[tuple[str, str, str], list[InputObject]] = defaultdict(list)
    for item in assessment.inputs:
        groups[(item.status, _object_name(item.sop_class), item.reason)].append(item)
    ordered = sorted(groups, key=lambda key: (STATUS_ORDER[key[0]], *key[1:]))
    rows = tuple(
        Row(
            (
                Cell(
                    f"{plural(len(groups[key]), f'{key[1]} file')} {key[0]}",
                    STATUS_TONES[key[0]],
                ),
                Cell(key[2] or NONE),
                Cell(_files(groups[key]), "muted"),
            )
        )
        for key in ordered
    )
    software = assessment.software
    made = Paragraph(
        f"Made by {software.name} {software.version} on {assessment.created}. Every "
        f"file with its UID and whole SHA-256 is listed in assessment.json.",
        "muted",
    )
    columns = (
        Column("Objects", 2.4),
        Column("Reason", 3.2),
        Column("Files, with the start of their SHA-256", 4.4),
    )
    yield Subheading("What became of every file")
    yield Table(columns, rows)
    yield made


def _object_name(sop_class: str | None) -> str:
    if sop_class is None:
        return "other"
    return sop_class.removesuffix(" Storage")


def _files(items: list[InputObject]) -> str:
    ordered = sorted(items, key=lambda item: item.path)
    named = [
        f"{_short_path(item.path)} ({item.sha256[:10]})"
        for item in ordered[:FILES_NAMED]
    ]
    if len(ordered) > FILES_NAMED:
        named.append(f"and {len(ordered) - FILES_NAMED} more")
    return ", ".join(named)


def _short_path(path: str) -> str:
    """File with the folder it is in, and no more than fits."""
    text = "/".join(PurePath(path.replace("\\", "/")).parts[-2:])
    return text if len(text) <= LONGEST_PATH else f"…{text[-LONGEST_PATH:]}"
