"""Isodoses and overlaps as an RT Structure Set on the reference image."""

from collections.abc import Mapping
from types import MappingProxyType

from pydicom.dataset import Dataset

from reirrad.core.exportable import Exportable, ExportedRegion
from reirrad.core.structures import Role, Structure
from reirrad.dicom.identity import Study
from reirrad.dicom.results.result_object import labelled, sealed, short
from reirrad.dicom.write_rtstruct import ReferencedSeries, rtstruct_dataset

__all__ = ["SERIES_NUMBER", "region_object"]

SERIES_NUMBER = 9201
LABEL = "reirrad"
INTERPRETED_TYPE = "DOSE_REGION"

# By kind and level; isodoses of the reference course are darker than those of others.
Colour = tuple[int, int, int]
OTHER_ISODOSES: Mapping[str, Colour] = MappingProxyType(
    {"2Gy": (150, 205, 250), "50%": (86, 160, 233), "100%": (40, 110, 220)}
)
REFERENCE_ISODOSES: Mapping[str, Colour] = MappingProxyType(
    {"2Gy": (255, 220, 120), "50%": (240, 170, 20), "100%": (213, 110, 0)}
)
OVERLAPS: Mapping[str, Colour] = MappingProxyType(
    {"2Gy": (230, 120, 190), "50%": (220, 20, 60)}
)


def region_object(exportable: Exportable, study: Study) -> Dataset | None:
    """The structure set; None where no region reaches a slice of an image."""
    series = exportable.reference.series
    if series is None or not exportable.regions:
        return None
    drawn_on = ReferencedSeries(series)
    dataset = rtstruct_dataset(
        [_structure(one, exportable) for one in exportable.regions],
        study=study,
        label=LABEL,
        frame_of_reference_uid=exportable.frame_of_reference_uid,
        drawn_on=drawn_on,
    )
    labelled(
        dataset, series="reirrad: isodoses and their overlaps", number=SERIES_NUMBER
    )
    dataset.StructureSetName = "reirrad isodoses and overlaps"
    dataset.StructureSetDescription = (
        "Isodoses of the physical dose of each course and what they share, made by "
        "reirrad. Not drawn by a person, not an organ or a target."
    )
    items = zip(
        exportable.regions,
        dataset.StructureSetROISequence,
        dataset.ROIContourSequence,
        dataset.RTROIObservationsSequence,
        strict=True,
    )
    for region, roi, drawn, observed in items:
        roi.ROIDescription = region.description
        roi.ROIGenerationAlgorithm = "AUTOMATIC"
        drawn.ROIDisplayColor = list(_colour(region, exportable.reference_course))
        for contour, index in zip(drawn.ContourSequence, region.slices, strict=True):
            contour.ContourImageSequence = [drawn_on.reference(index)]
        observed.RTROIInterpretedType = INTERPRETED_TYPE
        observed.ROIObservationLabel = short(region.name, 16)
    return sealed(dataset)


def _structure(region: ExportedRegion, exportable: Exportable) -> Structure:
    return Structure(
        number=region.number,
        name=short(region.name),
        standard_name=None,
        role=Role.OTHER,
        contours=region.contours,
        frame_of_reference_uid=exportable.frame_of_reference_uid,
    )


def _colour(region: ExportedRegion, reference_course: int) -> Colour:
    if region.kind == "overlap":
        return OVERLAPS[region.level]
    of_reference = region.courses == (reference_course,)
    return (REFERENCE_ISODOSES if of_reference else OTHER_ISODOSES)[region.level]
