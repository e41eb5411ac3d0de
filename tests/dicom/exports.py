"""Small exports whose every attribute a test can change.

A course is a phantom of five slices of 6 x 8 voxels (rows 3 mm apart, columns 2 mm,
slices 4 mm) with a liver, a target and a dose that is 50 Gy everywhere but on the
outermost voxels, where it is 1 Gy.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian
from pydicom.valuerep import format_number_as_ds

from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.scan import scan

ROOT = "1.2.826.0.1.3680043.10.543"
CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "RTSTRUCT": "1.2.840.10008.5.1.4.1.1.481.3",
    "RTPLAN": "1.2.840.10008.5.1.4.1.1.481.5",
    "RTDOSE": "1.2.840.10008.5.1.4.1.1.481.2",
    "REG": "1.2.840.10008.5.1.4.1.1.66.1",
    "SR": "1.2.840.10008.5.1.4.1.1.88.11",
}
SLICES, ROWS, COLUMNS = 5, 6, 8
SCALING = 0.001
DATES = {1: "20210301", 2: "20230905", 3: "20240110"}


def item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def bare(kind: str, uid: str, **attributes: Any) -> Dataset:
    """An object with its identity alone."""
    dataset = item(
        SOPClassUID=CLASSES[kind],
        SOPInstanceUID=uid,
        Modality=kind,
        PatientID="PHANTOM-1",
        PatientName="Phantom^One",
        PatientBirthDate="19500101",
        PatientSex="O",
        **attributes,
    )
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = UID(CLASSES[kind])
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(uid)
    return dataset


@dataclass
class CourseExport:
    """The objects of one course, by the name of their file."""

    number: int
    objects: dict[str, Dataset] = field(default_factory=dict)

    @property
    def frame(self) -> str:
        return f"{ROOT}.{self.number}.1"

    @property
    def series(self) -> str:
        return f"{ROOT}.{self.number}.2"

    def uid(self, name: str) -> str:
        return str(self.objects[name].SOPInstanceUID)

    def __getitem__(self, name: str) -> Dataset:
        return self.objects[name]


def course_export(number: int) -> CourseExport:
    """A course without any fault."""
    export = CourseExport(number)
    for k in range(SLICES):
        export.objects[f"ct{k}.dcm"] = ct_slice(export, k)
    export.objects["rs.dcm"] = structure_set(export)
    export.objects["rp.dcm"] = plan(export)
    export.objects["rd.dcm"] = dose(export, f"{ROOT}.{number}.7", export.uid("rp.dcm"))
    return export


def ct_slice(export: CourseExport, k: int) -> Dataset:
    values = np.full((ROWS, COLUMNS), 100 + k, dtype="<i2")
    return bare(
        "CT",
        f"{ROOT}.{export.number}.3.{k + 1}",
        StudyDate=DATES[export.number],
        SeriesInstanceUID=export.series,
        FrameOfReferenceUID=export.frame,
        # Against the order of positions, as some scanners number them.
        InstanceNumber=SLICES - k,
        ImagePositionPatient=[-7.0, -8.0, 4.0 * k],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        PixelSpacing=[3.0, 2.0],
        Rows=ROWS,
        Columns=COLUMNS,
        BitsAllocated=16,
        BitsStored=16,
        HighBit=15,
        PixelRepresentation=1,
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        RescaleSlope=2,
        RescaleIntercept=-1000,
        PixelData=values.tobytes(),
    )


def contour(points: Iterable[float], kind: str = "CLOSED_PLANAR") -> Dataset:
    values = list(points)
    return item(
        ContourGeometricType=kind,
        NumberOfContourPoints=len(values) // 3,
        ContourData=values,
    )


def square(z: float, half: float = 4.0) -> Dataset:
    corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    return contour(value for x, y in corners for value in (x, y, z))


def structure_set(export: CourseExport) -> Dataset:
    images = [
        item(ReferencedSOPInstanceUID=export.uid(f"ct{k}.dcm")) for k in range(SLICES)
    ]
    series = item(SeriesInstanceUID=export.series, ContourImageSequence=images)
    study = item(RTReferencedSeriesSequence=[series])
    names = {3: "Fegato", 8: "PTV"}
    return bare(
        "RTSTRUCT",
        f"{ROOT}.{export.number}.4",
        StructureSetDate=DATES[export.number],
        ReferencedFrameOfReferenceSequence=[
            item(FrameOfReferenceUID=export.frame, RTReferencedStudySequence=[study])
        ],
        StructureSetROISequence=[
            item(ROINumber=n, ROIName=name, ReferencedFrameOfReferenceUID=export.frame)
            for n, name in names.items()
        ],
        ROIContourSequence=[
            item(
                ReferencedROINumber=n,
                ContourSequence=[square(4.0), square(8.0), square(12.0)],
            )
            for n in names
        ],
        RTROIObservationsSequence=[
            item(ReferencedROINumber=3, RTROIInterpretedType="ORGAN"),
            item(ReferencedROINumber=8, RTROIInterpretedType="PTV"),
        ],
    )


def plan(export: CourseExport, uid: str = "") -> Dataset:
    beams = [(1, "TREATMENT"), (2, "TREATMENT"), (7, "SETUP")]
    return bare(
        "RTPLAN",
        uid or f"{ROOT}.{export.number}.5",
        RTPlanLabel=f"PLAN{export.number}",
        RTPlanDate=DATES[export.number],
        RTPlanGeometry="PATIENT",
        FrameOfReferenceUID=export.frame,
        DoseReferenceSequence=[
            item(
                DoseReferenceType="TARGET",
                DoseReferenceDescription="PTV",
                TargetPrescriptionDose=45.0,
            )
        ],
        FractionGroupSequence=[item(FractionGroupNumber=1, NumberOfFractionsPlanned=5)],
        BeamSequence=[
            item(BeamNumber=n, TreatmentDeliveryType=kind) for n, kind in beams
        ],
        ReferencedStructureSetSequence=[
            item(ReferencedSOPInstanceUID=export.uid("rs.dcm"))
        ],
    )


def dose_values_gy(inside_gy: float = 50.0) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = np.full((SLICES, ROWS, COLUMNS), 1.0)
    values[1:-1, 1:-1, 1:-1] = inside_gy
    return values


def dose(
    export: CourseExport,
    uid: str,
    plan_uid: str,
    *,
    inside_gy: float = 50.0,
    beam: int | None = None,
) -> Dataset:
    stored = np.round(dose_values_gy(inside_gy) / SCALING).astype("<u4")
    reference = item(ReferencedSOPInstanceUID=plan_uid)
    if beam is not None:
        beams = [item(ReferencedBeamNumber=beam)]
        reference.ReferencedFractionGroupSequence = [
            item(ReferencedFractionGroupNumber=1, ReferencedBeamSequence=beams)
        ]
    return bare(
        "RTDOSE",
        uid,
        StudyDate=DATES[export.number],
        FrameOfReferenceUID=export.frame,
        ImagePositionPatient=[-7.0, -8.0, 0.0],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        PixelSpacing=[3.0, 2.0],
        NumberOfFrames=SLICES,
        GridFrameOffsetVector=[4.0 * k for k in range(SLICES)],
        Rows=ROWS,
        Columns=COLUMNS,
        BitsAllocated=32,
        BitsStored=32,
        HighBit=31,
        PixelRepresentation=0,
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        DoseUnits="GY",
        DoseType="PHYSICAL",
        DoseSummationType="PLAN" if beam is None else "BEAM",
        DoseGridScaling=SCALING,
        ReferencedRTPlanSequence=[reference],
        PixelData=stored.tobytes(),
    )


def decimals(rows: Iterable[Iterable[float]]) -> list[str]:
    """Numbers of a matrix as decimal strings of at most 16 characters."""
    return [format_number_as_ds(float(value)) for row in rows for value in row]


def registration(
    uid: str, from_frame: str, to_frame: str, matrix: Iterable[Iterable[float]]
) -> Dataset:
    def mapped(frame: str, rows: Iterable[Iterable[float]]) -> Dataset:
        one = item(
            FrameOfReferenceTransformationMatrixType="RIGID",
            FrameOfReferenceTransformationMatrix=decimals(rows),
        )
        step = item(MatrixSequence=[one])
        return item(FrameOfReferenceUID=frame, MatrixRegistrationSequence=[step])

    return bare(
        "REG",
        uid,
        FrameOfReferenceUID=to_frame,
        RegistrationSequence=[
            mapped(to_frame, np.eye(4).tolist()),
            mapped(from_frame, matrix),
        ],
    )


def written(folder: Path, *exports: CourseExport) -> Path:
    """Write courses into folders c1, c2, ..."""
    for export in exports:
        into = folder / f"c{export.number}"
        into.mkdir(parents=True, exist_ok=True)
        for name, dataset in export.objects.items():
            dataset.save_as(into / name, enforce_file_format=True)
    return folder


def found_object(folder: Path, dataset: Dataset, name: str = "x.dcm") -> FoundObject:
    """Write one object and find it."""
    dataset.save_as(folder / name, enforce_file_format=True)
    return found_file(folder / name)


def found_file(path: Path) -> FoundObject:
    (found,) = scan([path], Audit(), progress=lambda _: None)
    return found
