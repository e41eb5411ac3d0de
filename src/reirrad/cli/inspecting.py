"""``reirrad inspect``: what was found, how it belongs together, what was left out."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from reirrad.cli.outcome import Exit
from reirrad.cli.progress import steps_shown
from reirrad.cli.terminal_text import finding_line, print_problem, printable
from reirrad.core.assessment import InputObject
from reirrad.core.courses import Course
from reirrad.dicom.link_tree import LinkNode
from reirrad.workflows.gather import Survey, survey
from reirrad.workflows.settings import load_settings

__all__ = ["inspection_document", "print_inspection", "run_inspection"]

PIPED_WIDTH = 240


class _Page(Console):
    """A console that leaves the exit code of a reader gone early to the command."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def run_inspection(
    paths: list[Path], *, settings_file: Path | None, as_json: bool
) -> Exit:
    """Show what the paths hold; problems go to stderr as well, one per line."""
    settings = load_settings(settings_file)
    with steps_shown() as progress:
        found = survey(paths, settings, progress=progress)
    if as_json:
        document = inspection_document(found)
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        console = _Page(highlight=False)
        if not console.is_terminal:
            console.width = PIPED_WIDTH
        print_inspection(found, console)
    for problem in found.problems:
        print_problem(problem)
    return Exit.REFUSED if found.problems else Exit.ASSESSED


def inspection_document(found: Survey) -> dict[str, object]:
    """Everything found, for other programs; the patient is named by the ID alone."""
    return {
        "patient": None if found.patient is None else {"id": found.patient.id},
        "courses": [_course_document(course) for course in found.courses],
        "links": [asdict(link) for link in found.links],
        "inputs": [asdict(item) for item in found.inputs],
        "problems": list(found.problems),
        "findings": [asdict(finding) for finding in found.findings],
    }


def _course_document(course: Course) -> dict[str, object]:
    prescription = course.prescription
    return {
        "number": course.number,
        "start_date": course.start_date.isoformat(),
        "plan_label": course.plan_label,
        "frame_of_reference_uid": course.frame_of_reference_uid,
        "prescription": {
            "dose_gy": prescription.dose_gy,
            "n_fractions": prescription.n_fractions,
            "source": prescription.source,
        },
        "structures": [
            {
                "name": structure.name,
                "standard_name": structure.standard_name,
                "role": structure.role.value,
            }
            for structure in course.structures
        ],
    }


def print_inspection(found: Survey, console: Console) -> None:
    """Print the tree of courses, the objects left out, and the findings."""
    console.print(_tree(found))
    for course in found.courses:
        console.print()
        for line in _course_lines(course):
            console.print(_safe(line), soft_wrap=True)
    counts = Counter(item.status for item in found.inputs)
    console.print(
        f"\nObjects: {counts['used']} used, {counts['ignored']} ignored, "
        f"{counts['refused']} refused"
    )
    left_out = [item for item in found.inputs if item.status != "used"]
    if left_out:
        console.print(_left_out(left_out))
    for finding in found.findings:
        console.print(_safe(finding_line(finding)), soft_wrap=True)


def _tree(found: Survey) -> Tree:
    patient = "not identified" if found.patient is None else found.patient.id
    tree = Tree(_safe(f"patient {patient}"))
    for link in found.links:
        _grow(tree, link)
    return tree


def _grow(tree: Tree, node: LinkNode) -> None:
    label = node.label if node.kind == "course" else f"{node.kind}: {node.label}"
    details = ", ".join(part for part in (node.link, node.path) if part)
    branch = tree.add(_safe(f"{label} ({details})" if details else label))
    for child in node.children:
        _grow(branch, child)


def _course_lines(course: Course) -> Iterator[str]:
    prescription = course.prescription
    names = ", ".join(
        structure.name
        if structure.standard_name in {None, structure.name}
        else f"{structure.name} = {structure.standard_name}"
        for structure in course.structures
    )
    yield (
        f"Course {course.number}: {prescription.dose_gy:g} Gy in "
        f"{prescription.n_fractions} fractions ({prescription.source})"
    )
    yield f"  structures: {names or 'none'}"


def _left_out(items: Iterable[InputObject]) -> Table:
    """Objects not used, those of one folder, kind and reason in one row."""
    groups: Counter[tuple[str, str, str]] = Counter()
    first: dict[tuple[str, str, str], str] = {}
    for item in items:
        folder = item.path.rpartition("/")[0]
        key: tuple[str, str, str] = (item.status, item.reason, folder)
        groups[key] += 1
        first.setdefault(key, item.path)
    table = Table("status", "file", "reason", box=None, pad_edge=False)
    for group, count in sorted(groups.items(), reverse=True):
        more = f" and {count - 1} more there" if count > 1 else ""
        table.add_row(group[0], _safe(first[group] + more), _safe(group[1]))
    return table


def _safe(text: str) -> Text:
    """Text that can neither bring its own markup nor move the cursor."""
    return Text(printable(text))
