"""The printed report as an Encapsulated PDF."""

from pydicom.dataset import Dataset
from pydicom.uid import EncapsulatedPDFStorage

from reirrad.core.exportable import Exportable
from reirrad.dicom.identity import Study, new_object, reference_to
from reirrad.dicom.results.result_object import labelled

__all__ = ["SERIES_NUMBER", "report_object"]

SERIES_NUMBER = 9601
SERIES = "reirrad: report"


def report_object(
    exportable: Exportable, study: Study, *, pdf: bytes, instance_uid: str
) -> Dataset:
    """A PDF as a DICOM object.

    Parameters
    ----------
    exportable
        Knows the plans that it is about.
    study
        Study that it joins.
    pdf
        The document; its true length is stated, since an odd one is filled up.
    instance_uid
        Its SOP Instance UID. The document prints when it was made and nothing else
        differs between two runs, so its bytes cannot decide it.
    """
    dataset = new_object(
        EncapsulatedPDFStorage,
        instance_uid=instance_uid,
        modality="DOC",
        study=study,
        series_name=SERIES,
    )
    labelled(dataset, series=SERIES, number=SERIES_NUMBER)
    del dataset.OperatorsName
    dataset.ConversionType = "WSD"
    dataset.ContentDate = study.day.strftime("%Y%m%d")
    dataset.ContentTime = ""
    dataset.AcquisitionDateTime = ""
    dataset.BurnedInAnnotation = "YES"
    dataset.VerificationFlag = "UNVERIFIED"
    dataset.DocumentTitle = "Re-irradiation assessment"
    dataset.ConceptNameCodeSequence = []
    dataset.SourceInstanceSequence = [
        reference_to(plan.sop_class_uid, plan.sop_instance_uid)
        for course in exportable.courses.values()
        if course.source is not None
        for plan in course.source.plans
    ]
    if not dataset.SourceInstanceSequence:
        del dataset.SourceInstanceSequence
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocumentLength = len(pdf)
    dataset.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    return dataset
