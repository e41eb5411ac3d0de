"""Codes of the structured report: standard ones where they exist, else our own.

Our own codes have the designator 99REIRRAD, which the report declares. Code Meaning
says in words what a code is, so that nobody needs a list of them.
"""

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from highdicom.sr import CodedConcept, FindingSite
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from reirrad.dicom.results.result_object import short

__all__ = [
    "GRAY",
    "VOLUME",
    "coding_schemes",
    "metric_concept",
    "metric_unit",
    "own_code",
    "site_of",
]

GRAY = Code("Gy", "UCUM", "gray")
VOLUME = Code("cm3", "UCUM", "cubic centimeter")
SCHEME = "99REIRRAD"
LONGEST_MEANING = 64

DECLARED = (
    ("DCM", "DICOM Controlled Terminology", "1.2.840.10008.2.16.4"),
    ("SCT", "SNOMED CT", "2.16.840.1.113883.6.96"),
    ("UCUM", "Unified Code for Units of Measure", "2.16.840.1.113883.6.8"),
    ("RFC5646", "Tags for Identifying Languages", ""),
    (SCHEME, "Codes of the program reirrad", ""),
)

SITES: Mapping[str, Code] = MappingProxyType(
    {
        "A_Aorta": codes.SCT.Aorta,
        "BileDuct_Common": codes.SCT.CommonBileDuct,
        "Bladder": codes.SCT.Bladder,
        "Bowel_Large": codes.SCT.LargeIntestine,
        "Bowel_Small": codes.SCT.SmallIntestine,
        "Chestwall": codes.SCT.ChestWall,
        "Colon": codes.SCT.Colon,
        "Duodenum": codes.SCT.Duodenum,
        "Esophagus": codes.SCT.Esophagus,
        "Gallbladder": codes.SCT.Gallbladder,
        "Heart": codes.SCT.Heart,
        "Ileum": codes.SCT.Ileum,
        "Jejunum": codes.SCT.Jejunum,
        "Kidney": codes.SCT.Kidney,
        "Liver": codes.SCT.Liver,
        "Lung": codes.SCT.Lung,
        "Pancreas": codes.SCT.Pancreas,
        "Rectum": codes.SCT.Rectum,
        "Rib": codes.SCT.Rib,
        "Skin": codes.SCT.Skin,
        "SpinalCord": codes.SCT.SpinalCord,
        "Spleen": codes.SCT.Spleen,
        "Stomach": codes.SCT.Stomach,
        "Trachea": codes.SCT.Trachea,
        "V_Portal": codes.SCT.PortalVein,
        "V_Venacava_I": codes.SCT.InferiorVenaCava,
    }
)
SIDES: Mapping[str, Code] = MappingProxyType(
    {"_L": codes.SCT.Left, "_R": codes.SCT.Right}
)
PHYSICAL_METRICS: Mapping[str, Code] = MappingProxyType(
    {
        "Mean[Gy]": codes.DCM.MeanAbsorbedRadiationDose,
        "Max[Gy]": codes.DCM.MaximumAbsorbedRadiationDose,
        "D50%[Gy]": codes.DCM.MedianAbsorbedRadiationDose,
    }
)
UNITS: Mapping[str, Code] = MappingProxyType(
    {
        "Gy": GRAY,
        "cc": VOLUME,
        "%": Code("%", "UCUM", "percent"),
    }
)


def own_code(value: str, meaning: str) -> Any:
    """A code of our own."""
    return CodedConcept(value, SCHEME, short(meaning, LONGEST_MEANING))


def site_of(standard_name: str | None, label: str) -> Any:
    """Where a finding is: an organ of SNOMED CT, or the drawn name.

    Parameters
    ----------
    standard_name
        TG-263 name; "_L" and "_R" at its end are the side.
    label
        Name by which the assessment knows the structure.
    """
    name = standard_name or ""
    side = SIDES.get(name[-2:])
    organ = SITES.get(name if side is None else name[:-2])
    if organ is None:
        digest = hashlib.sha256(label.encode()).hexdigest()[:12]
        return FindingSite(own_code(f"ROI_{digest}", label))
    return FindingSite(organ, laterality=side)


def metric_concept(metric: str, quantity: str) -> Any:
    """Name of a dose metric.

    Parameters
    ----------
    metric
        TG-263 name with its unit, as "D0.1cc[Gy]".
    quantity
        "physical", "EQD2" or "BED".
    """
    if quantity == "physical" and metric in PHYSICAL_METRICS:
        return PHYSICAL_METRICS[metric]
    bare = metric.split("[", maxsplit=1)[0]
    if quantity == "physical":
        return own_code(bare, f"{metric} of physical dose")
    return own_code(f"{quantity} {bare}", f"{metric} of {quantity}")


def metric_unit(metric: str) -> Code:
    """UCUM unit of a TG-263 metric name.

    Raises
    ------
    ValueError
        If its unit is none of Gy, cc and %.
    """
    found = re.search(r"\[(Gy|cc|%)\]$", metric)
    if found is None:
        msg = f"the unit of {metric!r} must be [Gy], [cc] or [%]"
        raise ValueError(msg)
    return UNITS[found.group(1)]


def coding_schemes() -> list[Dataset]:
    """Declaration of the schemes that the report uses."""
    schemes = []
    for designator, name, uid in DECLARED:
        item = Dataset()
        item.CodingSchemeDesignator = designator
        if uid:
            item.CodingSchemeRegistry = "HL7"
            item.CodingSchemeUID = uid
        item.CodingSchemeName = name
        schemes.append(item)
    schemes[-1].CodingSchemeResponsibleOrganization = "reirrad"
    return schemes
