"""The plan and the treated lesions of a course, as far as an assessment tells them."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import isclose
from typing import Literal, NamedTuple

from reirrad.core.assessment import CourseSummary
from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.terms import Modality
from reirrad.core.cohort.treatment_records import Lesion, Plan
from reirrad.core.plan_results import TargetQuality
from reirrad.workflows.kept_records import completed

__all__ = ["lesions_of", "plan_of"]

TARGET_WORD = re.compile(r"[gp]tv|[^a-z0-9]+")
MODES: Mapping[str, Literal["isodose_80", "mean_dose"]] = {
    "to the 80 % isodose": "isodose_80",
    "to the mean dose of the PTV": "mean_dose",
}
MEASURED = (
    "gtv_cc",
    "ptv_cc",
    "margin_mm",
    "ptv_mean_gy",
    "ptv_d2_gy",
    "ptv_d95_gy",
    "ptv_d98_gy",
    "ptv_v95_percent",
)


def plan_of(
    course: CourseSummary, n_plans: int, kept: Sequence[Plan], *, place: Plan
) -> tuple[Plan | None, list[str]]:
    """The plan of a course, where it has one alone.

    Parameters
    ----------
    course
        As assessed.
    n_plans
        How many plans it has.
    kept
        Plans that the registry has of this course.
    place
        A plan with the pseudonym, the course and a free number, and nothing else.
    """
    if n_plans > 1 or len(kept) > 1:
        said = (
            f"course {place.course} has several plans. Which was prescribed what is "
            f"not told by an assessment; enter the plans."
        )
        return None, [said]
    found = replace(
        place,
        modality=_modality(course),
        dose_gy=course.prescription.dose_gy,
        n_fractions=course.prescription.n_fractions,
    )
    if not kept:
        return found, []
    return completed(kept[0], replace(found, number=kept[0].number))


def lesions_of(
    course: CourseSummary,
    kept: Cohort,
    *,
    plan: int | None,
    place: Lesion,
    measured: Collection[tuple[int, str]] = (),
) -> tuple[list[Lesion], list[str]]:
    """The lesions that a course treated, where its targets tell them.

    What a person entered stays, and a remark says what the assessment has instead.
    Volumes and doses that an older assessment gave are those of this one.

    Parameters
    ----------
    course
        As assessed.
    kept
        Everything that the registry has of this patient.
    plan
        Number of the course's plan, or None.
    place
        A lesion with the pseudonym, the course and a free number, and nothing else.
    measured
        Number of a lesion and name of a field, for each value that an assessment gave.
    """
    targets, remarks = _targets(course, number=place.course)
    found = [
        _lesion(one, course, alone=len(targets) == 1, place=replace(place, plan=plan))
        for one in targets
    ]
    there = [one for one in kept.lesion if one.course == place.course]
    if not there:
        named = [
            replace(one, number=place.number + index) for index, one in enumerate(found)
        ]
        return named, remarks
    matches = _matched(found, there)
    if matches is None:
        if found:
            remarks.append(
                f"course {place.course}: the registry has {len(there)} lesion(s) and "
                f"the assessment {len(found)}, and which is which cannot be told. The "
                f"lesions stay as they are."
            )
        return [], remarks
    lesions = []
    for known, one in matches:
        lesion, said = _measured(known, one, measured)
        lesions.append(lesion)
        remarks += said
    return lesions, remarks


class _Target(NamedTuple):
    """What is drawn of one lesion."""

    gtv: TargetQuality | None
    ptv: TargetQuality | None


def _targets(course: CourseSummary, *, number: int) -> tuple[list[_Target], list[str]]:
    """What is drawn of every lesion; nothing where their number is not told."""
    drawn = course.plan_quality.targets
    gtvs = [one for one in drawn if one.role == "GTV"]
    ptvs = [one for one in drawn if one.role == "PTV"]
    if len(gtvs) == len(ptvs):
        targets = _paired(gtvs, ptvs)
    elif gtvs and ptvs:
        said = (
            f"course {number}: {len(gtvs)} GTV(s) and {len(ptvs)} PTV(s) are drawn, so "
            f"that the number of lesions is not told. Enter the lesions."
        )
        return [], [said]
    else:
        targets = [_Target(None, one) for one in ptvs] or [
            _Target(one, None) for one in gtvs
        ]
    remarks = []
    if not targets:
        remarks.append(
            f"course {number}: no GTV and no PTV is drawn. Enter the lesions."
        )
    if gtvs and any(one.gtv is None for one in targets):
        remarks.append(
            f"course {number}: the names of GTVs and PTVs do not tell which belong "
            f"together. The volumes of the GTVs are left out."
        )
    return targets, remarks


def _paired(
    gtvs: Sequence[TargetQuality], ptvs: Sequence[TargetQuality]
) -> list[_Target]:
    """As many of each: by their names, or PTVs alone where these do not tell it."""
    if len(gtvs) == 1:
        return [_Target(gtvs[0], ptvs[0])]
    inside, around = _by_detail(gtvs), _by_detail(ptvs)
    if len(inside) == len(gtvs) and inside.keys() == around.keys():
        return [_Target(inside[_detail(one)], one) for one in ptvs]
    return [_Target(None, one) for one in ptvs]


def _by_detail(targets: Sequence[TargetQuality]) -> dict[str, TargetQuality]:
    count = Counter(_detail(one) for one in targets)
    return {_detail(one): one for one in targets if count[_detail(one)] == 1}


def _detail(target: TargetQuality) -> str:
    """What a name says beside the kind of target: "1" of "PTV_1"."""
    return TARGET_WORD.sub("", target.name.lower())


def _lesion(
    target: _Target, course: CourseSummary, *, alone: bool, place: Lesion
) -> Lesion:
    main = target.ptv or target.gtv
    metrics = {} if target.ptv is None else target.ptv.metrics
    return replace(
        place,
        gtv_cc=None if target.gtv is None else target.gtv.volume_cc,
        ptv_cc=None if target.ptv is None else target.ptv.volume_cc,
        margin_mm=None if target.ptv is None else target.ptv.margin_mm,
        dose_gy=None if main is None else main.prescription_gy,
        n_fractions=course.prescription.n_fractions,
        prescription_mode=MODES.get(course.prescription.mode) if alone else None,
        ptv_mean_gy=metrics.get("Mean[Gy]"),
        ptv_d2_gy=metrics.get("D2%[Gy]"),
        ptv_d95_gy=metrics.get("D95%[Gy]"),
        ptv_d98_gy=metrics.get("D98%[Gy]"),
        ptv_v95_percent=None if target.ptv is None else target.ptv.v95_percent,
    )


def _matched(
    found: Sequence[Lesion], there: Sequence[Lesion]
) -> list[tuple[Lesion, Lesion]] | None:
    """Each lesion of the registry with its own of the assessment, or None."""
    if len(found) != len(there):
        return None
    if len(found) == 1:
        return [(there[0], found[0])]
    matches = [
        (known, one) for known in there for one in found if _same_volumes(known, one)
    ]
    each_once = Counter(known.number for known, _ in matches) == Counter(
        known.number for known in there
    ) and Counter(one for _, one in matches) == Counter(found)
    return matches if each_once else None


def _same_volumes(known: Lesion, found: Lesion) -> bool:
    pairs = ((known.ptv_cc, found.ptv_cc), (known.gtv_cc, found.gtv_cc))
    compared = [(a, b) for a, b in pairs if a is not None and b is not None]
    return bool(compared) and all(isclose(a, b, rel_tol=1e-6) for a, b in compared)


def _measured(
    known: Lesion, found: Lesion, measured: Collection[tuple[int, str]]
) -> tuple[Lesion, list[str]]:
    new = {
        name: value
        for name in MEASURED
        if (known.number, name) in measured
        and (value := getattr(found, name)) is not None
    }
    return completed(replace(known, **new), replace(found, number=known.number))


def _modality(course: CourseSummary) -> Modality | None:
    if course.image is None:
        return None
    if course.image.modality == "MR":
        return "MR"
    return "CT" if course.image.modality == "CT" else "other"
