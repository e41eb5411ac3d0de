"""RT Plan: what was ordered, when, and with which beams."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pydicom.dataset import Dataset

from reirrad.core.courses import TargetPrescription
from reirrad.dicom.audit import FoundObject
from reirrad.dicom.elements import day, integer, items, named, number, text
from reirrad.errors import DicomError

__all__ = ["PRESCRIPTION_SOURCE", "Plan", "read_plan"]

PRESCRIPTION_SOURCE = f"RTPLAN {named('TargetPrescriptionDose')}"
ION_PLAN = "1.2.840.10008.5.1.4.1.1.481.8"


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The part of an RT Plan that an assessment needs.

    Parameters
    ----------
    found
        The object itself.
    label
        RT Plan Label, or the name where there is none.
    plan_date
        RT Plan Date, or None.
    frame_of_reference_uid
        Of the plan itself, often empty.
    structure_set_uid
        SOP Instance UID of the structure set it was made on, or empty.
    n_fractions
        Number of fractions planned; None where it is absent or several fraction groups
        have fractions, equal numbers too: whether the groups are given in turn or in
        the same sittings is not said.
    fraction_groups
        Number of fractions of each fraction group that has beams or any fractions.
    targets
        Doses ordered for targets, highest first.
    treatment_beams
        Numbers of the beams that treat, without set-up beams: those that are described,
        and those that only a fraction group names.
    caution
        Why its physical dose may not mean what it says, or empty.
    """

    found: FoundObject
    label: str
    plan_date: date | None
    frame_of_reference_uid: str
    structure_set_uid: str
    n_fractions: int | None
    fraction_groups: tuple[int | None, ...]
    targets: tuple[TargetPrescription, ...]
    treatment_beams: tuple[int, ...]
    caution: str

    @property
    def dose_gy(self) -> float | None:
        """Highest dose ordered for a target; None where the plan carries none."""
        return self.targets[0].dose_gy if self.targets else None

    @property
    def is_brachytherapy(self) -> bool:
        """Whether it places sources in the patient."""
        return "ApplicationSetupSequence" in self.found.dataset


def read_plan(found: FoundObject) -> Plan:
    """Read an RT Plan or RT Ion Plan.

    Raises
    ------
    DicomError
        If the file is cut short or an attribute cannot be read.
    """
    dataset, where = found.dataset, found.where
    if found.truncation is not None:
        msg = (
            f"{where}: the file is cut short ({found.truncation}). Export or copy the "
            f"plan again."
        )
        raise DicomError(msg)
    groups = tuple(
        integer(group, "NumberOfFractionsPlanned", where)
        for group in items(dataset, "FractionGroupSequence", where)
    )
    label = text(dataset, "RTPlanLabel") or text(dataset, "RTPlanName")
    return Plan(
        found=found,
        label=label or "plan without label",
        plan_date=day(dataset, "RTPlanDate"),
        frame_of_reference_uid=text(dataset, "FrameOfReferenceUID"),
        structure_set_uid=_structure_set_uid(dataset, where),
        n_fractions=_one_number(groups),
        fraction_groups=groups,
        targets=tuple(
            sorted(_targets(dataset, where), key=lambda one: one.dose_gy, reverse=True)
        ),
        treatment_beams=tuple(_treatment_beams(dataset, where)),
        caution=_caution(found),
    )


def _structure_set_uid(dataset: Dataset, where: str) -> str:
    for reference in items(dataset, "ReferencedStructureSetSequence", where):
        return text(reference, "ReferencedSOPInstanceUID")
    return ""


def _one_number(groups: tuple[int | None, ...]) -> int | None:
    """Number of fractions, if exactly one group has one and it is 1 or more."""
    stated = [group for group in groups if group]
    return stated[0] if len(stated) == 1 and stated[0] >= 1 else None


def _targets(dataset: Dataset, where: str) -> Iterator[TargetPrescription]:
    for reference in items(dataset, "DoseReferenceSequence", where):
        dose_gy = number(reference, "TargetPrescriptionDose", where)
        is_target = text(reference, "DoseReferenceType").upper() == "TARGET"
        if is_target and dose_gy is not None and dose_gy > 0:
            yield TargetPrescription(
                dose_gy=dose_gy,
                roi_number=integer(reference, "ReferencedROINumber", where),
                description=text(reference, "DoseReferenceDescription"),
            )


def _treatment_beams(dataset: Dataset, where: str) -> Iterator[int]:
    """Numbers of beams that treat.

    Set-up beams have numbers of their own and no dose: counting beams instead of
    matching numbers is how a sum of beams goes wrong. A beam that a fraction group
    names treats too where the plan does not describe it.
    """
    described: set[int] = set()
    for keyword in ("BeamSequence", "IonBeamSequence"):
        for beam in items(dataset, keyword, where):
            kind = text(beam, "TreatmentDeliveryType").upper()
            beam_number = integer(beam, "BeamNumber", where)
            if beam_number is None:
                continue
            described.add(beam_number)
            if kind in {"", "TREATMENT", "CONTINUATION"}:
                yield beam_number
    for group in items(dataset, "FractionGroupSequence", where):
        for reference in items(group, "ReferencedBeamSequence", where):
            beam_number = integer(reference, "ReferencedBeamNumber", where)
            if beam_number is not None and beam_number not in described:
                described.add(beam_number)
                yield beam_number


def _caution(found: FoundObject) -> str:
    if found.sop_class_uid == ION_PLAN or "IonBeamSequence" in found.dataset:
        return (
            "is an ion plan: its physical dose is taken without relative biological "
            "effectiveness"
        )
    if "ApplicationSetupSequence" in found.dataset:
        return (
            "is a brachytherapy plan: its dose is taken as given in fractions at high "
            "dose rate"
        )
    return ""
