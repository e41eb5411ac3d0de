"""Whether a registration may be relied on: numbers in, verdict and reason out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reirrad.core.assessment import RegistrationQuality, StructureAgreement

__all__ = ["RegistrationVerdict", "judge_registration"]


@dataclass(frozen=True, slots=True)
class RegistrationVerdict:
    """Accepted, for review or rejected, with the deciding numbers in words."""

    verdict: Literal["accepted", "review", "rejected"]
    reason: str


def judge_registration(
    quality: RegistrationQuality,
    organ: str,
    limits: Mapping[str, float],
    *,
    registered_modalities: Collection[str] = (),
) -> RegistrationVerdict:
    """Judge a registration by its numbers.

    Parameters
    ----------
    quality : RegistrationQuality
    organ : str
        Name, in `quality`, of the structure in which overlap is measured. Where it is
        not drawn in both courses, the registration is at best for review, and rejected
        where every other common organ is too far off (decision 0047).
    limits : mapping
        The registration rules by name.
    registered_modalities : collection of str
        Those of the images that an automatic registration has used. Where they differ
        it is at best for review: what tells a right answer from a wrong one is not
        strict enough there (decision 0014).
    """
    own = next((s for s in quality.structures if s.name == organ), None)
    rejections = _image_faults(quality, limits, "rejected")
    reviews = _image_faults(quality, limits, "review")
    if len(set(registered_modalities)) > 1:
        kinds = " and ".join(registered_modalities)
        reviews.append(f"automatic registration of different modalities ({kinds})")
    if own is None:
        absent = f"{organ} is not drawn in both courses"
        rejections += _others_rejections(quality.structures, absent, limits)
        reviews += [absent, *_beyond(quality.structures, limits)]
    else:
        rejections += _organ_rejections(own, limits)
        reviews += _organ_reviews(own, limits)
    if rejections:
        return RegistrationVerdict("rejected", _sentence(rejections))
    if reviews:
        return RegistrationVerdict("review", _sentence(reviews))
    return RegistrationVerdict("accepted", _praise(own))


def _image_faults(
    quality: RegistrationQuality, limits: Mapping[str, float], degree: str
) -> list[str]:
    faults = []
    rotation, overlap = quality.rotation_degrees, quality.image_overlap_percent
    most, least = (
        limits[f"rotation_{degree}_degrees"],
        limits[f"image_overlap_{degree}_percent"],
    )
    if rotation is not None and rotation > most:
        faults.append(f"rotation {rotation:.1f} degrees, above {most:g}")
    if overlap is not None and overlap < least:
        faults.append(f"image overlap {overlap:.0f} %, below {least:g} %")
    before, after = quality.similarity_before, quality.similarity_after
    if degree == "rejected" and before is not None and after is not None:
        if after - before < limits["similarity_gain_rejected"]:
            faults.append(
                f"the images are less alike after it ({after:.3f}) than before "
                f"({before:.3f})"
            )
    elif degree == "review" and after is None:
        faults.append("the planning images could not be compared")
    return faults


def _others_rejections(
    others: Sequence[StructureAgreement], absent: str, limits: Mapping[str, float]
) -> list[str]:
    """Faults where no common organ lies near where it should.

    One may have moved by itself, as bowel does; all of them only with the patient. The
    distance decides: the Dice of a thin organ is low where it is drawn a little apart.
    """
    most_mm = limits["mean_distance_rejected_mm"]
    if not others or any(one.mean_distance_mm <= most_mm for one in others):
        return []
    found = "and no organ that is lies where it should"
    return [f"{absent}, {found}", *_beyond(others, limits)]


def _beyond(
    others: Sequence[StructureAgreement], limits: Mapping[str, float]
) -> list[str]:
    """What of common organs would reject if overlap were measured in them."""
    found = []
    for one in others:
        faults = _organ_rejections(one, limits)
        if faults:
            faults[-1] += f" (centroid distance {one.centroid_distance_mm:.1f} mm)"
        found += faults
    return found


def _organ_rejections(
    own: StructureAgreement, limits: Mapping[str, float]
) -> list[str]:
    faults = []
    if own.dice < limits["organ_dice_rejected"]:
        faults.append(
            f"Dice of {own.name} {own.dice:.2f}, below "
            f"{limits['organ_dice_rejected']:.2f}"
        )
    if own.mean_distance_mm > limits["mean_distance_rejected_mm"]:
        faults.append(
            f"mean distance of {own.name} {own.mean_distance_mm:.1f} mm, above "
            f"{limits['mean_distance_rejected_mm']:g} mm"
        )
    return faults


def _organ_reviews(own: StructureAgreement, limits: Mapping[str, float]) -> list[str]:
    faults = []
    if own.dice < limits["organ_dice_accepted"]:
        faults.append(
            f"Dice of {own.name} {own.dice:.2f}, below "
            f"{limits['organ_dice_accepted']:.2f}"
        )
    for what, value, rule in (
        ("mean distance", own.mean_distance_mm, "mean_distance_accepted_mm"),
        ("95 % Hausdorff distance", own.hausdorff95_mm, "hausdorff95_review_mm"),
        ("centroid distance", own.centroid_distance_mm, "centroid_distance_review_mm"),
    ):
        if value > limits[rule]:
            faults.append(
                f"{what} of {own.name} {value:.1f} mm, above {limits[rule]:g}"
            )
    return faults


def _praise(own: StructureAgreement | None) -> str:
    if own is None:
        return "Every limit is kept."
    return (
        f"Dice of {own.name} {own.dice:.3f}, mean distance "
        f"{own.mean_distance_mm:.1f} mm, centroid distance "
        f"{own.centroid_distance_mm:.1f} mm: within the limits."
    )


def _sentence(faults: list[str]) -> str:
    text = "; ".join(faults)
    return text[0].upper() + text[1:] + "."
