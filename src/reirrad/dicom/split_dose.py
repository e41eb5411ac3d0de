"""Doses that were exported as one object for each plane."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reirrad.dicom.elements import text
from reirrad.dicom.rtdose import DoseHeader

__all__ = ["joined"]


def joined(doses: Iterable[DoseHeader]) -> list[DoseHeader]:
    """Doses, those of one plane put together where they clearly belong together.

    They do if they are of one series and agree in plan, structure set, frame of
    reference, kind of dose and beams. Whether their planes make a grid is seen when
    they are read.

    Returns
    -------
    list of DoseHeader
        In the order of the first object of each.
    """
    groups: dict[object, list[DoseHeader]] = {}
    for dose in doses:
        series = text(dose.found.dataset, "SeriesInstanceUID")
        alone = dose.n_frames > 1 or not series
        groups.setdefault(id(dose) if alone else _kind(dose, series), []).append(dose)
    return [_as_one(group) for group in groups.values()]


def _kind(dose: DoseHeader, series: str) -> object:
    return (
        series,
        dose.units,
        dose.dose_type,
        dose.summation,
        dose.frame_of_reference_uid,
        dose.plan_uids,
        dose.structure_set_uid,
        dose.beams,
    )


def _as_one(group: Sequence[DoseHeader]) -> DoseHeader:
    return replace(group[0], objects=tuple(dose.found for dose in group))
