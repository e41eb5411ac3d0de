"""Overlap and class of every pair of courses in every draw."""

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from reirrad.core.assessment import PairAssessment
from reirrad.core.classification import (
    SMALLEST_OVERLAP_CC,
    estro_eortc_type,
    resbrt_type,
)
from reirrad.core.geometry import FloatArray
from reirrad.core.overlap import CourseIsodoses, isodose_cells
from reirrad.core.overlap_draws import (
    MovedRegion,
    reachable_cells,
    shared_in_draws,
)
from reirrad.core.perturbations import relative_motions
from reirrad.core.sampling import SamplePoints, sample, sampling_spacing_mm
from reirrad.core.sections import Sections
from reirrad.core.uncertainty import (
    PairUncertainty,
    no_spread,
    shares_percent,
    spread_of,
    type_sentence,
)
from reirrad.workflows.pairs import PairQuestion, in_irradiated_organ
from reirrad.workflows.structure_robustness import Draws

__all__ = ["pair_uncertainty"]

LEVELS = ("2Gy", "50%")
ENOUGH_CELLS = 1_500
TOLERATED_RATIO = 0.02
ANY_OVERLAP_RATIO = 0.3
FIRST_LOOK = 16
SURELY_CC = 0.01
"""More than what the volume of small overlaps is uncertain by."""
PARTS = 8
"""Of the draws, asked side by side."""


def pair_uncertainty(
    pair: PairAssessment, question: PairQuestion, draws: Draws, pool: Executor
) -> PairUncertainty:
    """Overlap and class of one pair, or of a course with the union of earlier ones."""
    involved = (*pair.earlier, pair.second)
    reported = {level: pair.overlap[level].organ_cc for level in LEVELS}
    if any(number not in draws.courses for number in involved):
        return PairUncertainty(
            pair.earlier,
            pair.second,
            pair.organ,
            pair.classification.resbrt_type,
            {level: no_spread(reported[level]) for level in LEVELS},
            {},
            {},
            {},
            sentence="",
            reason="No draws: " + pair.classification.reasons[0],
        )
    drawn = {}
    for level in LEVELS:
        found = _organ_overlaps(pair, question, draws, level=level, pool=pool)
        drawn[level] = _anchored_volumes(found, reported[level] or 0.0)
    settings = question.settings
    strict, applied = (
        [
            str(resbrt_type(low, half, minimal_ov2gy_cc=least))
            for low, half in zip(drawn["2Gy"], drawn["50%"], strict=True)
        ]
        for least in (0.0, settings.minimal_ov2gy_cc)
    )
    geometric = _anywhere(pair, question, draws, drawn["2Gy"])
    in_organ = bool(geometric.all()) or in_irradiated_organ(
        question, pair.earlier, pair.second
    )
    categories = [
        str(
            estro_eortc_type(
                bool(overlaps),
                oar_concern=settings.oar_concern,
                target_in_irradiated_organ=in_organ,
            )
        )
        for overlaps in geometric
    ]
    shares = shares_percent(strict)
    return PairUncertainty(
        pair.earlier,
        pair.second,
        pair.organ,
        pair.classification.resbrt_type,
        {level: spread_of(drawn[level], reported[level]) for level in LEVELS},
        shares,
        shares_percent(applied),
        shares_percent(categories),
        sentence=type_sentence(shares),
    )


def _organ_overlaps(
    pair: PairAssessment,
    question: PairQuestion,
    draws: Draws,
    *,
    level: str,
    pool: Executor,
) -> FloatArray:
    """Overlap in the organ, first as registered, then in every draw; shape (1 + m,)."""
    drawn_in = draws.course_moving(question.patient.organ)
    later = _moved(question.isodoses[pair.second], draws, level, drawn_in)
    earlier = [
        _moved(question.isodoses[number], draws, level, drawn_in)
        for number in pair.earlier
    ]
    cells = _cells_for(
        question.patient.organ.sections, question.organ, [later, *earlier]
    )
    count = len(next(iter(draws.motions.values())))
    parts = np.array_split(np.arange(count), min(PARTS, count))
    return np.concatenate(
        list(
            pool.map(
                lambda part: shared_in_draws(
                    cells, later, earlier, draws=part, tolerated_ratio=TOLERATED_RATIO
                ),
                parts,
            )
        )
    )


def _moved(
    isodoses: CourseIsodoses, draws: Draws, level: str, drawn_in: int
) -> MovedRegion:
    region, lowest_gy = isodoses.named(level)
    voxels = isodose_cells(isodoses.placed, lowest_gy)
    return MovedRegion(
        region,
        voxels.points_mm,
        float(voxels.radii_mm.max(initial=0.0)),
        relative_motions(
            draws.motions, isodoses.placed.course.number, drawn_in=drawn_in
        ),
    )


def _cells_for(
    sections: Sections, organ: SamplePoints, regions: Sequence[MovedRegion]
) -> SamplePoints:
    """Cells of the organ that both sides may reach, coarser where they are many."""
    near = _both_reach(organ, regions)
    count = len(near.volumes_cc)
    if count <= 2 * ENOUGH_CELLS:
        return near
    spacing_mm = sampling_spacing_mm(sections.volume_cc)
    spacing_mm *= (count / ENOUGH_CELLS) ** (1.0 / 3.0)
    return _both_reach(sample(sections, spacing_mm=spacing_mm, centred=True), regions)


def _both_reach(cells: SamplePoints, regions: Sequence[MovedRegion]) -> SamplePoints:
    later, *earlier = regions
    cells = cells.where(reachable_cells(cells, [later]))
    return cells.where(reachable_cells(cells, earlier))


def _anchored_volumes(found: FloatArray, reported_cc: float) -> FloatArray:
    """Draws as changes of the reported volume, shape (m,).

    In proportion, so that no overlap stays none; of a volume too small for that, as a
    difference.
    """
    first, drawn = found[0], found[1:]
    scale = reported_cc / first if first > SURELY_CC else 1.0
    return np.asarray(np.maximum(reported_cc + (drawn - first) * scale, 0.0))


def _anywhere(
    pair: PairAssessment,
    question: PairQuestion,
    draws: Draws,
    in_organ_cc: FloatArray,
) -> npt.NDArray[np.bool_]:
    """Whether the 2 Gy isodoses share anything in the body, in every draw."""
    overlaps = in_organ_cc > SMALLEST_OVERLAP_CC
    if overlaps.all():
        return overlaps
    later_isodoses = question.isodoses[pair.second]
    later = _moved(later_isodoses, draws, "2Gy", pair.second)
    earlier = [
        _moved(question.isodoses[number], draws, "2Gy", pair.second)
        for number in pair.earlier
    ]
    cells = isodose_cells(later_isodoses.placed, later_isodoses.named("2Gy")[1])
    cells = _both_reach(cells, [later, *earlier])
    for stride in (FIRST_LOOK, 1):
        open_ = np.flatnonzero(~overlaps)
        some = np.zeros(len(cells.volumes_cc), dtype=np.bool_)
        some[::stride] = True
        found = shared_in_draws(
            cells.where(some),
            later,
            earlier,
            draws=open_ + 1,
            tolerated_ratio=ANY_OVERLAP_RATIO,
        )
        overlaps[open_] = found > SMALLEST_OVERLAP_CC
        if overlaps.all():
            break
    return overlaps
