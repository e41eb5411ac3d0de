"""Writing what was ordered as an RT Plan."""

from pydicom.dataset import Dataset
from pydicom.uid import RTPlanStorage

from reirrad.core.courses import Course, TargetPrescription
from reirrad.dicom.identity import (
    NOON,
    Study,
    decimal,
    new_object,
    reference_to,
    stable_uid,
)

__all__ = ["rtplan_dataset"]

FEWEST_BEAMS = 3


def rtplan_dataset(course: Course, *, study: Study, structure_set: Dataset) -> Dataset:
    """Prescription and fractions of a course as an RT Plan.

    A course knows its dose but not its beams: as many static beams as it has beam
    doses, or three, stand in for them, with neither monitor units nor apertures.

    Parameters
    ----------
    course
        Course with one delivery.
    study
        Study that the plan joins.
    structure_set
        RT Structure Set to refer to.
    """
    delivery = course.deliveries[0]
    n_beams = len(delivery.doses) if len(delivery.doses) > 1 else FEWEST_BEAMS
    targets = course.prescription.targets or (
        TargetPrescription(course.prescription.dose_gy, None, "target"),
    )
    dataset = new_object(
        RTPlanStorage,
        instance_uid=stable_uid(
            "rtplan",
            structure_set.SOPInstanceUID,
            course.plan_label,
            str(n_beams),
            str(delivery.n_fractions),
            *(f"{one.dose_gy} {one.roi_number} {one.description}" for one in targets),
        ),
        modality="RTPLAN",
        study=study,
        series_name="plan",
    )
    day = study.day.strftime("%Y%m%d")
    dataset.FrameOfReferenceUID = course.frame_of_reference_uid
    dataset.PositionReferenceIndicator = ""
    dataset.RTPlanLabel = course.plan_label[:16]
    dataset.RTPlanName = course.plan_label[:64]
    dataset.RTPlanDate, dataset.RTPlanTime = day, NOON
    dataset.PlanIntent = "CURATIVE"
    dataset.RTPlanGeometry = "PATIENT"
    dataset.ApprovalStatus = "APPROVED"
    dataset.ReviewDate, dataset.ReviewTime = day, NOON
    dataset.ReviewerName = ""
    dataset.DoseReferenceSequence = [
        _dose_reference(number, one) for number, one in enumerate(targets, start=1)
    ]
    dataset.FractionGroupSequence = [_fraction_group(delivery.n_fractions, n_beams)]
    dataset.PatientSetupSequence = [_patient_setup()]
    dataset.BeamSequence = [_beam(1 + index, n_beams) for index in range(n_beams)]
    dataset.ReferencedStructureSetSequence = [
        reference_to(structure_set.SOPClassUID, structure_set.SOPInstanceUID)
    ]
    return dataset


def _dose_reference(number: int, target: TargetPrescription) -> Dataset:
    item = Dataset()
    item.DoseReferenceNumber = number
    item.DoseReferenceStructureType = "SITE"
    if target.roi_number is not None:
        item.DoseReferenceStructureType = "VOLUME"
        item.ReferencedROINumber = target.roi_number
    item.DoseReferenceDescription = target.description
    item.DoseReferenceType = "TARGET"
    item.TargetPrescriptionDose = decimal(target.dose_gy)
    return item


def _fraction_group(n_fractions: int, n_beams: int) -> Dataset:
    group = Dataset()
    group.FractionGroupNumber = 1
    group.NumberOfFractionsPlanned = n_fractions
    group.NumberOfBeams = n_beams
    group.NumberOfBrachyApplicationSetups = 0
    beams = [Dataset() for _ in range(n_beams)]
    for number, beam in enumerate(beams, start=1):
        beam.ReferencedBeamNumber = number
    group.ReferencedBeamSequence = beams
    return group


def _patient_setup() -> Dataset:
    setup = Dataset()
    setup.PatientSetupNumber = 1
    setup.PatientPosition = "HFS"
    return setup


def _beam(number: int, n_beams: int) -> Dataset:
    beam = Dataset()
    beam.BeamNumber = number
    beam.BeamName = f"beam {number}"
    beam.BeamType = "STATIC"
    beam.RadiationType = "PHOTON"
    beam.TreatmentMachineName = ""
    beam.PrimaryDosimeterUnit = "MU"
    beam.TreatmentDeliveryType = "TREATMENT"
    beam.BeamLimitingDeviceSequence = [_jaw("ASYMX"), _jaw("ASYMY")]
    beam.ReferencedPatientSetupNumber = 1
    beam.NumberOfWedges = beam.NumberOfCompensators = 0
    beam.NumberOfBoli = beam.NumberOfBlocks = 0
    beam.FinalCumulativeMetersetWeight = "1"
    beam.NumberOfControlPoints = 2
    first = _first_control_point(360.0 * (number - 1) / n_beams)
    last = Dataset()
    last.ControlPointIndex = 1
    last.CumulativeMetersetWeight = "1"
    beam.ControlPointSequence = [first, last]
    return beam


def _jaw(device: str) -> Dataset:
    jaw = Dataset()
    jaw.RTBeamLimitingDeviceType = device
    jaw.NumberOfLeafJawPairs = 1
    return jaw


def _first_control_point(gantry_degrees: float) -> Dataset:
    point = Dataset()
    point.ControlPointIndex = 0
    point.CumulativeMetersetWeight = "0"
    point.NominalBeamEnergy = "6"
    point.BeamLimitingDevicePositionSequence = []
    for device in ("ASYMX", "ASYMY"):
        position = Dataset()
        position.RTBeamLimitingDeviceType = device
        position.LeafJawPositions = ["-30", "30"]
        point.BeamLimitingDevicePositionSequence.append(position)
    point.GantryAngle = decimal(gantry_degrees)
    for keyword in ("BeamLimitingDevice", "PatientSupport", "TableTopEccentric"):
        setattr(point, f"{keyword}Angle", "0")
    for keyword in (
        "GantryRotationDirection",
        "BeamLimitingDeviceRotationDirection",
        "PatientSupportRotationDirection",
        "TableTopEccentricRotationDirection",
    ):
        setattr(point, keyword, "NONE")
    for axis in ("Vertical", "Longitudinal", "Lateral"):
        setattr(point, f"TableTop{axis}Position", None)
    point.IsocenterPosition = None
    return point
