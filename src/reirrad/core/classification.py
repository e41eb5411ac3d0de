"""Which kind of re-irradiation two courses are.

Two schemes are answered side by side. The *resbrt type* follows Table 1 of Chiloiro et
al. (Radiat Oncol 2024;19:52): overlap of the 2 Gy isodoses and of the isodoses of half
the prescribed dose, both inside the organ. The ESTRO-EORTC category (Andratschke et
al., Lancet Oncol 2022;23:e469-e478) asks for geometric overlap anywhere in the body,
then for the clinician's concern, then for the organ.
"""

import math
from collections.abc import Mapping
from typing import Literal

from reirrad.core.assessment import Classification, OverlapVolume

__all__ = ["SMALLEST_OVERLAP_CC", "classify", "estro_eortc_type", "resbrt_type"]

ResbrtType = Literal["1A", "1B", "2", "1B*"]
EstroEortcType = Literal[
    "type 1", "type 2", "repeat organ irradiation", "repeat irradiation"
]

# One cubic millimetre: less than any voxel, contour or sampling can show, so that a
# rounding error on a shared edge is not taken for an overlap.
SMALLEST_OVERLAP_CC = 0.001

POLICY = (
    "strict reading of Chiloiro et al. 2024, Table 1: any overlap of the 2 Gy isodoses "
    "in the organ counts"
)


def resbrt_type(
    ov2gy_cc: float, ov50_cc: float, *, minimal_ov2gy_cc: float
) -> ResbrtType:
    """Type of a repeated course by the volumes its isodoses share with the earlier one.

    Parameters
    ----------
    ov2gy_cc
        Volume that both 2 Gy isodoses share in the organ, in cc.
    ov50_cc
        Volume that both isodoses of half the prescribed dose share there, in cc.
    minimal_ov2gy_cc
        An `ov2gy_cc` up to this counts as none; 0 is the strict reading.

    Returns
    -------
    str
        "1A": only the 2 Gy isodoses overlap. "1B": both do. "2": neither does.
        "1B*": the half-dose isodoses overlap although the 2 Gy isodoses do not count,
        which the table does not provide for.

    Raises
    ------
    ValueError
        If a volume is negative or not finite.
    """
    for name, value in (
        ("ov2gy_cc", ov2gy_cc),
        ("ov50_cc", ov50_cc),
        ("minimal_ov2gy_cc", minimal_ov2gy_cc),
    ):
        if not 0 <= value < math.inf:
            msg = f"{name} must be 0 cc or more, got {value}"
            raise ValueError(msg)
    low_dose = ov2gy_cc > max(minimal_ov2gy_cc, SMALLEST_OVERLAP_CC)
    high_dose = ov50_cc > SMALLEST_OVERLAP_CC
    if high_dose:
        return "1B" if low_dose else "1B*"
    return "1A" if low_dose else "2"


def estro_eortc_type(
    geometric_overlap: bool,  # noqa: FBT001 - the first question of the tree
    *,
    oar_concern: bool,
    target_in_irradiated_organ: bool,
) -> EstroEortcType:
    """Category of the ESTRO-EORTC decision tree.

    Parameters
    ----------
    geometric_overlap
        Whether the irradiated volumes share anything, at no particular isodose.
    oar_concern
        Whether the clinician is concerned about toxicity from the cumulative dose.
    target_in_irradiated_organ
        Whether the new target lies in an organ that was irradiated before.
    """
    if geometric_overlap:
        return "type 1"
    if oar_concern:
        return "type 2"
    if target_in_irradiated_organ:
        return "repeat organ irradiation"
    return "repeat irradiation"


