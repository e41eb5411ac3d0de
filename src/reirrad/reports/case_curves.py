"""Dose-volume curves and the limits that can be drawn into them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from reirrad.core.assessment import (
    Assessment,
    ConstraintResult,
    StructureAssessment,
)
from reirrad.core.dvh import METRIC_NAME
from reirrad.core.geometry import FloatArray
from reirrad.reports.case_limits import Judged
from reirrad.reports.limit_words import is_unsure, limit_metric, limit_verdict
from reirrad.reports.page_blocks import Json
from reirrad.reports.wording import compared_numbers, limit_text

__all__ = ["CurveMark", "bands_json", "curve_marks_json", "curves_json", "limit_mark"]

MOST_POINTS = 200


@dataclass(frozen=True, slots=True)
class CurveMark:
    """Where a limit stands in a dose-volume histogram.

    ``volume_percent`` is None for a limit on the largest or least dose: a dose alone.
    """

    dose_gy: float
    volume_percent: float | None


def curves_json(assessment: Assessment) -> list[Json]:
    """Every curve with at most 200 points."""
    return [
        {
            "structure": structure.name,
            "label": curve.label,
            "quantity": curve.quantity,
            **_points(
                dose_gy=curve.dose_gy,
                seen=curve.volume_percent,
                volume_percent=curve.volume_percent,
            ),
        }
        for structure in assessment.structures
        for curve in structure.curves
        if len(curve.dose_gy) > 0
    ]


def bands_json(assessment: Assessment) -> list[Json]:
    """5 to 95 % of the plausible registrations, of cumulative EQD2 curves.

    Where a band is not known it ends, and begins anew.
    """
    found = assessment.uncertainty
    return [
        {
            "structure": band.name,
            **_points(
                dose_gy=band.dose_gy[run],
                seen=band.high_percent[run],
                low_percent=band.low_percent[run],
                high_percent=band.high_percent[run],
            ),
        }
        for band in (() if found is None else found.bands)
        for run in _known_runs(band.low_percent + band.high_percent)
    ]


def _known_runs(values: FloatArray) -> list[slice]:
    """Where values are known without a gap, at two points at least."""
    known = np.concatenate([[False], np.isfinite(values), [False]])
    starts, ends = np.flatnonzero(known[1:] != known[:-1]).reshape(-1, 2).T
    return [
        slice(start, end)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        if end - start > 1
    ]


def _points(*, seen: FloatArray, **columns: FloatArray) -> dict[str, list[float]]:
    """Columns up to where `seen` reaches the axis, at evenly chosen points."""
    visible = np.flatnonzero(seen > 0.0)
    last = min(int(visible[-1]) + 1, len(seen) - 1) if visible.size else 0
    chosen = np.unique(
        np.linspace(0, last, min(last + 1, MOST_POINTS)).round().astype(np.int64)
    )
    return {
        name: [round(float(value), 3) for value in column[chosen]]
        for name, column in columns.items()
    }


def curve_marks_json(
    judged: Iterable[Judged], drawn: Mapping[str, StructureAssessment]
) -> list[Json]:
    """The limits that can be drawn, in the order of the table."""
    marks = []
    for place, (item, over_draws) in enumerate(judged):
        structure = drawn.get(item.structure)
        mark = None if structure is None else limit_mark(item, structure)
        if structure is None or mark is None:
            continue
        _, limit = compared_numbers(item.value, item.limit)
        verdict = limit_verdict(item, over_draws)
        marks.append(
            {
                "row": place,
                "structure": structure.name,
                "scope": item.scope,
                "quantity": item.quantity,
                "kind": "dose" if mark.volume_percent is None else "point",
                "dose_gy": mark.dose_gy,
                "volume_percent": mark.volume_percent,
                "state": item.verdict,
                "unsure": is_unsure(item, over_draws),
                "tone": verdict.tone,
                "words": f"{limit_metric(item)} {limit_text(item, limit)}: "
                f"{verdict.text}",
            }
        )
    return marks


def limit_mark(
    item: ConstraintResult, structure: StructureAssessment
) -> CurveMark | None:
    """Where a limit stands in the curves of its structure.

    None where it has no place there: a mean dose, BED, another alpha/beta than that of
    the curve, a volume larger than the structure.
    """
    ratio = item.alpha_beta_gy
    if item.quantity == "BED" or (
        item.quantity == "EQD2" and ratio != structure.alpha_beta_gy
    ):
        return None
    name = METRIC_NAME.fullmatch(item.metric)
    if name is None or name["plain"] == "Mean":
        return None
    if name["plain"]:
        return CurveMark(item.limit, None)
    if name["d_at"]:
        share = _percent(float(name["d_at"]), name["d_unit"], structure)
        return _inside(item.limit, share)
    share = _percent(item.limit, name["v_unit"], structure)
    return _inside(float(name["v_at"]), 100.0 - share if name["cold"] else share)


def _percent(volume: float, unit: str, structure: StructureAssessment) -> float:
    return volume if unit == "%" else 100.0 * volume / structure.volume_cc


def _inside(dose_gy: float, volume_percent: float) -> CurveMark | None:
    if not 0.0 <= volume_percent <= 100.0:
        return None
    return CurveMark(round(dose_gy, 4), round(volume_percent, 4))
