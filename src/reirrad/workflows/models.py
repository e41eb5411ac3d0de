"""Models of liver complications and of local control, for reading beside the doses."""

from collections.abc import Iterator, Sequence

import numpy as np

from reirrad.core.accumulation import TOLERATED_RATIO
from reirrad.core.assessment import CourseSummary
from reirrad.core.findings import Finding
from reirrad.core.model_results import LocalControl, Models, NormalLiverModel
from reirrad.core.ntcp import effective_volume_share, geud_gy, lkb_ntcp, probit_ntcp
from reirrad.core.plan_results import TargetQuality
from reirrad.core.radiobiology import bed
from reirrad.core.structure_doses import PlacedStructure, Scope, StructureDoses
from reirrad.knowledge.liver_models import (
    LiverModels,
    LkbModel,
    LocalControlStrata,
    ProbitModel,
)
from reirrad.workflows.limits import concerned_gtvs, without
from reirrad.workflows.place import PlacedPatient

__all__ = ["LIVER", "models_assessed", "normal_liver_models"]

LIVER = "Liver"
PTV = "PTV"


def normal_liver_models(
    placed: PlacedStructure,
    doses: StructureDoses,
    gtvs: Sequence[PlacedStructure],
    models: LiverModels,
) -> tuple[NormalLiverModel, ...]:
    """LKB models of the liver without GTVs, for the sum and for each course.

    Parameters
    ----------
    placed, doses
        The structure and the doses at its points.
    gtvs
        Every GTV. Those of a course and of earlier ones are no liver for that course,
        those of every course none for the sum.
    models
        The models and the range that they were made from.

    Returns
    -------
    tuple of NormalLiverModel
        Empty where the structure is not the liver.
    """
    if placed.structure.standard_name != LIVER:
        return ()
    scopes: list[Scope] = ["cumulative", *doses.all_courses]
    normal = {scope: without(doses, concerned_gtvs(gtvs, scope)) for scope in scopes}
    return tuple(
        result
        for model in models.lkb
        for scope in scopes
        for result in _lkb(model, scope, normal[scope], models)
    )


def models_assessed(
    patient: PlacedPatient,
    liver: Sequence[NormalLiverModel],
    courses: Sequence[CourseSummary],
    models: LiverModels,
) -> tuple[Models, list[Finding]]:
    """All models of one assessment, and what a reader must know of them.

    Parameters
    ----------
    liver
        Of :func:`normal_liver_models`.
    courses
        With the mean dose of the normal liver and the coverage of the targets.
    """
    drawn = sum(p.structure.standard_name == LIVER for p in patient.structures)
    if drawn != 1:
        # Models of liver metastases say nothing of tumours elsewhere.
        reason = "no liver is drawn" if not drawn else "several structures mean Liver"
        missing = f"{reason}: no model of liver or of liver tumours"
        finding = Finding("model-not-evaluable", "info", "models", _sentence(missing))
        return Models((), (), (missing,)), [finding]
    missing = ""
    findings = []
    if any(one.probability_percent is None for one in liver):
        missing = (
            "the dose of a course to the liver is not known: its models, and those of "
            "the sum, have no value"
        )
        findings.append(
            Finding("model-not-evaluable", "warning", "models", _sentence(missing))
        )
    result = Models(
        (*liver, *_probits(courses, models.probit)),
        tuple(_local_control(patient, courses, models.local_control)),
        (missing,) if missing else (),
    )
    used = result.normal_liver
    beyond = dict.fromkeys(one.beyond_data for one in used if one.beyond_data)
    if beyond:
        message = (
            f"The models of liver complications are used beyond the data behind them: "
            f"{'; '.join(beyond)}. Read their probabilities as a comparison "
            f"between plans, not as a risk."
        )
        findings.append(Finding("model-extrapolated", "warning", "models", message))
    return result, findings


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _lkb(
    model: LkbModel, scope: Scope, normal: StructureDoses | None, models: LiverModels
) -> Iterator[NormalLiverModel]:
    """One model, once for each reference fractionation that TD50 may refer to."""
    effect_gy, share, beyond = None, None, ""
    if normal is not None:
        wanted = normal.all_courses if scope == "cumulative" else [scope]
        if all(number in normal.doses for number in wanted):
            effect_gy, share = _effect(model, wanted, normal)
            beyond = _beyond(wanted, normal, share, models)
    for reference_gy in model.references_gy:
        # gEUD is proportional to its doses: BED turns into any fractionation at last.
        dose_gy = None
        if effect_gy is not None:
            dose_gy = effect_gy / (1.0 + reference_gy / model.alpha_beta_gy)
        yield NormalLiverModel(
            model=model.name,
            endpoint=model.endpoint,
            scope=scope if scope == "cumulative" else f"course {scope}",
            dose_kind="gEUD",
            dose_gy=dose_gy,
            alpha_beta_gy=model.alpha_beta_gy,
            reference_dose_per_fraction_gy=reference_gy,
            effective_volume_share=share,
            probability_percent=None
            if dose_gy is None
            else 100.0 * lkb_ntcp(dose_gy, td50_gy=model.td50_gy, m=model.m),
            illustration=False,
            beyond_data=beyond,
            source=model.source,
            verification=model.verification,
            note=model.note,
        )


