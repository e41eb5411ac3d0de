"""The objects of an export, each read into what it says about itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.deformable_registration import DeformableObject, read_deformable
from reirrad.dicom.elements import text
from reirrad.dicom.identity import MODEL_OF_RESULTS
from reirrad.dicom.images import IMAGE_KINDS, ImageSeries, image_series, is_localizer
from reirrad.dicom.rtdose import DoseHeader, read_dose_header
from reirrad.dicom.rtplan import Plan, read_plan
from reirrad.dicom.rtstruct import StructureSetHeader, read_structure_set_header
from reirrad.dicom.spatial_registration import (
    SpatialRegistration,
    read_registration,
)
from reirrad.dicom.split_dose import joined
from reirrad.errors import DicomError

__all__ = ["Export", "read_export"]


@dataclass(slots=True, eq=False)
class Export:
    """Readable objects by kind.

    Parameters
    ----------
    plans, structure_sets
        By SOP Instance UID.
    doses
        With and without faults.
    doses_set_aside
        Of plans that treat no patient.
    series
        Image series.
    registrations
        Rigid maps between frames of reference.
    deformables
        Deformable ones.
    """

    plans: dict[str, Plan] = field(default_factory=dict)
    structure_sets: dict[str, StructureSetHeader] = field(default_factory=dict)
    doses: list[DoseHeader] = field(default_factory=list)
    doses_set_aside: list[DoseHeader] = field(default_factory=list)
    series: tuple[ImageSeries, ...] = ()
    registrations: list[SpatialRegistration] = field(default_factory=list)
    deformables: list[DeformableObject] = field(default_factory=list)


def read_export(found: Iterable[FoundObject], audit: Audit) -> Export:
    """Read every object; what cannot be read is refused in `audit`.

    A plan, dose or structure set that cannot be read is a problem: without it the other
    objects could be put together wrongly. A registration that cannot be used is a
    finding.
    """
    export = Export()
    slices: list[FoundObject] = []
    readers: Mapping[str, Callable[[FoundObject], None]] = {
        "RTPLAN": lambda one: export.plans.__setitem__(
            one.sop_instance_uid, read_plan(one)
        ),
        "RTSTRUCT": lambda one: export.structure_sets.__setitem__(
            one.sop_instance_uid, read_structure_set_header(one)
        ),
        "RTDOSE": lambda one: export.doses.append(read_dose_header(one)),
        "REG": lambda one: export.registrations.extend(read_registration(one)),
        "deformable REG": lambda one: export.deformables.extend(read_deformable(one)),
        **dict.fromkeys(IMAGE_KINDS, slices.append),
    }
    for one in found:
        if _is_result(one):
            audit.ignore([one], "a result that reirrad exported, not an input")
            continue
        if one.kind in IMAGE_KINDS and is_localizer(one):
            audit.ignore([one], "an overview (localizer), no slice of a volume")
            continue
        reader = readers.get(one.kind)
        if reader is None:
            reason = f"{one.kind} objects are not needed"
            audit.ignore([one], reason)
            continue
        try:
            reader(one)
        except DicomError as error:
            audit.refuse([one], str(error))
            if one.kind in {"REG", "deformable REG"}:
                audit.note("registration-refused", "warning", one.path, str(error))
            else:
                audit.stop(*error.problems)
    export.doses = joined(export.doses)
    export.series = image_series(slices)
    return export


def _is_result(found: FoundObject) -> bool:
    """Whether an object is an exported result; a registration can be used again."""
    return (
        text(found.dataset, "ManufacturerModelName") == MODEL_OF_RESULTS
        and found.kind != "REG"
    )
