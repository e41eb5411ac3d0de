"""Volumes and dose-volume metrics of solids that are known in closed form."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from reirrad.core.assessment import Assessment
from reirrad.phantoms.analytic import SliceStack
from reirrad.phantoms.checks import Check
from reirrad.phantoms.solid_patient import (
    KnownSolid,
    flat_solids,
    round_solids,
    solid_courses,
)
from reirrad.workflows.commissioning.front_door import (
    assessed,
    metrics_of,
    structure_named,
    written,
)
from reirrad.workflows.settings import load_settings

__all__ = ["examine_volumes"]

VOLUME = "volume[cc]"
# Mean absolute error that holds for balls and ellipsoids of 1 cc and more, in per cent.
MEAN_ERROR_PERCENT = {
    VOLUME: 0.1,
    "Mean[Gy]": 0.05,
    "D98%[Gy]": 0.4,
    "D95%[Gy]": 0.4,
    "D50%[Gy]": 0.2,
    "D2%[Gy]": 0.2,
    "D0.1cc[Gy]": 0.2,
}
LARGEST_ERROR_PERCENT = 3.0
SHARE_OUTSIDE_PERCENT = 5.0
ROUND = "accuracy promised for balls and ellipsoids of 1 cc and more"
FLAT = "contours do not show where a flat end lies; the interval holds in 95 % of cases"


def examine_volumes(folder: Path) -> Iterator[Check]:
    """Round and flat-ended solids on slices of 1, 2 and 3 mm, in two doses."""
    for spacing_mm in (1.0, 2.0, 3.0):
        random = np.random.default_rng(round(1000 * spacing_mm))
        curved, flat = round_solids(random), flat_solids(random)
        courses = solid_courses([*curved, *flat], SliceStack(spacing_mm))
        written(folder / f"{spacing_mm:g}", courses)
        settings = load_settings(None, organ=curved[0].name)
        result = assessed(folder / f"{spacing_mm:g}", settings=settings)
        slices = f"slices of {spacing_mm:g} mm"
        for metric in MEAN_ERROR_PERCENT:
            errors = dict(_errors_percent(curved, result, metric))
            yield from _accuracy(errors, metric, slices)
        yield _intervals(flat, result, slices)


def _accuracy(errors: Mapping[str, float], metric: str, slices: str) -> Iterator[Check]:
    """Mean and largest error of a metric over all round solids and both doses."""
    yield Check(
        f"{metric}, {slices}: mean error of {len(errors)} cases",
        0.0,
        sum(errors.values()) / len(errors),
        MEAN_ERROR_PERCENT[metric],
        "%",
        ROUND,
    )
    worst = max(errors, key=lambda case: errors[case])
    yield Check(
        f"{metric}, {slices}: largest error ({worst})",
        0.0,
        errors[worst],
        LARGEST_ERROR_PERCENT,
        "%",
        ROUND,
    )


def _errors_percent(
    known: Sequence[KnownSolid], result: Assessment, metric: str
) -> Iterator[tuple[str, float]]:
    """Absolute error of a metric by solid and dose; NaN where none is given."""
    for one in known:
        structure = structure_named(result, one.name)
        for number, dose_name, dose in one.doses:
            expected = one.value(metric, dose)
            if metric == VOLUME:
                yield one.name, 100.0 * abs(structure.volume_cc / expected - 1.0)
                break
            found = metrics_of(structure, number, "physical")[metric]
            ratio = np.nan if found is None else found / expected
            yield f"{one.name}, {dose_name}", 100.0 * abs(float(ratio) - 1.0)


def _intervals(known: Sequence[KnownSolid], result: Assessment, slices: str) -> Check:
    """How many truths of flat-ended solids lie outside the stated intervals."""
    inside = dict(_inside(known, result))
    missed = [case for case, holds in inside.items() if not holds]
    named = f" ({'; '.join(missed[:3])})" if missed else ""
    return Check(
        f"flat ends, {slices}: truths outside the stated interval, of "
        f"{len(inside)} cases{named}",
        0.0,
        100.0 * len(missed) / len(inside),
        SHARE_OUTSIDE_PERCENT,
        "%",
        FLAT,
    )


def _inside(
    known: Sequence[KnownSolid], result: Assessment
) -> Iterator[tuple[str, bool]]:
    for one in known:
        structure = structure_named(result, one.name)
        low, high = structure.volume_interval_cc
        truth = one.value(VOLUME, one.gaussian)
        yield f"{one.name} volume", low <= truth <= high
        asked = (
            ["Mean[Gy]"] if one.hole else [m for m in MEAN_ERROR_PERCENT if m != VOLUME]
        )
        for number, dose_name, dose in one.doses:
            (course,) = [c for c in structure.courses if c.number == number]
            for metric in asked:
                interval = course.physical_interval[metric]
                truth = one.value(metric, dose)
                holds = interval is not None and interval[0] <= truth <= interval[1]
                yield f"{one.name} {metric}, {dose_name}", holds
