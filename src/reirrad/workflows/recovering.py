"""Recovery of tissue, beside the numbers that have none, if a model is named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from reirrad.core.accumulation import KnownDose
from reirrad.core.assessment import ConstraintResult
from reirrad.core.constraints import Measured, Query
from reirrad.core.findings import Finding
from reirrad.core.recovery import (
    KeptShares,
    is_dose_of_a_part,
    kept_ratios,
    months_between,
    recovered_dose,
)
from reirrad.core.recovery_results import (
    RecoveredConstraint,
    RecoveredCourse,
    RecoveredStructure,
    Recovery,
)
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure, Quantity, StructureDoses
from reirrad.core.structures import Role
from reirrad.knowledge.recovery import OrganRecovery, load_recovery_model
from reirrad.knowledge.tables import Verification
from reirrad.workflows.limits import bases, evaluated
from reirrad.workflows.place import PlacedPatient

__all__ = [
    "RecoveredAnswers",
    "kept_ratio_of",
    "kept_shares",
    "recovered_answers",
    "recovery_assessed",
]

SHOWN_METRICS = ("Mean[Gy]", "Max[Gy]", "D0.1cc[Gy]", "D0.5cc[Gy]")
CONTAINED = "the limit allows for recovery already; it must not be counted twice"
PARALLEL = "in a parallel organ, recovery has a meaning for means and volumes only"
UNKNOWN = "the value is not known"
BEST_TO_WORST: tuple[Verification, ...] = ("paper", "secondary", "unverified")


@dataclass(frozen=True, slots=True)
class RecoveredAnswers:
    """What recovery makes of one structure, and of the limits asked of it."""

    structure: RecoveredStructure
    limits: Mapping[Query, float]


def kept_shares(patient: PlacedPatient, settings: Settings) -> Mapping[str, KeptShares]:
    """Structure label to what still counts, of structures that the model has."""
    return {
        placed.label: KeptShares(
            kept_ratio_of(placed, patient, settings), row.architecture == "parallel"
        )
        for placed in patient.structures
        if (row := _row(placed, settings)) is not None
    }


def kept_ratio_of(
    placed: PlacedStructure, patient: PlacedPatient, settings: Settings
) -> dict[int, float]:
    """Course number to the share of its EQD2 that still counts in a structure.

    1 everywhere without a model, in tumour, and where the model has no row.
    """
    row = _row(placed, settings)
    starts = {o.course.number: o.course.start_date for o in patient.outlined}
    steps = () if row is None else row.steps
    return kept_ratios(steps, starts, form=settings.recovery_form)


def recovered_answers(
    placed: PlacedStructure,
    doses: StructureDoses,
    queries: Sequence[Query],
    *,
    patient: PlacedPatient,
    settings: Settings,
) -> RecoveredAnswers | None:
    """Recovered metrics of one structure; None where the model has no row for it.

    Parameters
    ----------
    placed, doses
        The structure and the doses at its points.
    queries
        What the constraint tables ask of it.
    """
    row = _row(placed, settings)
    standard_name = placed.structure.standard_name
    if row is None or standard_name is None:
        return None
    gtvs = [p for p in patient.structures if p.structure.role is Role.GTV]
    kept = kept_ratio_of(placed, patient, settings)
    summed = [query for query in queries if query.scope == "cumulative"]
    about = bases(summed, doses, gtvs)
    by_basis = {"whole": doses} | {query.basis: about[query] for query in summed}
    curves = _RecoveredCurves(by_basis, kept, row.architecture)
    limits = {}
    for query in summed:
        if not curves.has_meaning(query.metric):
            continue
        known = curves.known(query.basis, query.quantity, query.alpha_beta_gy)
        value = None if known is None else known.metric(query.metric)
        if value is not None:
            limits[query] = value
    whole = curves.known("whole", "EQD2", placed.alpha_beta_gy)
    structure = RecoveredStructure(
        structure=placed.label,
        standard_name=standard_name,
        architecture=row.architecture,
        courses=_courses(kept, patient),
        eqd2={
            name: whole.metric(name)
            if whole is not None and curves.has_meaning(name)
            else None
            for name in SHOWN_METRICS
        },
        source=row.source,
        verification=row.verification,
        note=row.note,
    )
    return RecoveredAnswers(structure, limits)


def recovery_assessed(
    patient: PlacedPatient,
    settings: Settings,
    answers: Sequence[RecoveredAnswers],
    constraints: Sequence[ConstraintResult],
) -> tuple[Recovery | None, list[Finding]]:
    """Recovered metrics and verdicts beside the unrecovered ones.

    Parameters
    ----------
    answers
        Of every structure for which the model has a row.
    constraints
        The unrecovered results of every limit.
    """
    model = load_recovery_model(settings.recovery_model)
    if model is None:
        return None, []
    values = {q: value for answer in answers for q, value in answer.limits.items()}
    rows = {answer.structure.standard_name: answer.structure for answer in answers}

    def measure(query: Query) -> Measured | None:
        value = values.get(query)
        return None if value is None else Measured(value)

    again = evaluated(patient, settings, measure)
    compared = tuple(
        _compared(plain, recovered, rows[_organ(plain)])
        for plain, recovered in zip(constraints, again, strict=True)
        if plain.scope == "cumulative"
        and plain.verdict != "not evaluable"
        and _organ(plain) in rows
    )
    structures = tuple(answer.structure for answer in answers)
    worst = max(
        (s.verification for s in structures),
        key=BEST_TO_WORST.index,
        default=BEST_TO_WORST[-1],
    )
    recovery = Recovery(
        model=model.name,
        form=settings.recovery_form,
        source="; ".join(dict.fromkeys(s.source for s in structures)),
        verification=worst,
        structures=structures,
        constraints=compared,
    )
    return recovery, [_finding(recovery)]


@dataclass(frozen=True, slots=True, eq=False)
class _RecoveredCurves:
    """Dose-volume curves of the recovered sum, each made once."""

    by_basis: Mapping[str, StructureDoses | None]
    kept: Mapping[int, float]
    architecture: Literal["serial", "parallel"]
    _made: dict[tuple[str, str, float], KnownDose | None] = field(default_factory=dict)

    def known(
        self, basis: str, quantity: Quantity, alpha_beta_gy: float | None
    ) -> KnownDose | None:
        """Curve of EQD2 or BED; None of physical dose, or where doses are missing."""
        if quantity == "physical" or alpha_beta_gy is None:
            return None
        doses = self.by_basis[basis]
        if doses is None:
            return None
        if not self._recovers():
            return doses.known("cumulative", quantity, alpha_beta_gy)
        key = (basis, quantity, alpha_beta_gy)
        if key not in self._made:
            self._made[key] = recovered_dose(doses, self.kept, quantity, alpha_beta_gy)
        return self._made[key]

    def has_meaning(self, metric: str) -> bool:
        """Whether a recovered metric means something in an organ of this kind."""
        return (
            self.architecture == "serial"
            or not self._recovers()
            or not is_dose_of_a_part(metric)
        )

    def _recovers(self) -> bool:
        return any(share < 1.0 for share in self.kept.values())


def _row(placed: PlacedStructure, settings: Settings) -> OrganRecovery | None:
    model = load_recovery_model(settings.recovery_model)
    if model is None:
        return None
    return model.row_for(placed.structure.standard_name, placed.structure.role)


def _courses(
    kept: Mapping[int, float], patient: PlacedPatient
) -> tuple[RecoveredCourse, ...]:
    starts = {o.course.number: o.course.start_date for o in patient.outlined}
    latest = starts[max(starts)]
    return tuple(
        RecoveredCourse(
            number, months_between(starts[number], latest), 1.0 - share, share
        )
        for number, share in kept.items()
    )


def _organ(result: ConstraintResult) -> str:
    return result.structure.removesuffix("-GTV")


def _compared(
    plain: ConstraintResult,
    recovered: ConstraintResult,
    row: RecoveredStructure,
) -> RecoveredConstraint:
    """One limit without and with recovery; withheld where recovery has no place."""
    reason = ""
    if plain.contains_recovery:
        reason = CONTAINED
    elif recovered.value is None:
        near_maximum = is_dose_of_a_part(plain.metric)
        parallel = row.architecture == "parallel" and near_maximum
        reason = PARALLEL if parallel else UNKNOWN
    if reason:
        recovered = replace(recovered, value=None, verdict="not evaluable")
    return RecoveredConstraint(
        structure=plain.structure,
        metric=plain.metric,
        quantity=plain.quantity,
        alpha_beta_gy=plain.alpha_beta_gy,
        relation=plain.relation,
        limit=plain.limit,
        level=plain.level,
        set=plain.set,
        value=plain.value,
        verdict=plain.verdict,
        recovered_value=recovered.value,
        recovered_verdict=recovered.verdict,
        reason=reason,
    )


def _finding(recovery: Recovery) -> Finding:
    turned = [
        f"{c.structure} {c.metric} {c.relation} {c.limit:.4g} ({c.set})"
        for c in recovery.constraints
        if c.verdict == "exceeded" and c.recovered_verdict == "met"
    ]
    contained = sum(c.reason == CONTAINED for c in recovery.constraints)
    message = (
        f"The recovery model {recovery.model} ({recovery.form}) is switched on. Doses "
        f"and verdicts are given without recovery; what it would change stands beside. "
    )
    if turned:
        message += f"Met only with recovery: {'; '.join(turned)}. "
    else:
        message += "No verdict turns to met by recovery alone. "
    if contained:
        message += (
            f"{contained} cumulative limits allow for recovery already and are not "
            f"tested with it again. "
        )
    withheld = [
        s.structure
        for s in recovery.structures
        if s.architecture == "parallel" and s.eqd2["Max[Gy]"] is None
    ]
    if withheld:
        message += (
            f"No near-maximum dose with recovery is given for {', '.join(withheld)}: "
            f"{PARALLEL}. "
        )
    message += (
        "Intervals are taken between the starts of the courses, so the time since an "
        "earlier course ended is shorter."
    )
    return Finding("recovery-applied", "warning", "recovery", message)
