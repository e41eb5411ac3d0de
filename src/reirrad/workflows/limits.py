"""Ask the constraint tables of the doses that were accumulated."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from reirrad.core.assessment import ConstraintResult
from reirrad.core.constraints import (
    Measured,
    Query,
    evaluate_constraints,
    hangs_on_ends,
)
from reirrad.core.findings import Finding
from reirrad.core.sections import is_inside
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure, StructureDoses
from reirrad.knowledge.constraint_tables import load_constraints
from reirrad.workflows.place import PlacedPatient

__all__ = ["answered", "assessed_limits", "limit_queries", "named_structures"]


def limit_queries(
    patient: PlacedPatient, settings: Settings
) -> Mapping[str, Sequence[Query]]:
    """What the constraint tables will ask of each structure, by its label.

    Known beforehand, so that the doses of a structure need not be kept for it.
    """
    asked: dict[str, list[Query]] = {}
    named = named_structures(patient)

    def remember(query: Query) -> None:
        several = named[query.structure]
        if len(several) == 1:
            asked.setdefault(several[0].label, []).append(query)

    _evaluated(patient, settings, remember)
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
    bases = {"whole": doses}
    if any(query.basis == "minus GTV" for query in queries):
        bases["minus GTV"] = _without(doses, gtvs)
    answers = {}
    for query in queries:
        known = bases[query.basis].known(
            query.scope, query.quantity, query.alpha_beta_gy
        )
        value = None if known is None else known.metric(query.metric)
        if known is not None and value is not None:
            answers[query] = Measured(value, known.interval(query.metric))
    return answers


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
    results = _evaluated(patient, settings, answers.get)
    return results, _ambiguities(named_structures(patient), patient) + _findings(
        results
    )


def named_structures(patient: PlacedPatient) -> dict[str, list[PlacedStructure]]:
    """Structures by their standard name; a limit means those that alone have it."""
    named: dict[str, list[PlacedStructure]] = {}
    for placed in patient.structures:
        if placed.structure.standard_name is not None:
            named.setdefault(placed.structure.standard_name, []).append(placed)
    return named


def _evaluated(
    patient: PlacedPatient,
    settings: Settings,
    measure: Callable[[Query], Measured | None],
) -> tuple[ConstraintResult, ...]:
    named = named_structures(patient)
    return evaluate_constraints(
        load_constraints(settings.constraints),
        course_fractions={
            outlined.course.number: outlined.course.prescription.n_fractions
            for outlined in patient.outlined
        },
        structures=set(named),
        alpha_beta_gy=lambda name: named[name][0].alpha_beta_gy,
        measure=measure,
    )


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


def _without(doses: StructureDoses, gtvs: Sequence[PlacedStructure]) -> StructureDoses:
    tumour = np.zeros(len(doses.samples.volumes_cc), dtype=np.bool_)
    for gtv in gtvs:
        tumour |= is_inside(gtv.sections, doses.samples.points_mm)
    return doses.without(tumour)


def _findings(results: Sequence[ConstraintResult]) -> list[Finding]:
    findings = []
    absent = sorted(
        {r.structure for r in results if r.note.startswith("not in the structure set")}
    )
    if absent:
        message = (
            f"Not evaluable, because not in the structure set: {', '.join(absent)}."
        )
        findings.append(
            Finding("constraint-organ-missing", "warning", "constraints", message)
        )
    unknown = [
        r for r in results if r.verdict == "not evaluable" and r.structure not in absent
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
    hanging = [r for r in results if hangs_on_ends(r)]
    if hanging:
        listed = ", ".join(f"{r.structure} {r.metric} ({r.scope})" for r in hanging)
        message = (
            f"Whether a limit is kept hangs on where the structure ends between its "
            f"last contour and the next, empty slice: {listed}. Look at its first and "
            f"last contours, or at thinner slices."
        )
        findings.append(
            Finding("limit-hangs-on-ends", "warning", "constraints", message)
        )
    return findings