def classify(
    overlap: Mapping[str, OverlapVolume],
    *,
    organ: str,
    minimal_ov2gy_cc: float,
    oar_concern: bool,
    target_in_irradiated_organ: bool,
    withheld_because: str = "",
) -> Classification:
    """Both categories of a pair of courses, with the reasons in sentences.

    Parameters
    ----------
    overlap
        "2Gy" and "50%" to the shared volume in the organ and in the whole body. A
        volume of None withholds every verdict that needs it.
    organ
        Name of the organ, for the sentences.
    minimal_ov2gy_cc
        Overlap up to which the paper's authors still saw none, for the type as
        they applied it.
    oar_concern, target_in_irradiated_organ
        As in :func:`estro_eortc_type`.
    withheld_because
        Why volumes are missing, as a full sentence.
    """
    strict, applied, paper_reasons = _paper_types(
        overlap, organ=organ, minimal_ov2gy_cc=minimal_ov2gy_cc
    )
    total_cc = overlap["2Gy"].total_cc
    category: EstroEortcType | Literal["undetermined"]
    if total_cc is None:
        category = "undetermined"
        reason = (
            "The ESTRO-EORTC category is undetermined: the overlap of the 2 Gy "
            "isodoses in the whole body is not known."
        )
    else:
        geometric_overlap = total_cc > SMALLEST_OVERLAP_CC
        category = estro_eortc_type(
            geometric_overlap,
            oar_concern=oar_concern,
            target_in_irradiated_organ=target_in_irradiated_organ,
        )
        reason = _category_reason(category, total_cc)
    withheld = "undetermined" in {strict, category} and withheld_because
    return Classification(
        resbrt_type=strict,
        policy=POLICY,
        as_applied_type=applied,
        estro_eortc=category,
        reasons=(
            *((withheld_because,) if withheld else ()),
            *paper_reasons,
            reason,
        ),
    )


def _paper_types(
    overlap: Mapping[str, OverlapVolume], *, organ: str, minimal_ov2gy_cc: float
) -> tuple[
    ResbrtType | Literal["undetermined"],
    ResbrtType | Literal["undetermined"],
    tuple[str, ...],
]:
    ov2gy_cc, ov50_cc = overlap["2Gy"].organ_cc, overlap["50%"].organ_cc
    if ov2gy_cc is None or ov50_cc is None:
        unknown = " and ".join(
            f"the {level} isodoses"
            for level, volume in (("2 Gy", ov2gy_cc), ("50 %", ov50_cc))
            if volume is None
        )
        reason = (
            f"The resbrt type is undetermined: the overlap of {unknown} in the "
            f"{organ} is not known."
        )
        return "undetermined", "undetermined", (reason,)
    strict = resbrt_type(ov2gy_cc, ov50_cc, minimal_ov2gy_cc=0.0)
    applied = resbrt_type(ov2gy_cc, ov50_cc, minimal_ov2gy_cc=minimal_ov2gy_cc)
    reasons = [
        (
            f"In the {organ} the 2 Gy isodoses of both courses share {_cc(ov2gy_cc)} "
            f"and the isodoses of half the prescribed dose share {_cc(ov50_cc)}."
        ),
        f"Strict reading, where any overlap counts: type {strict}.",
        (
            f"As the authors applied it, where up to {minimal_ov2gy_cc:g} cc of the "
            f"2 Gy isodoses count as none: type {applied}."
        ),
    ]
    if "1B*" in {strict, applied}:
        reasons.append(
            "1B* is not in the table: the isodoses of half the prescribed dose overlap "
            "although the overlap of the 2 Gy isodoses does not count."
        )
    return strict, applied, tuple(reasons)


def _category_reason(category: EstroEortcType, total_cc: float) -> str:
    shared = f"In the whole body the 2 Gy isodoses share {_cc(total_cc)}"
    why = {
        "type 1": f"{shared}, a geometric overlap",
        "type 2": f"{shared}, no geometric overlap, and the clinician is concerned "
        "about cumulative dose (oar_concern = true)",
        "repeat organ irradiation": f"{shared}, no geometric overlap; no concern about "
        "cumulative dose was stated (oar_concern = false) and the new target lies in "
        "an organ irradiated before",
        "repeat irradiation": f"{shared}, no geometric overlap; no concern about "
        "cumulative dose was stated (oar_concern = false) and the new target lies "
        "outside the organ irradiated before",
    }
    return f"{why[category]}: ESTRO-EORTC {category}."


def _cc(volume_cc: float) -> str:
    if volume_cc <= SMALLEST_OVERLAP_CC:
        return "0 cc"
    return f"{volume_cc:.3g} cc" if volume_cc < 1.0 else f"{volume_cc:.1f} cc"
