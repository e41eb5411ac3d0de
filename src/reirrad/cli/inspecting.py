"""``reirrad inspect``: what was found, how it belongs together, what was left out."""

import json
import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from reirrad.cli.outcome import Exit
from reirrad.cli.progress import steps_shown
from reirrad.cli.terminal_text import finding_line, print_problem, printable
from reirrad.core.assessment import InputObject
from reirrad.core.courses import Course
from reirrad.core.links import Link, LinkNode, PatientTree
from reirrad.workflows.gather import Survey, survey
from reirrad.workflows.settings import load_settings

__all__ = ["inspection_document", "print_inspection", "run_inspection"]

PIPED_WIDTH = 240
LINK_STYLES: Mapping[Link, str] = {
    "by patient ID": "green",
    "by date": "green",
    "by reference": "green",
    "by frame of reference": "yellow",
    "not found": "red",
}
STATUS_STYLES = {"refused": "red", "ignored": "dim"}


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
    """Everything found, for other programs; patients are named by their IDs alone."""
    return {
        "patients": [asdict(tree) for tree in found.trees],
        "courses": [_course_document(course) for course in found.courses],
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
    """Print the tree of every patient, the objects left out, and the findings."""
    folder = _common_folder(found.inputs)
    if folder:
        console.print(_safe(f"Paths are below {folder}"), soft_wrap=True)
    for tree in found.trees or (PatientTree("", 0, ()),):
        console.print(_tree(tree, folder))
    for course in found.courses:
        console.print()
        console.print(_contents(course))
    counts = Counter(item.status for item in found.inputs)
    console.print(
        f"\nFiles: {counts['used']} used, {counts['ignored']} ignored, "
        f"{counts['refused']} refused"
    )
    left_out = [item for item in found.inputs if item.status != "used"]
    if left_out:
        console.print(_left_out(left_out, folder))
    for finding in found.findings:
        line = _below(finding_line(finding), folder)
        console.print(_safe(line), soft_wrap=not console.is_terminal)


def _common_folder(inputs: Iterable[InputObject]) -> str:
    """The folder or archive that all files are in; empty where there is none."""
    folders = {item.path.rpartition("/")[0] for item in inputs}
    if not folders or len({path.startswith("/") for path in folders}) > 1:
        return ""
    return posixpath.commonpath(folders)


def _below(text: str, folder: str) -> str:
    """Text with every path told from the common folder on."""
    return text.replace(f"{folder}/", "") if folder else text


def _tree(patient: PatientTree, folder: str) -> Tree:
    name = f"Patient {patient.id}" if patient.id else "Patient without Patient ID"
    count = f"{patient.n_objects} DICOM object{'s' * (patient.n_objects != 1)}"
    tree = Tree(_safe(f"{name}: {count}"))
    for course in patient.courses:
        _grow(tree, course, folder)
    if not patient.courses:
        tree.add("no course")
    return tree


def _grow(tree: Tree, node: LinkNode, folder: str) -> None:
    line = _safe(node.label)
    if node.kind != "course":
        line.append(f"  {node.link}", style=LINK_STYLES[node.link])
    if node.path:
        line.append(f"  {printable(_below(node.path, folder))}", style="dim")
    branch = tree.add(line)
    for child in node.children:
        _grow(branch, child, folder)


def _contents(course: Course) -> Table:
    """Prescription and structures of a course."""
    prescription = course.prescription
    names = ", ".join(
        structure.name
        if structure.standard_name in {None, structure.name}
        else f"{structure.name} = {structure.standard_name}"
        for structure in course.structures
    )
    table = Table("", box=None, pad_edge=False, show_header=False)
    table.add_row(
        _safe(
            f"Course {course.number}: {prescription.dose_gy:g} Gy in "
            f"{prescription.n_fractions} fractions ({prescription.source})"
        )
    )
    table.add_row(Padding(_safe(f"structures: {names or 'none'}"), (0, 0, 0, 2)))
    return table


def _left_out(items: Iterable[InputObject], folder: str) -> Table:
    """Files not used, those of one folder, kind and reason in one row."""
    groups: Counter[tuple[str, str, str]] = Counter()
    first: dict[tuple[str, str, str], str] = {}
    for item in items:
        inside = item.path.rpartition("/")[0]
        key: tuple[str, str, str] = (item.status, item.reason, inside)
        groups[key] += 1
        first.setdefault(key, item.path)
    table = Table("", "", box=None, pad_edge=False, show_header=False)
    for group, count in sorted(groups.items(), reverse=True):
        status, reason, _ = group
        more = f" and {count - 1} more there" if count > 1 else ""
        path = _below(first[group], folder)
        # A reason that is a whole sentence names the file itself.
        whole = first[group] in reason and count == 1
        text = _below(reason, folder) if whole else f"{path}{more}: {reason}"
        table.add_row(Text(status, style=STATUS_STYLES[status]), _safe(text))
    return table


def _safe(text: str) -> Text:
    """Text that can neither bring its own markup nor move the cursor."""
    return Text(printable(text))
