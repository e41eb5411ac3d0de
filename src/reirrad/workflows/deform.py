"""The deformable registration of each course, and what it would change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from reirrad.core.accumulation import DeformedCourse, Placed, PlacedCourse
from reirrad.core.agreement import agreement_between
from reirrad.core.assessment import (
    Assessment,
    StructureAgreement,
)
from reirrad.core.deformable_results import (
    ChangedVerdict,
    ComparedMetric,
    ComparedPair,
    ComparedStructure,
    DeformableQuality,
    DeformableResult,
)
from reirrad.core.deformable_verdict import judge_deformable
from reirrad.core.deformation import (
    DeformableMap,
    inverse_consistency_mm,
    jacobian_range,
)
from reirrad.core.findings import Finding
from reirrad.core.sampling import SamplePoints, sample
from reirrad.core.settings import Settings
from reirrad.dicom.deformable_registration import DeformableObject, deformable_between
from reirrad.errors import RegistrationError
from reirrad.knowledge.rules import rule_limits
from reirrad.registration.deformable import register_deformable
from reirrad.workflows.deformed_doses import compared_doses, compared_pairs
from reirrad.workflows.deformed_reach import (
    carried_both_ways,
    deformed_course,
    reach_findings,
)
from reirrad.workflows.place import PlacedPatient

__all__ = ["deformed"]

Method = Literal["dicom-deformable", "deformable"]


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A deformable way from the reference course into another, and back if known."""

    method: Method
    forward: DeformableMap
    backward: DeformableMap | None
    similarity: tuple[float, float] | None
    other_reading_mm: float


def deformed(
    assessment: Assessment,
    patient: PlacedPatient,
    settings: Settings,
    *,
    objects: Sequence[DeformableObject],
    progress: Callable[[str], None],
) -> tuple[tuple[DeformableResult, ...], list[Finding]]:
    """Deformable results of every course that can be deformed onto the reference.

    Parameters
    ----------
    assessment
        The rigid result.
    patient
        Everything in the reference frame, rigidly.
    settings
        What the user decided: without ``deformable``, only courses that an object of
        the export deforms are looked at.
    objects
        The user's own deformable registrations.
    progress
        Told each step.

    Returns
    -------
    results
        One for each course.
    findings
        What to know about them.
    """
    results, findings = [], _unusable_directions(objects, patient)
    for placed in patient.placed:
        if placed.course is patient.reference.course:
            continue
        own = deformable_between(
            objects,
            patient.reference.course.frame_of_reference_uid,
            placed.course.frame_of_reference_uid,
        )
        if own is None and not settings.deformable:
            continue
        if own is None and _on_one_image(placed, patient):
            findings.append(_nothing_to_deform(placed, patient))
            continue
        number = placed.course.number
        progress(f"deforming course {number}")
        try:
            found = _given(own, objects) if own else _computed(placed, patient)
        except RegistrationError as failure:
            results.append(_failed(number, patient, " ".join(failure.problems)))
        else:
            moving = deformed_course(found.forward, placed)
            results.append(_result(found, moving, patient, (assessment, settings)))
            findings += reach_findings(moving, results[-1], patient)
        findings += _findings(results[-1]) + _left_out(results[-1], patient)
    return tuple(results), findings


def _on_one_image(placed: PlacedCourse, patient: PlacedPatient) -> bool:
    """Whether two courses of one frame were planned on one image, or on none."""
    reference = patient.reference.course
    if placed.course.frame_of_reference_uid != reference.frame_of_reference_uid:
        return False
    here, there = reference.image, placed.course.image
    if here is None or there is None:
        return True
    return here is there or (here.series is not None and here.series == there.series)


def _nothing_to_deform(placed: PlacedCourse, patient: PlacedPatient) -> Finding:
    number, reference = placed.course.number, patient.reference.course.number
    return Finding(
        "deformable-not-used",
        "info",
        f"registration {number} to {reference}",
        f"Courses {number} and {reference} share a frame of reference and have no two "
        f"images: nothing is deformed.",
    )


