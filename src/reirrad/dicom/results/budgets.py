"""Remaining dose as RT Dose objects.

A planning system shows such a dose like any other, so what it is, and where it is not
defined, stands in Series Description, Dose Comment and Derivation Description.
"""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from reirrad.core.exportable import Exportable, ExportedBudget
from reirrad.core.sources import ObjectReference
from reirrad.dicom.identity import Study
from reirrad.dicom.results.doses import derived, given
from reirrad.dicom.results.result_object import labelled, sealed, short
from reirrad.dicom.write_rtdose import DoseMeaning, rtdose_dataset

__all__ = ["budget_objects"]

SERIES_NUMBER = 9501


def budget_objects(
    exportable: Exportable, study: Study
) -> Iterator[tuple[str, Dataset]]:
    """Every map of the remaining dose, with the name of its file."""
    for position, one in enumerate(exportable.budgets):
        number = SERIES_NUMBER + position
        yield (
            f"RTDOSE_budget_{one.n_fractions}fx",
            _budget(exportable, one, study, number=number),
        )


def _budget(
    exportable: Exportable, budget: ExportedBudget, study: Study, *, number: int
) -> Dataset:
    fractions = f"{budget.n_fractions} fx"
    plans = _plans(exportable, budget)
    dataset = rtdose_dataset(
        budget.grid,
        study=study,
        plans=plans,
        meaning=DoseMeaning(
            "PHYSICAL",
            "MULTI_PLAN" if len(plans) > 1 else "PLAN",
            comment=short(f"REMAINING Gy, total of {fractions}, in named organs only"),
        ),
        bits=16,
    )
    series = f"reirrad: REMAINING dose (total Gy) for {fractions}"
    labelled(dataset, series=series, number=number)
    background = "; ".join(given(exportable, one) for one in budget.courses)
    derived(
        dataset,
        f"No delivered dose: largest total physical dose in Gy of a new course of "
        f"{budget.n_fractions} fractions that keeps the binding maximum limits at each "
        f"voxel. Background, without recovery: {background}. Defined only inside "
        f"{', '.join(budget.organs)}; 0 elsewhere, which says nothing there."
        f"{_not_known(budget)}",
        codes.DCM.ComposedWithRadiobiologicalEffects,
    )
    return sealed(dataset)


def _not_known(budget: ExportedBudget) -> str:
    if not budget.not_known_percent:
        return ""
    return (
        f" In {budget.not_known_percent:.1f} % of the organs' voxels the background is "
        f"not known; they are 0 as well."
    )


def _plans(exportable: Exportable, budget: ExportedBudget) -> list[ObjectReference]:
    sources = [exportable.courses[number].source for number in budget.courses]
    return [plan for source in sources if source is not None for plan in source.plans]
