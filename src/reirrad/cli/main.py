"""The command ``reirrad``: what to run, and what to say about it.

Nothing heavy is imported here, so that ``reirrad --help`` answers at once; each command
imports its workflow when it runs.
"""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from reirrad.cli.cohort import add_cohort_commands
from reirrad.cli.network import add_network_commands
from reirrad.cli.outcome import explained
from reirrad.cli.serving import add_serving_commands

__all__ = ["app"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Re-irradiation assessment from the DICOM export of any planning system.\n\n"
    "Research and quality assurance. Not a medical device.",
    epilog="Exit codes: 0 assessed, 1 defect of the program, 2 input or call refused, "
    "3 assessed but verdict withheld, 4 installation not accepted.",
)

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH",
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
        from reirrad.cli.inspecting import run_inspection

        raise typer.Exit(run_inspection(paths, settings_file=settings, as_json=json))


@app.command()
def assess(  # noqa: PLR0913 - the options of the command
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
            "the earlier course's frame into the reference course's (mm, LPS).",
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
    dicom: Annotated[
        bool,
        typer.Option(
            "--dicom",
            help="Write DIR/dicom too: registrations, isodoses and overlaps, EQD2 and "
            "mapped dose, structured report and PDF for other systems.",
        ),
    ] = False,
) -> None:
    """Assess all courses of one patient together, and write the results to DIR."""
    with explained():
        from reirrad.cli.assessing import Request, run_assessment

        request = Request(
            paths=paths,
            settings_file=settings,
            organ=organ,
            registration=None if registration == "auto" else Path(registration),
            reference_course=reference_course,
            json_only=json_only,
            dicom=dicom,
        )
        raise typer.Exit(run_assessment(request, out))


@app.command()
def budget(  # noqa: PLR0913 - the options of the command
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
            help="Organ that a registration is judged by.",
            show_default="Liver",
        ),
    ] = None,
    settings: SettingsFile = None,
    registration: Annotated[
        str,
        typer.Option(
            metavar="auto|FILE",
            help="DICOM registration object, or text file with a 4x4 matrix that maps "
            "the earlier course's frame into that of the new anatomy (mm, LPS).",
        ),
    ] = "auto",
    fractions: Annotated[
        str | None,
        typer.Option(
            metavar="N,N,...",
            help="Numbers of fractions of the new course.",
            show_default="1,3,5,8",
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="New target; may be given again. Needed where the new targets are "
            "drawn in the latest course's own structure set.",
            show_default="every GTV and PTV of the new structure set",
        ),
    ] = None,
) -> None:
    """Say what the organs can still be given, before a new course is planned.

    PATH holds the treated courses, and a later structure set with its image.
    """
    with explained():
        from reirrad.cli.budgeting import BudgetRequest, run_budget

        request = BudgetRequest(
            paths=paths,
            settings_file=settings,
            organ=organ,
            registration=None if registration == "auto" else Path(registration),
            fractions=fractions or "",
            targets=target or [],
        )
        raise typer.Exit(run_budget(request, out))


@app.command()
def demo(
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder of patient and results."),
    ] = Path("demo"),
) -> None:
    """Write a synthetic two-course patient as DICOM to DIR/patient, then assess it."""
    with explained():
        from reirrad.cli.assessing import run_demo

        raise typer.Exit(run_demo(out))


@app.command()
def commission(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            help="DICOM export of one course of a patient, for --tps-dvh.",
            show_default=False,
        ),
    ] = None,
    *,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder of the record."),
    ] = Path("commissioning"),
    tps_dvh: Annotated[
        list[Path] | None,
        typer.Option(
            "--tps-dvh",
            metavar="FILE",
            help="DVHs that a planning system exported for that course, to compare "
            "with: RTDOSE with DVH Sequence, or CSV. May be given again.",
            show_default=False,
        ),
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Test this installation against known answers, and write the record to DIR."""
    with explained():
        from reirrad.cli.commissioning import CommissionRequest, run_commission

        request = CommissionRequest(paths or [], tps_dvh or [], settings)
        raise typer.Exit(run_commission(request, out))


@app.command()
def deidentify(
    paths: Paths,
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder of the cleaned objects; it must be empty or new.",
            show_default=False,
        ),
    ],
    key: Annotated[
        Path | None,
        typer.Option(
            "--key",
            metavar="FILE",
            help="Secret that gives later courses of a patient the same pseudonym; "
            "made if it does not exist.",
            show_default="one that is thrown away",
        ),
    ] = None,
) -> None:
    """Write copies that can be given away, with courses linked and intervals right."""
    with explained():
        from reirrad.cli.deidentifying import run_deidentification

        raise typer.Exit(run_deidentification(paths, out=out, key_file=key))


add_network_commands(app)
add_serving_commands(app)
add_cohort_commands(app)
