"""The numbers of an assessment as a structured report, TID 1500 Measurement Report."""

from collections.abc import Sequence

from highdicom.sr import (
    DeviceObserverIdentifyingAttributes,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ComprehensiveSRStorage

from reirrad.core.assessment import Assessment
from reirrad.dicom.identity import (
    NOON,
    Study,
    new_object,
    reference_to,
    stable_uid,
)
from reirrad.dicom.results.concepts import coding_schemes
from reirrad.dicom.results.measurement_groups import measurement_groups
from reirrad.dicom.results.result_object import UNSEALED, labelled, sealed

__all__ = ["SERIES_NUMBER", "measurement_report"]

SERIES_NUMBER = 9501
SERIES = "reirrad: overlap, class, doses and limits"


def measurement_report(
    assessment: Assessment, study: Study, *, evidence: Sequence[Dataset]
) -> Dataset:
    """A Comprehensive SR of everything that was measured.

    Parameters
    ----------
    assessment
        What to report.
    study
        Study that it joins.
    evidence
        The other exported objects, which are listed as what it rests on.
    """
    dataset = new_object(
        ComprehensiveSRStorage,
        instance_uid=UNSEALED,
        modality="SR",
        study=study,
        series_name=SERIES,
    )
    labelled(dataset, series=SERIES, number=SERIES_NUMBER)
    del dataset.OperatorsName
    (content,) = _content(assessment)
    for element in content:
        dataset.add(element)
    dataset.CompletionFlag = "COMPLETE"
    dataset.VerificationFlag = "UNVERIFIED"
    dataset.PerformedProcedureCodeSequence = []
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.ContentDate = study.day.strftime("%Y%m%d")
    dataset.ContentTime = NOON
    dataset.CodingSchemeIdentificationSequence = coding_schemes()
    if evidence:
        dataset.CurrentRequestedProcedureEvidenceSequence = [_listed(evidence)]
    return sealed(dataset)


def _content(assessment: Assessment) -> MeasurementReport:
    software = assessment.software
    observer = DeviceObserverIdentifyingAttributes(
        uid=stable_uid("device", software.name, software.version),
        name=software.name,
        manufacturer_name=software.name,
        model_name=f"{software.name} {software.version}",
    )
    context = ObservationContext(
        observer_device_context=ObserverContext(
            observer_type=codes.DCM.Device,
            observer_identifying_attributes=observer,
        )
    )
    return MeasurementReport(
        observation_context=context,
        procedure_reported=codes.SCT.Radiotherapy,
        imaging_measurements=list(measurement_groups(assessment)),
        title=codes.DCM.OncologyMeasurementReport,
    )


def _listed(evidence: Sequence[Dataset]) -> Dataset:
    """Objects of one study by their series."""
    item = Dataset()
    item.StudyInstanceUID = evidence[0].StudyInstanceUID
    item.ReferencedSeriesSequence = []
    for one in evidence:
        series = Dataset()
        series.SeriesInstanceUID = one.SeriesInstanceUID
        series.ReferencedSOPSequence = [
            reference_to(one.SOPClassUID, one.SOPInstanceUID)
        ]
        item.ReferencedSeriesSequence.append(series)
    return item