def _given(own: DeformableObject, objects: Sequence[DeformableObject]) -> _Found:
    forward = own.deformable
    back = deformable_between(objects, forward.to_frame, forward.from_frame)
    return _Found(
        "dicom-deformable",
        forward,
        None if back is None else back.deformable,
        None,
        own.other_reading_mm,
    )


def _computed(placed: PlacedCourse, patient: PlacedPatient) -> _Found:
    fixed, moving = patient.reference.course.image, placed.course.image
    if fixed is None or moving is None:
        msg = "A deformable registration needs the planning images of both courses."
        raise RegistrationError(msg)
    found = register_deformable(fixed, moving, placed.from_reference.inverse())
    similarity = (found.similarity_before, found.similarity_after)
    return _Found("deformable", found.forward, found.backward, similarity, 0.0)


def _result(
    found: _Found,
    moving: DeformedCourse,
    patient: PlacedPatient,
    given: tuple[Assessment, Settings],
) -> DeformableResult:
    assessment, settings = given
    number = moving.course.number
    organ = sample(patient.organ.sections, centred=True)
    quality = _quality(found, moving, patient, organ)
    judged = judge_deformable(
        quality, patient.organ.structure.name, rule_limits("registration_rules")
    )
    metrics: tuple[ComparedMetric, ...] = ()
    pairs: tuple[ComparedPair, ...] = ()
    changed: tuple[ChangedVerdict, ...] = ()
    if judged.verdict != "rejected":
        ways: list[Placed] = [
            moving if p.course is moving.course else p for p in patient.placed
        ]
        metrics, changed = compared_doses(ways, patient, assessment, settings)
        pairs = compared_pairs(moving, patient, assessment, (settings, organ))
    return DeformableResult(
        from_course=number,
        to_course=patient.reference.course.number,
        method=found.method,
        quality=quality,
        verdict=judged.verdict,
        reason=judged.reason,
        metrics=metrics,
        pairs=pairs,
        changed_verdicts=changed,
        not_compared=tuple(p.label for p in patient.structures if p.transferred),
    )


def _quality(
    found: _Found, moving: DeformedCourse, patient: PlacedPatient, organ: SamplePoints
) -> DeformableQuality:
    points = organ.points_mm
    jacobian = jacobian_range(found.forward, points)
    outside = organ.volumes_cc[~found.forward.covers(points)].sum()
    misses = None
    if found.backward is not None:
        misses = inverse_consistency_mm(found.forward, found.backward, points)
    before, after = found.similarity or (None, None)
    return DeformableQuality(
        longest_mm=found.forward.longest_mm,
        outside_percent=float(100.0 * outside / organ.volume_cc),
        jacobian_least=None if jacobian is None else jacobian.least,
        jacobian_largest=None if jacobian is None else jacobian.largest,
        folded_percent=None if jacobian is None else jacobian.folded_percent,
        inverse_consistency_mean_mm=None if misses is None else float(misses.mean()),
        inverse_consistency_p95_mm=(
            None if misses is None else float(np.percentile(misses, 95))
        ),
        similarity_before=before,
        similarity_after=after,
        other_reading_mm=found.other_reading_mm,
        structures=_compared_structures(moving, patient),
    )


def _compared_structures(
    deformed: DeformedCourse, patient: PlacedPatient
) -> tuple[ComparedStructure, ...]:
    """Agreement of the organs drawn in both courses, before and after."""
    reference = patient.reference
    moving = next(o for o in patient.outlined if o.course is deformed.course)
    to_first, to_second = carried_both_ways(deformed)
    rigid = patient.alignments[moving.course.number].summary.quality.structures
    compared = []
    for before in rigid:
        here = reference.structure(None, before.name)
        there = here and moving.structure(here.standard_name, here.name)
        if here is None or there is None:
            continue
        try:
            after = agreement_between(
                before.name,
                (moving.sections[there.number], reference.sections[here.number]),
                to_second=to_second,
                to_first=to_first,
            )
        except ValueError:
            # Named by what is missing in the result; the other organs go on.
            continue
        compared.append(
            ComparedStructure(before.name, _numbers(before), _numbers(after))
        )
    return tuple(compared)


