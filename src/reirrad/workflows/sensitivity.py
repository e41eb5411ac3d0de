"""What another alpha/beta ratio, or a linear high-dose part, would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reirrad.core.accumulation import CourseDose, known_dose
from reirrad.core.assessment import ConstraintResult
from reirrad.core.constraints import Measured, Query
from reirrad.core.findings import Finding
from reirrad.core.geometry import FloatArray
from reirrad.core.linear_quadratic_linear import summed_eqd2_linear_above
from reirrad.core.sensitivity_results import (
    AlphaBetaSensitivity,
    ConstraintSensitivity,
    LinearAbove,
    RatioMetrics,
    RatioVerdict,
    StructureSensitivity,
)
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure, StructureDoses
from reirrad.core.structures import Role
from reirrad.knowledge.alpha_beta_ranges import AlphaBetaRanges
from reirrad.workflows.limits import bases, evaluated, named_structures
from reirrad.workflows.place import PlacedPatient

__all__ = ["RatioAnswers", "ratio_answers", "sensitivity_assessed"]

SHOWN_METRICS = ("Mean[Gy]", "Max[Gy]", "D0.1cc[Gy]")


@dataclass(frozen=True, slots=True)
class RatioAnswers:
    """One structure over its ratios, and the limits asked of it with each of them."""

    structure: StructureSensitivity
    limits: Mapping[Query, float]


def ratio_answers(
    placed: PlacedStructure,
    doses: StructureDoses,
    queries: Sequence[Query],
    *,
    ranges: AlphaBetaRanges,
    gtvs: Sequence[PlacedStructure],
    linear_above_ratio: float | None,
) -> RatioAnswers | None:
    """Metrics of one structure over its plausible ratios; None for the body outline.

    Parameters
    ----------
    placed, doses
        The structure and the doses at its points.
    queries
        What the constraint tables ask of it.
    gtvs
        Every GTV, for limits on an organ without them.
    linear_above_ratio
        Dose per fraction above which the effect is linear, as a multiple of
        alpha/beta; None if that is not asked for.
    """
    if placed.structure.role is Role.EXTERNAL:
        return None
    row = ranges.range_for(placed.structure.standard_name, placed.structure.role)
    own_gy = placed.alpha_beta_gy
    ratios_gy = sorted({*row.ratios_gy, own_gy})
    biological = [query for query in queries if query.alpha_beta_gy is not None]
    about = bases(biological, doses, gtvs)
    limits = {}
    for ratio in ratios_gy:
        for query in biological:
            asked = replace(query, alpha_beta_gy=ratio)
            basis = about[query]
            value = None
            if basis is not None:
                value = basis.metric(query.metric, query.scope, query.quantity, ratio)
            if value is not None:
                limits[asked] = value
    structure = StructureSensitivity(
        structure=placed.label,
        own_alpha_beta_gy=own_gy,
        ratios=tuple(
            RatioMetrics(
                ratio,
                {
                    name: doses.metric(name, "cumulative", "EQD2", ratio)
                    for name in SHOWN_METRICS
                },
            )
            for ratio in ratios_gy
        ),
        source=row.source,
        verification=row.verification,
        linear_above=None
        if linear_above_ratio is None
        else _linear_above(doses, own_gy, linear_above_ratio * own_gy),
    )
    return RatioAnswers(structure, limits)


def sensitivity_assessed(
    patient: PlacedPatient,
    settings: Settings,
    answers: Sequence[RatioAnswers],
    constraints: Sequence[ConstraintResult],
) -> tuple[AlphaBetaSensitivity, list[Finding]]:
    """Every structure over its ratios, and the limits whose verdict hangs on them.

    Parameters
    ----------
    answers
        Of every structure but the body outline.
    constraints
        The results of every limit, with the ratios that count.
    """
    by_label = {answer.structure.structure: answer for answer in answers}
    values = {q: value for answer in answers for q, value in answer.limits.items()}
    ratios_gy = {
        name: [one.alpha_beta_gy for one in by_label[several[0].label].structure.ratios]
        for name, several in named_structures(patient).items()
        if several[0].label in by_label
    }
    again = [
        _evaluated_at(patient, settings, _at(position, ratios_gy), values)
        for position in range(max(map(len, ratios_gy.values()), default=0))
    ]
    hanging = [
        _over_ratios(plain, [tested[index] for tested in again])
        for index, plain in enumerate(constraints)
        if plain.verdict != "not evaluable" and plain.quantity != "physical"
    ]
    changed = tuple(
        one
        for one in hanging
        if any(
            ratio.verdict not in {one.verdict, "not evaluable"} for ratio in one.ratios
        )
    )
    structures = tuple(answer.structure for answer in answers)
    result = AlphaBetaSensitivity(structures, changed)
    return result, _findings(result)


def _evaluated_at(
    patient: PlacedPatient,
    settings: Settings,
    ratio_gy: Mapping[str, float],
    values: Mapping[Query, float],
) -> tuple[ConstraintResult, ...]:
    """Every limit with one ratio for each organ, which its results then carry.

    An organ without a ratio is not evaluated. A limit for one course is converted
    from its physical dose with the ratio of the value: with the organ's own it could be
    met although the course itself exceeds it.
    """

    def measure(query: Query) -> Measured | None:
        ratio = ratio_gy.get(query.structure)
        if ratio is None or query.alpha_beta_gy is None:
            return None
        value = values.get(replace(query, alpha_beta_gy=ratio))
        return None if value is None else Measured(value)

    # Where there is no ratio nothing is measured: any number does for the conversion.
    tested = evaluated(
        patient, settings, measure, alpha_beta_gy=lambda name: ratio_gy.get(name, 1.0)
    )
    return tuple(
        replace(row, alpha_beta_gy=ratio_gy.get(row.structure.removesuffix("-GTV")))
        for row in tested
    )


def _at(position: int, ratios_gy: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The ratio at a position of each range that is long enough."""
    return {
        name: row[position] for name, row in ratios_gy.items() if position < len(row)
    }


