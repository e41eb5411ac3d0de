"""How sure an assessment is when a registration may be off.

Asked of every structure while its doses are at hand, then of all draws together.
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from reirrad.core.assessment import (
    ConstraintResult,
    PairAssessment,
    StructureAssessment,
)
from reirrad.core.constraints import Measured, Query
from reirrad.core.findings import Finding
from reirrad.core.near_maximum import NearMaximum
from reirrad.core.processors import processors
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure, StructureDoses
from reirrad.core.structures import Role
from reirrad.core.uncertainty import (
    CourseAccuracy,
    PairUncertainty,
    Uncertainty,
    VerdictUncertainty,
    verdict_holds_percent,
)
from reirrad.knowledge.rules import load_rules
from reirrad.workflows.near_maxima import (
    WorstCases,
    near_maximum,
    own_doses,
    worst_case_limit,
    worst_cases,
)
from reirrad.workflows.pair_robustness import pair_uncertainty
from reirrad.workflows.pairs import PairQuestion
from reirrad.workflows.place import PlacedPatient
from reirrad.workflows.structure_robustness import (
    DrawnStructure,
    Draws,
    drawn_structures,
    kept_structure,
    plausible_draws,
    query_of,
    shifted,
    structure_uncertainty,
    verdict_uncertainties,
)

__all__ = [
    "Robustness",
    "StructureRobustness",
    "near_maxima",
    "robustness",
    "robustness_findings",
    "uncertainty",
]


@dataclass(frozen=True, slots=True, eq=False)
class StructureRobustness:
    """What is kept of a structure."""

    drawn: DrawnStructure | None
    near: NearMaximum | None
    worst: WorstCases


@dataclass(frozen=True, slots=True, eq=False)
class Robustness:
    """What every structure is asked with."""

    question: PairQuestion
    draws: Draws | None

    @property
    def patient(self) -> PlacedPatient:
        """Everything in the reference frame."""
        return self.question.patient

    @property
    def settings(self) -> Settings:
        """What the user decided."""
        return self.question.settings

    def of_structure(
        self,
        placed: PlacedStructure,
        doses: StructureDoses,
        assessed: StructureAssessment,
        limits: Mapping[Query, Measured | None],
    ) -> StructureRobustness:
        """Ask one structure, whose doses need not be kept for it.

        Parameters
        ----------
        doses, assessed
            All that was found of it.
        limits
            Every query of a limit to its answer, None where that is not known.
        """
        patient, settings = self.patient, self.settings
        kept = near = None
        worst: WorstCases = {}
        if self.draws is not None:
            gtvs = [p for p in patient.structures if p.structure.role is Role.GTV]
            kept = kept_structure(
                self.draws,
                doses,
                assessed,
                placed=placed,
                limits={
                    query: measured
                    for query, measured in limits.items()
                    if measured is not None and not math.isnan(measured.value)
                },
                gtvs=gtvs,
            )
        if placed.structure.role is Role.ORGAN and len(patient.outlined) > 1:
            own = own_doses(placed, patient)
            near = near_maximum(
                placed,
                doses,
                own,
                patient=patient,
                accuracies={} if self.draws is None else self.draws.accuracies,
                settings=settings,
            )
            if placed.structure.standard_name in settings.worst_case:
                worst = worst_cases(placed, doses, own, queries=list(limits))
        return StructureRobustness(kept, near, worst)


def robustness(question: PairQuestion) -> Robustness:
    """Prepare the draws of an assessment."""
    draws = plausible_draws(question.patient, question.settings, question.organ)
    return Robustness(question, draws)


def uncertainty(
    asked: Robustness,
    answers: Sequence[StructureRobustness],
    *,
    pairs: Sequence[PairAssessment],
    constraints: Sequence[ConstraintResult],
) -> Uncertainty:
    """Everything over the draws.

    Parameters
    ----------
    asked, answers
        What was kept of every structure.
    pairs, constraints
        As they are reported.
    """
    settings, draws = asked.settings, asked.draws
    if draws is None:
        reason = (
            "There is one course only; no registration can be off."
            if len(asked.patient.outlined) < 2
            else "No course could be related to the reference course."
        )
        return Uncertainty(0, settings.registration_seed, reason=reason)
    kept = [answer.drawn for answer in answers if answer.drawn is not None]
    with ThreadPoolExecutor(processors()) as pool:
        drawn = drawn_structures(draws, kept, pool)
        moved = {
            mm: drawn_structures(shifted(draws, mm), kept, pool)
            for mm in asked.question.shifts_mm
        }
        unsure = [pair_uncertainty(pair, asked.question, draws, pool) for pair in pairs]
    structures = [
        structure_uncertainty(one, found, {mm: own[n] for mm, own in moved.items()})
        for n, (one, found) in enumerate(zip(kept, drawn, strict=True))
    ]
    return Uncertainty(
        draws=settings.registration_draws,
        seed=settings.registration_seed,
        accuracies=tuple(
            CourseAccuracy(n, own.translation_mm, own.rotation_degrees, own.source)
            for n, own in sorted(draws.accuracies.items())
        ),
        pairs=tuple(unsure),
        structures=tuple(one for one, _ in structures),
        constraints=verdict_uncertainties(constraints, kept, drawn, moved),
        bands=tuple(band for _, band in structures if band is not None),
    )


def near_maxima(
    patient: PlacedPatient,
    answers: Sequence[StructureRobustness],
    constraints: Sequence[ConstraintResult],
) -> tuple[NearMaximum, ...]:
    """Near-maxima of all organs, with the limits of those that change their shape."""
    result = []
    for placed, answer in zip(patient.structures, answers, strict=True):
        if answer.near is None:
            continue
        limits = [
            worst_case_limit(item, answer.worst.get(query_of(item)))
            for item in constraints
            if answer.near.worst_case
            and item.scope == "cumulative"
            and item.structure == placed.structure.standard_name
            and query_of(item) in answer.worst
        ]
        result.append(replace(answer.near, worst_case_limits=tuple(limits)))
    return tuple(result)


def robustness_findings(found: Uncertainty) -> list[Finding]:
    """Classes and verdicts that other plausible registrations do not share."""
    rule = load_rules("registration_rules")["draws_agree_percent"]
    findings = [
        _pair_finding(pair)
        for pair in found.pairs
        if pair.resbrt_type
        and rule.applies_to(pair.resbrt_type.get(pair.reported_type, 0.0))
    ]
    unsure = [
        verdict
        for verdict in found.constraints
        if (share := verdict_holds_percent(verdict)) is not None
        and rule.applies_to(share)
    ]
    if unsure:
        listed = "; ".join(_verdict_words(verdict) for verdict in unsure)
        message = (
            f"Verdicts on limits that hang on the accuracy of the registration, with "
            f"the share of plausible registrations that share them: {listed}."
        )
        findings.append(
            Finding("limit-hangs-on-registration", "warning", "constraints", message)
        )
    return findings


def _pair_finding(pair: PairUncertainty) -> Finding:
    names = " and ".join(str(number) for number in pair.earlier)
    plural = "s" if len(pair.earlier) > 1 else ""
    message = (
        f"The type of re-irradiation hangs on the accuracy of the registration: "
        f"{pair.sentence}. Reported is type {pair.reported_type}."
    )
    about = f"course{plural} {names} and course {pair.second}"
    return Finding("class-hangs-on-registration", "warning", about, message)


def _verdict_words(verdict: VerdictUncertainty) -> str:
    shares = (verdict.met_percent or 0.0) + (verdict.exceeded_percent or 0.0)
    unknown = f", not known in {100.0 - shares:.0f} %" if shares < 100.0 else ""
    return (
        f"{verdict.structure} {verdict.metric} {verdict.quantity} ({verdict.scope}) "
        f"{verdict.relation} {verdict.limit:.4g}: {verdict.verdict} in "
        f"{verdict_holds_percent(verdict):.0f} %{unknown}"
    )