def _numbers(agreement: StructureAgreement) -> dict[str, float]:
    return {
        "dice": agreement.dice,
        "mean_distance_mm": agreement.mean_distance_mm,
        "hausdorff95_mm": agreement.hausdorff95_mm,
        "centroid_distance_mm": agreement.centroid_distance_mm,
    }


def _failed(number: int, patient: PlacedPatient, reason: str) -> DeformableResult:
    return DeformableResult(
        from_course=number,
        to_course=patient.reference.course.number,
        method="deformable",
        quality=None,
        verdict="rejected",
        reason=reason,
        metrics=(),
        pairs=(),
        changed_verdicts=(),
        not_compared=(),
    )


def _unusable_directions(
    objects: Sequence[DeformableObject], patient: PlacedPatient
) -> list[Finding]:
    """Objects that do not deform the reference frame into that of a placed course."""
    reference = patient.reference.course
    frame = reference.frame_of_reference_uid
    reached = {p.course.frame_of_reference_uid for p in patient.placed}
    unplaced = [
        Finding(
            "deformable-not-used",
            "warning",
            one.found.path,
            f"This deformable registration belongs to a course whose rigid "
            f"registration to course {reference.number} is rejected: nothing is "
            f"compared.",
        )
        for one in objects
        if one.deformable.from_frame == frame and one.deformable.to_frame not in reached
    ]
    ahead = {o.deformable.to_frame for o in objects if o.deformable.from_frame == frame}
    return unplaced + [
        Finding(
            "deformable-not-used",
            "warning",
            one.found.path,
            f"This deformable registration is defined on another frame than that of "
            f"course {reference.number}, on which everything is shown, so no dose can "
            f"be looked up through it. Export it with the image of course "
            f"{reference.number} as the fixed one.",
        )
        for one in objects
        if one.deformable.from_frame != frame
        and not (
            one.deformable.to_frame == frame and one.deformable.from_frame in ahead
        )
    ]


def _findings(result: DeformableResult) -> list[Finding]:
    about = f"registration {result.from_course} to {result.to_course}"
    findings = []
    if result.verdict == "rejected":
        message = (
            f"The deformable registration is rejected, the rigid result stands alone: "
            f"{result.reason}"
        )
        findings.append(Finding("deformable-rejected", "warning", about, message))
    elif result.verdict == "review":
        message = (
            f"Look at the deformable registration before its doses: {result.reason}"
        )
        findings.append(Finding("deformable-review", "warning", about, message))
    findings += [_choice(change, result) for change in result.changed_verdicts]
    findings += [
        Finding(
            "deformable-type-differs",
            "warning",
            about,
            f"The type of courses {pair.first} and {pair.second} depends on the choice "
            f"of registration: {pair.rigid_type} under the rigid, "
            f"{pair.deformable_type} under the deformable one.",
        )
        for pair in result.pairs
        if pair.rigid_type != pair.deformable_type
    ]
    return findings


def _left_out(result: DeformableResult, patient: PlacedPatient) -> list[Finding]:
    """Organs compared after the rigid registration and not after this one."""
    if result.quality is None:
        return []
    rigid = patient.alignments[result.from_course].summary.quality.structures
    compared = {one.name for one in result.quality.structures}
    return [
        Finding(
            "deformable-organ-not-compared",
            "warning",
            one.name,
            f"How well {one.name} of courses {result.from_course} and "
            f"{result.to_course} coincides after the deformable registration is not "
            f"known: the map carries nothing of it from one course into the other. "
            f"Check the map there before its doses are used.",
        )
        for one in rigid
        if one.name not in compared
    ]


def _choice(change: ChangedVerdict, result: DeformableResult) -> Finding:
    return Finding(
        "deformable-verdict-differs",
        "warning",
        change.structure,
        f"{change.structure} {change.metric} {change.relation} {change.limit:g} "
        f"({change.scope}) depends on the choice of registration: "
        f"{_stated(change.rigid_verdict, change.rigid_value)} under the rigid, "
        f"{_stated(change.deformable_verdict, change.deformable_value)} under the "
        f"deformable registration of course {result.from_course}.",
    )


def _stated(verdict: str, value: float | None) -> str:
    return verdict if value is None else f"{verdict} ({value:.4g})"
