"""All objects of an assessment in one folder."""

from collections.abc import Iterator
from pathlib import Path

from pydicom.dataset import Dataset

from reirrad.core.assessment import Assessment, PatientIdentity
from reirrad.core.exportable import Exportable
from reirrad.dicom.identity import Study, save, stable_uid
from reirrad.dicom.results.budgets import budget_objects
from reirrad.dicom.results.doses import dose_objects
from reirrad.dicom.results.regions import region_object
from reirrad.dicom.results.registrations import registration_objects
from reirrad.dicom.results.report import report_object
from reirrad.dicom.results.result_object import study_of
from reirrad.dicom.results.structured_report import measurement_report

__all__ = ["FILE_PREFIX", "write_budget_maps", "write_results"]

FILE_PREFIX = "reirrad_"
"""Of every file: no clinic's export is named so."""


def write_results(
    assessment: Assessment, exportable: Exportable, folder: Path, *, pdf: bytes | None
) -> list[Path]:
    """Write everything that other systems can open.

    Parameters
    ----------
    assessment
        The numbers.
    exportable
        What was computed for other systems.
    folder
        Where to; created where missing.
    pdf
        The printed report; None where none was made.

    Returns
    -------
    list of Path
        The files. The same assessment gives the same bytes, apart from the report's.
    """
    study = study_of(assessment.patient, exportable)
    named = dict(_geometry(exportable, study))
    report = measurement_report(assessment, study, evidence=list(named.values()))
    named["SR"] = report
    if pdf is not None:
        named["PDF"] = report_object(
            exportable,
            study,
            pdf=pdf,
            instance_uid=_report_uid(assessment, report),
        )
    return [
        save(dataset, folder / f"{FILE_PREFIX}{name}.dcm")
        for name, dataset in named.items()
    ]


def write_budget_maps(
    patient: PatientIdentity, exportable: Exportable, folder: Path
) -> list[Path]:
    """Write the maps of the remaining dose, and the registrations behind them.

    Parameters
    ----------
    patient
        Whom they are about.
    exportable
        What was computed for other systems.
    folder
        Where to; created where missing.
    """
    study = study_of(patient, exportable)
    named = [
        *registration_objects(exportable, study),
        *budget_objects(exportable, study),
    ]
    return [save(one, folder / f"{FILE_PREFIX}{name}.dcm") for name, one in named]


def _geometry(exportable: Exportable, study: Study) -> Iterator[tuple[str, Dataset]]:
    yield from registration_objects(exportable, study)
    regions = region_object(exportable, study)
    if regions is not None:
        yield "RTSTRUCT", regions
    yield from dose_objects(exportable, study)
    yield from budget_objects(exportable, study)


def _report_uid(assessment: Assessment, report: Dataset) -> str:
    """UID of the printed report: everything that it says, but for when it was made."""
    return stable_uid(
        "report",
        report.SOPInstanceUID,
        *(f"{one.code} {one.about} {one.message}" for one in assessment.findings),
        *sorted(f"{one.sha256} {one.status}" for one in assessment.inputs),
    )
