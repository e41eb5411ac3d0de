"""``reirrad assess`` and ``reirrad demo``: work, publish, say the verdict."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from reirrad.cli.outcome import Exit
from reirrad.cli.progress import steps_shown
from reirrad.cli.verdict import verdict_lines
from reirrad.core.assessment import Assessment
from reirrad.workflows.assess import assess
from reirrad.workflows.publish import check_writable, publish
from reirrad.workflows.result_files import (
    DOCUMENT,
    is_withheld,
    write_result_files,
)
from reirrad.workflows.settings import load_settings

__all__ = ["Request", "run_assessment", "run_demo"]

RESULT_FILES = "dicom/reirrad_*.dcm"
"""Exported objects: none of an earlier run may stay beside those of another one."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked ``reirrad assess`` to do.

    Parameters
    ----------
    paths
        Folders, files and zips.
    settings_file
        TOML file, or None.
    organ
        Organ in which overlap is measured, or None for what the settings say.
    registration
        Registration file, or None for an automatic one.
    reference_course
        Course number, or None for the latest.
    json_only
        Whether to leave the report out.
    dicom
        Whether to write DICOM objects too.
    of_many_patients
        Whether the settings file serves other patients, too.
    """

    paths: list[Path]
    settings_file: Path | None = None
    organ: str | None = None
    registration: Path | None = None
    reference_course: int | None = None
    json_only: bool = False
    dicom: bool = False
    of_many_patients: bool = False


def run_assessment(request: Request, out: Path) -> Exit:
    """Assess, publish the results to `out` and print the verdict."""
    settings = replace(
        load_settings(request.settings_file, organ=request.organ),
        of_many_patients=request.of_many_patients,
    )

    def work(progress: Progress) -> Assessment:
        return assess(
            request.paths,
            settings=settings,
            registration=request.registration,
            reference_course=request.reference_course,
            with_views=not request.json_only,
            with_export=request.dicom,
            progress=progress,
        )

    return _publish_work(work, out, json_only=request.json_only)


def run_demo(out: Path) -> Exit:
    """Write the synthetic patient to ``out/patient`` and assess it."""
    from reirrad.workflows.demo import write_demo_patient

    settings = load_settings(None)

    def work(progress: Progress) -> Assessment:
        progress("making the synthetic patient")
        publish(out / "patient", write_demo_patient)
        return assess(
            [out / "patient"], settings=settings, with_export=True, progress=progress
        )

    return _publish_work(work, out, json_only=False)


def _publish_work(
    work: Callable[[Progress], Assessment], out: Path, *, json_only: bool
) -> Exit:
    check_writable(out)
    with steps_shown() as progress:
        assessment = work(progress)
        progress("writing the results")
        publish(
            out,
            lambda folder: write_result_files(assessment, folder, json_only=json_only),
            only_new="" if assessment.exportable is None else RESULT_FILES,
        )
    report = out / (DOCUMENT if json_only else "report.html")
    for line in verdict_lines(assessment, report):
        typer.echo(line)
    return Exit.WITHHELD if is_withheld(assessment) else Exit.ASSESSED
