"""The command ``reirrad``: what to run, and what to say about it.

Nothing heavy is imported here, so that ``reirrad --help`` answers at once; each command
imports its workflow when it runs.
"""

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reirrad.cli.outcome import Exit, explained
from reirrad.cli.progress import steps_shown
from reirrad.cli.terminal_text import print_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from reirrad.core.assessment import Assessment
    from reirrad.core.settings import Settings

__all__ = ["app"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Re-irradiation assessment from the DICOM export of any planning system.\n\n"
    "Research and quality assurance. Not a medical device.",
    epilog="Exit codes: 0 assessed, 1 defect of the program, 2 input or call refused, "
    "3 assessed but verdict withheld.",
)

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="Folders (searched recursively), files or .zip archives.",
        show_default=False,
    ),
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE.toml",
        help="Everything else that a user may decide.",
        show_default=False,
    ),
]


def _print_version(wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        typer.echo(f"reirrad {version('reirrad')}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version_wanted: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """Do what every command has in common, which is nothing."""


@app.command()
def inspect(
    paths: Paths,
    *,
    settings: SettingsFile = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print machine-readable JSON.")
    ] = False,
) -> None:
    """Show what is in these folders: courses, and every object used or not, and why."""
    with explained():
        from reirrad.cli.inspection import inspection_json, print_inspection
        from reirrad.workflows.gather import survey
        from reirrad.workflows.settings import load_settings

        decided = load_settings(settings)
        with steps_shown() as progress:
            found = survey(paths, decided, progress=progress)
        if json:
            typer.echo(inspection_json(found))
        else:
            print_inspection(found)
        for problem in found.problems:
            print_problem(problem)
        if found.problems:
            raise typer.Exit(Exit.REFUSED)


@app.command()
def assess(
    paths: Paths,
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="DIR", help="Folder of the results.", show_default=False
        ),
    ],
    organ: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Organ in which overlap is measured.",
            show_default="Liver",
        ),
    ] = None,
    settings: SettingsFile = None,
    registration: Annotated[
        str,
        typer.Option(
            metavar="auto|FILE",
            help="DICOM registration object, or text file with a 4x4 matrix that maps "
            "the earlier course's frame into the later one's (mm, LPS).",
        ),
    ] = "auto",
    reference_course: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Course whose anatomy everything is shown on.",
            show_default="the latest",
        ),
    ] = None,
    json_only: Annotated[
        bool,
        typer.Option("--json-only", help="Write assessment.json alone, no report."),
    ] = False,
) -> None:
    """Assess all courses of one patient together, and write the results to DIR."""
    with explained():
        from reirrad.workflows.settings import load_settings

        given = None if registration == "auto" else Path(registration)
        decided = load_settings(settings, organ=organ)

        def work(progress: "Callable[[str], None]") -> "Assessment":
            from reirrad.workflows.assess import assess as assess_courses

            return assess_courses(
                paths,
                settings=decided,
                registration=given,
                reference_course=reference_course,
                with_views=not json_only,
                progress=progress,
            )

        _assess_into(out, work, json_only=json_only)


@app.command()
def demo(
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder of patient and results."),
    ] = Path("demo"),
) -> None:
    """Write a synthetic two-course patient as DICOM to DIR/patient, then assess it."""
    with explained():
        from reirrad.workflows.settings import load_settings

        decided = load_settings(None)
        _assess_into(out, lambda progress: _demo(out, decided, progress))


def _demo(
    out: Path, settings: "Settings", progress: "Callable[[str], None]"
) -> "Assessment":
    from reirrad.workflows.assess import assess as assess_courses
    from reirrad.workflows.demo import write_demo_patient
    from reirrad.workflows.publish import publish

    progress("Making the synthetic patient")
    publish(out / "patient", write_demo_patient)
    return assess_courses([out / "patient"], settings=settings, progress=progress)


def _assess_into(
    out: Path,
    work: "Callable[[Callable[[str], None]], Assessment]",
    *,
    json_only: bool = False,
) -> None:
    """Do the work, publish its results and print the verdict; exit 3 if withheld."""
    from reirrad.cli.verdict import is_withheld, verdict_lines
    from reirrad.workflows.publish import check_writable, publish

    check_writable(out)
    with steps_shown() as progress:
        assessment = work(progress)
        progress("Writing the results")
        publish(out, lambda folder: _write(assessment, folder, json_only=json_only))
    report = out / ("assessment.json" if json_only else "report.html")
    for line in verdict_lines(assessment, report):
        typer.echo(line)
    if is_withheld(assessment):
        raise typer.Exit(Exit.WITHHELD)


def _write(assessment: "Assessment", folder: Path, *, json_only: bool) -> None:
    from reirrad.reports.json_document import assessment_json

    document = assessment_json(assessment)
    (folder / "assessment.json").write_text(document, encoding="utf-8")
    if not json_only:
        from reirrad.reports.document import write_reports

        write_reports(assessment, folder)
