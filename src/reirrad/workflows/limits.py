"""Ask the constraint tables of the doses that were accumulated."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from reirrad.core.accumulation import KnownDose
from reirrad.core.assessment import ConstraintResult
from reirrad.core.constraints import (
    NOT_DRAWN,
    Measured,
    Query,
    evaluate_constraints,
    hangs_on_ends,
)
from reirrad.core.findings import Finding
from reirrad.core.organ_limits import NOTHING_LEFT
from reirrad.core.sampling import plausible_volumes_cc
from reirrad.core.sections import is_inside
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure, Scope, StructureDoses
from reirrad.knowledge.constraint_tables import load_constraints
from reirrad.workflows.place import PlacedPatient

__all__ = [
    "answered",
    "assessed_limits",
    "bases",
    "concerned_gtvs",
    "evaluated",
    "limit_queries",
    "named_structures",
    "without",
]


def limit_queries(
    patient: PlacedPatient, settings: Settings
) -> Mapping[str, Sequence[Query]]:
    """What the constraint tables will ask of each structure or pair, by its label.

    Known beforehand, so that the doses of a structure need not be kept for it.
    """
    asked: dict[str, list[Query]] = {}
    labels = {
        name: several[0].label
        for name, several in named_structures(patient).items()
        if len(several) == 1
    }
    labels |= {organ.name: organ.label for organ in patient.paired.organs}

    def remember(query: Query) -> None:
        if query.structure in labels:
            asked.setdefault(labels[query.structure], []).append(query)

    evaluated(patient, settings, remember)
    return asked


def answered(
    queries: Sequence[Query], doses: StructureDoses, gtvs: Sequence[PlacedStructure]
) -> dict[Query, Measured]:
    """Answer what is asked of one structure; a value that is not known is left out.

    Parameters
    ----------
    queries
        Of :func:`limit_queries`.
    doses
        Of that structure.
    gtvs
        Every GTV, for limits on an organ without them.
    """
    about = bases(queries, doses, gtvs)
    answers = {}
    of_one_dose: dict[KnownDose, list[Query]] = {}
    for query in queries:
        asked = about[query]
        if asked is None:
            answers[query] = Measured(math.nan, reason=NOTHING_LEFT)
            continue
        known = asked.known(query.scope, query.quantity, query.alpha_beta_gy)
        if known is not None:
            of_one_dose.setdefault(known, []).append(query)
    for known, several in of_one_dose.items():
        answers |= _measured(known, several)
    return {query: answers[query] for query in queries if query in answers}


def _measured(known: KnownDose, queries: Sequence[Query]) -> dict[Query, Measured]:
    intervals = known.intervals({query.metric for query in queries})
    organ_cc = known.curve.volume_cc
    answers = {}
    for query in queries:
        metric = query.metric
        value = known.metric(metric)
        if value is None:
            at_best = known.without_outside(metric)
            unknown = Measured(math.nan, organ_cc=organ_cc, without_outside=at_best)
            answers[query] = unknown
        else:
            answers[query] = Measured(value, intervals[metric], organ_cc)
    return answers


def bases(
    queries: Sequence[Query], doses: StructureDoses, gtvs: Sequence[PlacedStructure]
) -> dict[Query, StructureDoses | None]:
    """What each query is about: the structure as drawn, or without GTVs.

    For a course they are those of that course and of the earlier ones, for the sum
    those of all courses: a later tumour was healthy organ before. None where nothing is
    left without them.
    """
    rest: dict[tuple[str, ...], StructureDoses | None] = {}
    result: dict[Query, StructureDoses | None] = {}
    for query in queries:
        if query.basis == "whole":
            result[query] = doses
            continue
        concerned = concerned_gtvs(gtvs, query.scope)
        key = tuple(gtv.label for gtv in concerned)
        if key not in rest:
            rest[key] = without(doses, concerned)
        result[query] = rest[key]
    return result


def concerned_gtvs(
    gtvs: Sequence[PlacedStructure], scope: Scope
) -> list[PlacedStructure]:
    """GTVs of a course and of those before it; of every course for the sum."""
    return [gtv for gtv in gtvs if scope == "cumulative" or gtv.source_course <= scope]


def assessed_limits(
    patient: PlacedPatient, answers: Mapping[Query, Measured], settings: Settings
) -> tuple[tuple[ConstraintResult, ...], list[Finding]]:
    """Evaluate the settings' constraint sets.

    Parameters
    ----------
    patient : PlacedPatient
    answers : mapping
        What is known of the structures, of :func:`answered`.
    """
    results = evaluated(patient, settings, answers.get)
    return results, [
        *_ambiguities(named_structures(patient), patient),
        *_absent(results),
        *_findings(results),
    ]


def named_structures(patient: PlacedPatient) -> dict[str, list[PlacedStructure]]:
    """Standard name to the structures that have it."""
    named: dict[str, list[PlacedStructure]] = {}
    for placed in patient.structures:
        if placed.structure.standard_name is not None:
            named.setdefault(placed.structure.standard_name, []).append(placed)
    return named


def evaluated(
    patient: PlacedPatient,
    settings: Settings,
    measure: Callable[[Query], Measured | None],
    *,
    alpha_beta_gy: Callable[[str], float] | None = None,
) -> tuple[ConstraintResult, ...]:
    """Every constraint of the settings, in an order that is always the same.

    Parameters
    ----------
    measure
        Answers a query; None where the value is not known.
    alpha_beta_gy
        Ratio of a standard name, for limits of one course that are tested on the sum;
        by default that of the structure.
    """
    ratios = {
        name: several[0].alpha_beta_gy
        for name, several in named_structures(patient).items()
    }
    ratios |= {organ.name: organ.alpha_beta_gy for organ in patient.paired.organs}
    results = evaluate_constraints(
        load_constraints(settings.constraints),
        course_fractions={
            outlined.course.number: outlined.course.prescription.n_fractions
            for outlined in patient.outlined
        },
        structures=set(ratios),
        alpha_beta_gy=alpha_beta_gy or ratios.__getitem__,
        measure=measure,
    )
    return tuple(patient.paired.noted(result) for result in results)


def _ambiguities(
    named: Mapping[str, Sequence[PlacedStructure]], patient: PlacedPatient
) -> list[Finding]:
    """Names that several structures have: which one a limit means is not guessed."""
    findings = []
    for name, several in named.items():
        if len(several) < 2:
            continue
        listed = ", ".join(placed.label for placed in several)
        message = (
            f"Several structures mean {name}: {listed}. Limits for {name} are not "
            f"evaluated. Say under [structures] in the settings what each one means."
        )
        if patient.organ in several:
            message += f" Overlap is measured in {patient.organ.label}."
        findings.append(Finding("structure-name-shared", "warning", name, message))
    return findings


def without(
    doses: StructureDoses, gtvs: Sequence[PlacedStructure]
) -> StructureDoses | None:
    """The structure without what lies in any of the GTVs; None if nothing is left."""
    tumour = np.zeros(len(doses.samples.volumes_cc), dtype=np.bool_)
    for gtv in gtvs:
        tumour |= is_inside(gtv.sections, doses.samples.points_mm)
    rest = doses.without(tumour)
    solids = [rest.samples.volumes_cc, *plausible_volumes_cc(rest.samples)]
    return rest if all(volumes.any() for volumes in solids) else None


def _absent(results: Sequence[ConstraintResult]) -> list[Finding]:
    """Structures that are not drawn, with the reason where there is more to say."""
    absent = {}
    for result in results:
        if result.note.startswith(NOT_DRAWN):
            more = result.note.partition("; ")[0].removeprefix(NOT_DRAWN)
            reason = more.removeprefix(": ")
            absent[result.structure] = f" ({reason})" if reason else ""
    if not absent:
        return []
    listed = ", ".join(f"{name}{more}" for name, more in sorted(absent.items()))
    message = f"Not evaluable, because not in the structure set: {listed}."
    return [Finding("constraint-organ-missing", "warning", "constraints", message)]


def _findings(results: Sequence[ConstraintResult]) -> list[Finding]:
    findings = []
    unknown = [
        r
        for r in results
        if r.verdict == "not evaluable" and not r.note.startswith(NOT_DRAWN)
    ]
    if unknown:
        listed = ", ".join(sorted({f"{r.structure} ({r.scope})" for r in unknown}))
        message = (
            f"{len(unknown)} limits could not be evaluated although the organ is drawn "
            f"(the notes in the table say why): {listed}."
        )
        findings.append(
            Finding("constraint-not-evaluable", "warning", "constraints", message)
        )
    small = [r for r in results if r.verdict == "not evaluable" and r.value is not None]
    if small:
        listed = ", ".join(
            f"{_in_full(r)}: lowest dose {r.value:.1f} Gy" for r in small
        )
        message = (
            f"An organ is smaller than the volume of a limit. Drawn whole it could not "
            f"exceed the limit, drawn in part it could: these limits are not evaluated "
            f"({listed}). Look whether the whole organ is drawn."
        )
        findings.append(
            Finding("limit-organ-too-small", "warning", "constraints", message)
        )
    hanging = [r for r in results if hangs_on_ends(r)]
    if hanging:
        listed = ", ".join(_in_full(r) for r in hanging)
        message = (
            f"Whether a limit is kept hangs on where the structure ends between its "
            f"last contour and the next, empty slice: {listed}. Look at its first and "
            f"last contours, or at thinner slices."
        )
        findings.append(
            Finding("limit-hangs-on-ends", "warning", "constraints", message)
        )
    return findings


def _in_full(result: ConstraintResult) -> str:
    """A limit so that no other reads like it, however many an organ has."""
    ratio = result.alpha_beta_gy
    of_ratio = "" if ratio is None else f", alpha/beta {ratio:.4g} Gy"
    return (
        f"{result.structure} {result.metric} {result.relation} {result.limit:.4g} "
        f"{result.quantity}{of_ratio} ({result.set}, {result.level}, {result.scope})"
    )