def _over_ratios(
    plain: ConstraintResult, tested: Sequence[ConstraintResult]
) -> ConstraintSensitivity:
    return ConstraintSensitivity(
        structure=plain.structure,
        metric=plain.metric,
        quantity=plain.quantity,
        scope=plain.scope,
        alpha_beta_gy=plain.alpha_beta_gy,
        relation=plain.relation,
        limit=plain.limit,
        level=plain.level,
        set=plain.set,
        value=plain.value,
        verdict=plain.verdict,
        ratios=tuple(
            RatioVerdict(row.alpha_beta_gy, row.value, row.limit, row.verdict)
            for row in tested
            if row.alpha_beta_gy is not None
        ),
    )


def _linear_above(
    doses: StructureDoses, alpha_beta_gy: float, transition_gy: float
) -> LinearAbove:
    """Cumulative EQD2 with a linear high-dose part.

    The values go into the result alone; nothing that tests limits ever sees them.
    """
    if any(number not in doses.doses for number in doses.all_courses):
        return LinearAbove(transition_gy, dict.fromkeys(SHOWN_METRICS))
    parts = [doses.doses[number] for number in doses.all_courses]

    def total_gy(parts: Sequence[CourseDose]) -> FloatArray:
        return summed_eqd2_linear_above(
            [one for part in parts for one in part.delivered_gy],
            alpha_beta_gy=alpha_beta_gy,
            transition_gy=transition_gy,
        )

    known = known_dose(
        total_gy(parts),
        doses.samples.volumes_cc,
        np.logical_and.reduce([part.covered for part in parts]),
        more_gy=lambda: total_gy([part.more_outside() for part in parts]),
    )
    return LinearAbove(
        transition_gy, {name: known.metric(name) for name in SHOWN_METRICS}
    )


def _findings(result: AlphaBetaSensitivity) -> list[Finding]:
    findings = []
    if result.constraints:
        listed = "; ".join(
            f"{one.structure} {one.metric} {one.relation} {one.limit:.4g} "
            f"{one.quantity} ({one.set}, {one.scope}): {one.verdict}, "
            f"{_other_verdicts(one)}"
            for one in result.constraints
        )
        message = (
            f"Whether a limit is kept hangs on the alpha/beta ratio, within what is "
            f"plausible for the organ: {listed}."
        )
        findings.append(
            Finding("limit-hangs-on-alpha-beta", "warning", "constraints", message)
        )
    if any(one.linear_above is not None for one in result.structures):
        message = (
            "Equivalent doses with a linear high-dose part (LQ-L) stand beside the "
            "linear-quadratic ones. They are lower, so less cautious for organs; "
            "limits were made with the linear-quadratic model and are tested with it "
            "alone."
        )
        findings.append(
            Finding("linear-above-less-cautious", "warning", "LQ-L", message)
        )
    return findings


def _other_verdicts(one: ConstraintSensitivity) -> str:
    """Where the verdict is another one, as "exceeded with 2 or 2.5 Gy"."""
    other = [
        ratio
        for ratio in one.ratios
        if ratio.verdict not in {one.verdict, "not evaluable"}
    ]
    with_gy = " or ".join(f"{ratio.alpha_beta_gy:g}" for ratio in other)
    return f"{other[0].verdict} with {with_gy} Gy"
