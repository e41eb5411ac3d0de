"""Measurement groups (TID 1501) of the structured report.

Every number carries what it depends on: the method and the alpha/beta ratio of an EQD2
or BED as modifiers of the number itself. What is withheld is left out, never zero.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from highdicom.sr import (
    Measurement,
    MeasurementsAndQualitativeEvaluations,
    NumContentItem,
    QualitativeEvaluation,
    RelationshipTypeValues,
    TextContentItem,
    TrackingIdentifier,
)
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from reirrad.core.assessment import (
    Assessment,
    ConstraintResult,
    CourseSummary,
    OverlapVolume,
    PairAssessment,
    StructureAssessment,
)
from reirrad.core.plan_results import Metrics
from reirrad.dicom.identity import stable_uid
from reirrad.dicom.results.concepts import (
    GRAY,
    VOLUME,
    metric_concept,
    metric_unit,
    own_code,
    site_of,
)

__all__ = ["measurement_groups"]

ALPHA_BETA = ("ALPHA_BETA", "alpha/beta ratio")
METHODS: Mapping[str, Code] = {
    "EQD2": codes.DCM.Equivalent2GrayFractionsModel,
    "BED": codes.DCM.LinearQuadraticModel,
}
SIGNIFICANT_DIGITS = 6


def measurement_groups(assessment: Assessment) -> Iterator[Any]:
    """What was assumed, then courses, overlaps, structures and limits."""
    yield _assumed(assessment)
    organ = _standard_names(assessment).get(assessment.organ)
    for course in assessment.courses:
        yield _course(course, organ, assessment.organ)
    for pair in (*assessment.pairs, *assessment.united_pairs):
        yield _pair(pair, organ)
    for structure in assessment.structures:
        yield from _structure(structure)
    names = _standard_names(assessment)
    for number, constraint in enumerate(assessment.constraints, start=1):
        yield _constraint(number, constraint, names.get(constraint.structure))


def _standard_names(assessment: Assessment) -> dict[str, str | None]:
    return {one.name: one.standard_name for one in assessment.structures}


def _group(
    name: str,
    *,
    finding: tuple[str, str],
    site: Any = None,
    measurements: Iterable[Any] = (),
    evaluations: Iterable[Any] = (),
    comments: Iterable[str] = (),
) -> Any:
    """One group with its comments, told from others by a stable identifier."""
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            uid=stable_uid("measurement group", name), identifier=name
        ),
        finding_type=own_code(*finding),
        finding_sites=None if site is None else [site],
        measurements=list(measurements),
        qualitative_evaluations=list(evaluations),
    )
    group[0].ContentSequence.extend(
        TextContentItem(
            name=codes.DCM.Comment,
            value=comment,
            relationship_type=RelationshipTypeValues.CONTAINS,
        )
        for comment in comments
    )
    return group


def _number(name: Any, value: float, unit: Code, **more: Any) -> Any:
    rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    return Measurement(name=name, value=rounded, unit=unit, **more)


def _known(
    name: tuple[str, str], value: float | None, unit: Code, **more: Any
) -> list[Any]:
    """One measurement, or none where the value is withheld."""
    return [] if value is None else [_number(own_code(*name), value, unit, **more)]


def _class(name: tuple[str, str], value: str) -> Any:
    code = value.upper().replace(" ", "_")
    return QualitativeEvaluation(own_code(*name), own_code(_fitting(code), value))


def _fitting(code: str) -> str:
    """A code value of at most 16 characters."""
    shorter = {
        "REPEAT_ORGAN_IRRADIATION": "REPEAT_ORGAN",
        "REPEAT_IRRADIATION": "REPEAT",
    }
    return shorter.get(code, code)


def _dose_metric(
    metric: str, quantity: str, value: float, alpha_beta_gy: float | None
) -> Any:
    """A dose metric with method and alpha/beta as modifiers."""
    measured = _number(
        metric_concept(metric, quantity),
        value,
        metric_unit(metric),
        method=METHODS.get(quantity),
    )
    if quantity != "physical" and alpha_beta_gy is not None:
        ratio = NumContentItem(
            name=own_code(*ALPHA_BETA),
            value=alpha_beta_gy,
            unit=GRAY,
            relationship_type=RelationshipTypeValues.INFERRED_FROM,
        )
        item = measured[0]
        item.ContentSequence = [*item.get("ContentSequence", ()), ratio]
    return measured


def _dose_metrics(
    metrics: Metrics, quantity: str, alpha_beta_gy: float | None
) -> list[Any]:
    return [
        _dose_metric(metric, quantity, value, alpha_beta_gy)
        for metric, value in sorted(metrics.items())
        if value is not None
    ]


def _assumed(assessment: Assessment) -> Any:
    """Under which assumptions everything holds, and what must be known."""
    told = [
        f"{one.severity}: {one.about}: {one.message}"
        for one in assessment.findings
        if one.severity != "info"
    ]
    related = [
        f"Registration of course {one.from_course} to course {one.to_course} "
        f"({one.method}) is {one.verdict}: {one.reason}"
        for one in assessment.registrations
    ]
    return _group(
        "Assumptions and findings",
        finding=("ASSUMPTIONS", "Assumptions and findings of an assessment"),
        comments=[*assessment.assumptions, *related, *told],
    )


def _course(course: CourseSummary, organ: str | None, organ_label: str) -> Any:
    site = site_of(organ, organ_label)
    ordered = course.prescription
    numbers = [
        _number(codes.DCM.PrescriptionRadiationDose, ordered.dose_gy, GRAY),
        *_known(
            ("N_FRACTIONS", "Number of fractions"),
            ordered.n_fractions,
            Code("{fraction}", "UCUM", "fraction"),
        ),
    ]
    for level, volume in sorted(course.isodoses.items()):
        code = "ISO2GY" if level == "2Gy" else "ISO50"
        numbers += _volumes(code, f"Volume inside the {level} isodose", volume, site)
    return _group(
        f"Course {course.number}",
        finding=("COURSE", "Course of radiotherapy"),
        measurements=numbers,
        comments=[f"Started {course.start_date}, plan {course.plan_label}"],
    )


def _volumes(code: str, meaning: str, volume: OverlapVolume, site: Any) -> list[Any]:
    return [
        *_known((f"{code}_TOTAL", meaning), volume.total_cc, VOLUME),
        *_known(
            (f"{code}_ORGAN", f"{meaning}, in the organ"),
            volume.organ_cc,
            VOLUME,
            finding_sites=[site],
        ),
    ]


def _pair(pair: PairAssessment, organ: str | None) -> Any:
    site = site_of(organ, pair.organ)
    numbers = _known(
        ("INTERVAL", "Interval between the starts of the courses"),
        pair.interval_days,
        codes.UCUM.Day,
    )
    for level, volume in sorted(pair.overlap.items()):
        code = "OV2GY" if level == "2Gy" else "OV50"
        numbers += _volumes(code, f"Overlap of the {level} isodoses", volume, site)
    for role, shared_cc in sorted(pair.targets.items()):
        numbers += _known((f"OV_{role}", f"Overlap of the {role}"), shared_cc, VOLUME)
    judged = pair.classification
    earlier = " or ".join(str(number) for number in pair.earlier)
    return _group(
        f"Overlap of course {earlier} with course {pair.second}",
        finding=("OVERLAP", "Overlap of courses of radiotherapy"),
        site=site,
        measurements=numbers,
        evaluations=[
            _class(("RESBRT_TYPE", "re-SBRT type"), judged.resbrt_type),
            _class(
                ("RESBRT_APPLIED", "re-SBRT type as applied"), judged.as_applied_type
            ),
            _class(("ESTRO_EORTC", "ESTRO-EORTC category"), judged.estro_eortc),
        ],
        comments=[f"Policy: {judged.policy}", *judged.reasons],
    )


def _structure(structure: StructureAssessment) -> Iterator[Any]:
    """One group for each course, then one for their sum."""
    site = site_of(structure.standard_name, structure.name)
    ratio = structure.alpha_beta_gy
    comments = [f"alpha/beta {ratio:g} Gy: {structure.alpha_beta_source}"]
    volume = _number(codes.SCT.Volume, structure.volume_cc, VOLUME)
    for course in structure.courses:
        yield _dose_group(
            f"{structure.name}: course {course.number}",
            site,
            [
                volume,
                *_dose_metrics(course.physical, "physical", None),
                *_dose_metrics(course.eqd2, "EQD2", ratio),
            ],
            comments,
        )
    yield _dose_group(
        f"{structure.name}: all courses",
        site,
        [volume, *_dose_metrics(structure.cumulative.eqd2, "EQD2", ratio)],
        comments,
    )


def _dose_group(
    name: str, site: Any, measurements: Sequence[Any], comments: Sequence[str]
) -> Any:
    return _group(
        name,
        finding=("DOSE", "Dose to a structure"),
        site=site,
        measurements=measurements,
        comments=comments,
    )


def _constraint(
    number: int, constraint: ConstraintResult, standard_name: str | None
) -> Any:
    metric, quantity = constraint.metric, constraint.quantity
    ratio = constraint.alpha_beta_gy
    numbers = []
    if constraint.value is not None:
        numbers.append(_dose_metric(metric, quantity, constraint.value, ratio))
    numbers += _known(
        ("LIMIT", "Limit of the dose metric"), constraint.limit, metric_unit(metric)
    )
    name = f"{constraint.structure} {quantity} {metric} {constraint.relation}"
    return _group(
        f"Limit {number}: {name} {constraint.limit:g}, {constraint.scope}",
        finding=("LIMIT_VERDICT", "Whether a dose limit is kept"),
        site=site_of(standard_name or constraint.structure, constraint.structure),
        measurements=numbers,
        evaluations=[
            _class(("VERDICT", "Verdict"), constraint.verdict),
            _class(
                ("VERIFICATION", "How the limit is verified"), constraint.verification
            ),
        ],
        comments=[
            f"{constraint.set}, {constraint.level}: {constraint.source}",
            *([constraint.note] if constraint.note else []),
        ],
    )