def _effect(
    model: LkbModel, wanted: Sequence[int], normal: StructureDoses
) -> tuple[float | None, float | None]:
    """Give the gEUD of BED, and the effective volume at the highest BED."""
    doses = [normal.doses[number] for number in wanted]
    values = np.sum([one.bed_gy(model.alpha_beta_gy) for one in doses], axis=0)
    covered = np.logical_and.reduce([one.covered for one in doses])
    volumes = normal.samples.volumes_cc
    effect_gy = geud_gy(values, volumes, n=model.n)
    if not covered.all():
        # As for every metric: none is given that hangs on dose nobody calculated.
        more = np.sum(
            [one.more_outside().bed_gy(model.alpha_beta_gy) for one in doses], axis=0
        )
        for other in (np.where(covered, values, 0.0), more):
            change = abs(effect_gy - geud_gy(other, volumes, n=model.n))
            if change > TOLERATED_RATIO * effect_gy:
                return None, None
    highest = float(values.max())
    if highest == 0.0:
        return effect_gy, None
    share = effective_volume_share(values, volumes, n=model.n, reference_gy=highest)
    return effect_gy, share


def _beyond(
    wanted: Sequence[int],
    normal: StructureDoses,
    share: float | None,
    models: LiverModels,
) -> str:
    """Why a dose lies outside of the data of the model, empty if it does not."""
    known = models.lkb_range
    largest_gy = max(
        float(dose.max()) / n_fractions
        for number in wanted
        for dose, n_fractions in normal.doses[number].delivered_gy
    )
    reasons = []
    if largest_gy > known.largest_dose_per_fraction_gy:
        reasons.append(
            f"more than {known.largest_dose_per_fraction_gy:g} Gy per fraction"
        )
    if share is not None and share < known.least_volume_share:
        reasons.append(
            f"an effective volume below {100 * known.least_volume_share:g} %"
        )
    return " and ".join(reasons)


def _probits(
    courses: Sequence[CourseSummary], model: ProbitModel
) -> Iterator[NormalLiverModel]:
    """The probit curve for each course by itself; its mean dose is there already."""
    for course in courses:
        liver = course.plan_quality.normal_liver
        if liver is None:
            continue
        mean_gy = liver.mean_gy
        yield NormalLiverModel(
            model=model.name,
            endpoint=model.endpoint,
            scope=f"course {course.number}",
            dose_kind="physical mean",
            dose_gy=mean_gy,
            alpha_beta_gy=None,
            reference_dose_per_fraction_gy=None,
            effective_volume_share=None,
            probability_percent=None
            if mean_gy is None
            else 100.0
            * probit_ntcp(mean_gy, td50_gy=model.td50_gy, gamma50=model.gamma50),
            illustration=True,
            beyond_data=_beyond_fractions(course, model),
            source=model.source,
            verification=model.verification,
            note=model.note,
        )


def _beyond_fractions(course: CourseSummary, model: ProbitModel) -> str:
    number = course.prescription.n_fractions
    if model.least_fractions <= number <= model.most_fractions:
        return ""
    return (
        f"{model.name} in other than {model.least_fractions} to "
        f"{model.most_fractions} fractions"
    )


def _local_control(
    patient: PlacedPatient,
    courses: Sequence[CourseSummary],
    strata: LocalControlStrata,
) -> Iterator[LocalControl]:
    """Prescription and D95 of every PTV, course by course."""
    deliveries = {o.course.number: len(o.course.deliveries) for o in patient.outlined}
    for course in courses:
        order = course.prescription
        # Plans in different numbers of fractions have no single dose per fraction.
        n_fractions = order.n_fractions if deliveries[course.number] == 1 else None
        ordered = order.dose_gy, n_fractions
        yield _stratum(course.number, "prescription", ordered, strata)
        for target in course.plan_quality.targets:
            if target.role == PTV:
                yield _of_target(course.number, target, n_fractions, strata)


def _of_target(
    course: int,
    target: TargetQuality,
    n_fractions: int | None,
    strata: LocalControlStrata,
) -> LocalControl:
    d95_gy = target.metrics["D95%[Gy]"]
    return _stratum(course, f"{target.name} D95%", (d95_gy, n_fractions), strata)


def _stratum(
    course: int,
    subject: str,
    given: tuple[float | None, int | None],
    strata: LocalControlStrata,
) -> LocalControl:
    """Group of a dose, given with its number of fractions."""
    dose_gy, n_fractions = given
    bed_gy = above = None
    if dose_gy is not None and n_fractions is not None:
        bed_gy = float(
            bed(dose_gy, n_fractions=n_fractions, alpha_beta_gy=strata.alpha_beta_gy)
        )
        above = bed_gy > strata.bed_gy
    percents = {True: strata.above_percent, False: strata.below_percent, None: None}
    lesions = {True: strata.above_lesions, False: strata.below_lesions, None: None}
    return LocalControl(
        course=course,
        subject=subject,
        dose_gy=dose_gy,
        n_fractions=n_fractions,
        alpha_beta_gy=strata.alpha_beta_gy,
        bed_gy=bed_gy,
        threshold_gy=strata.bed_gy,
        above=above,
        control_percent=percents[above],
        lesions=lesions[above],
        years=strata.years,
        source=strata.source,
        verification=strata.verification,
        note=strata.note,
    )
