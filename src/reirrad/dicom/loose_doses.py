"""Doses that refer to no plan of the export, beside the doses of plans.

See ``docs/decisions/0037-what-plans-and-settings-say-of-targets.md``.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from reirrad.core.geometry import same_grid
from reirrad.dicom.audit import Audit
from reirrad.dicom.rtdose import DoseHeader, DoseVoxels, objects_of, read_dose
from reirrad.errors import DicomError

__all__ = ["same_dose", "without_copies"]


def same_dose(left: DoseVoxels, right: DoseVoxels) -> bool:
    """Whether two doses are equal in place and value (to 0.00001 Gy, and relative)."""
    return same_grid(left.geometry, right.geometry) and bool(
        np.allclose(left.values_gy, right.values_gy, rtol=1e-5, atol=1e-5)
    )


def without_copies(
    loose: Iterable[DoseHeader], of_plans: Sequence[DoseHeader], audit: Audit
) -> list[DoseHeader]:
    """Doses without plan, but for those that hold the dose of a plan once more.

    Parameters
    ----------
    loose, of_plans
        Doses that refer to no plan of the export, and those that do.
    audit
        Receives a finding for every dose that is set aside.
    """
    kept = []
    for dose in loose:
        twin = _twin(dose, of_plans)
        if twin is None:
            kept.append(dose)
            continue
        audit.ignore(objects_of([dose]), f"holds the same dose as {twin.found.path}")
        audit.note(
            "dose-copy-without-plan",
            "warning",
            dose.found.path,
            f"{dose.where}: refers to no plan of the export and holds the same dose as "
            f"{twin.where}, which does; it was set aside and counts once. If it was "
            f"given in addition, add its RTPLAN.",
        )
    return kept


def _twin(dose: DoseHeader, others: Iterable[DoseHeader]) -> DoseHeader | None:
    near = [
        one
        for one in others
        if one.frame_of_reference_uid == dose.frame_of_reference_uid
    ]
    known = _voxels(dose) if near else None
    if known is None:
        return None
    for one in near:
        voxels = _voxels(one)
        if voxels is not None and same_dose(known, voxels):
            return one
    return None


def _voxels(dose: DoseHeader) -> DoseVoxels | None:
    """None for a dose that cannot be read, which is told where it is needed."""
    try:
        return read_dose(dose)
    except DicomError:
        return None
