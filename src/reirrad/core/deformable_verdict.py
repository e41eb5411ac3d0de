"""Whether a deformable registration may be looked at: numbers in, verdict out."""

from collections.abc import Mapping

from reirrad.core.deformable_results import ComparedStructure, DeformableQuality
from reirrad.core.registration_verdict import RegistrationVerdict

__all__ = ["judge_deformable"]


def judge_deformable(
    quality: DeformableQuality, organ: str, limits: Mapping[str, float]
) -> RegistrationVerdict:
    """Judge a deformable registration by its numbers.

    Parameters
    ----------
    quality
        The numbers.
    organ
        Name, in `quality`, of the structure in which overlap is measured.
    limits
        The registration rules by name.

    Returns
    -------
    RegistrationVerdict
        Rejected where tissue is folded or the organ is not reached by the vectors;
        for review where the two directions disagree, nothing shows that it is better
        than the rigid registration, or numbers that would show it are missing.
    """
    rejections = _rejections(quality, limits)
    reviews = (
        _doubts_of_the_map(quality, limits)
        + _doubts_of_the_images(quality)
        + _doubts_of_the_organ(quality, organ, limits)
    )
    if rejections:
        return RegistrationVerdict("rejected", _sentence(rejections + reviews))
    if reviews:
        return RegistrationVerdict("review", _sentence(reviews))
    return RegistrationVerdict("accepted", _praise(quality, organ))


def _praise(quality: DeformableQuality, organ: str) -> str:
    own = next(one for one in quality.structures if one.name == organ)
    return (
        f"No tissue is folded in the organ, there and back misses by "
        f"{quality.inverse_consistency_mean_mm:.1f} mm in the mean, mean distance of "
        f"{organ} {own.deformable['mean_distance_mm']:.1f} mm after "
        f"{own.rigid['mean_distance_mm']:.1f} mm by the rigid registration."
    )


def _rejections(quality: DeformableQuality, limits: Mapping[str, float]) -> list[str]:
    folded = quality.folded_percent
    if folded is None:
        return ["the grid of vectors does not reach the organ"]
    if folded > limits["deformable_folded_rejected_percent"]:
        fault = (
            f"tissue is folded over in {folded:.2g} % of the organ (least Jacobian "
            f"determinant {quality.jacobian_least:.2f})"
        )
        return [fault]
    return []


def _doubts_of_the_map(
    quality: DeformableQuality, limits: Mapping[str, float]
) -> list[str]:
    doubts = []
    consistency = quality.inverse_consistency_mean_mm
    most = limits["inverse_consistency_review_mm"]
    if consistency is None:
        doubts.append("there is no map back to compare it with")
    elif consistency > most:
        doubts.append(
            f"there and back misses by {consistency:.1f} mm in the mean, above {most:g}"
        )
    outside = limits["deformable_outside_review_percent"]
    if quality.outside_percent > outside:
        doubts.append(
            f"{quality.outside_percent:.0f} % of the organ lies outside the grid of "
            f"vectors, above {outside:g} %"
        )
    reading = limits["deformable_reading_review_mm"]
    if quality.other_reading_mm > reading:
        doubts.append(
            f"the object has a matrix before its vectors and programs read that in two "
            f"ways, which differ by up to {quality.other_reading_mm:.1f} mm"
        )
    return doubts


def _doubts_of_the_images(quality: DeformableQuality) -> list[str]:
    before, after = quality.similarity_before, quality.similarity_after
    if before is None or after is None:
        return []
    if after <= before:
        fault = (
            f"not better than the rigid registration: the images are no more alike "
            f"({after:.3f}) than after it ({before:.3f})"
        )
        return [fault]
    return []


def _doubts_of_the_organ(
    quality: DeformableQuality, organ: str, limits: Mapping[str, float]
) -> list[str]:
    own = next((one for one in quality.structures if one.name == organ), None)
    if own is None:
        fault = (
            f"{organ} is not drawn in both courses, or nothing of it can be carried "
            f"from one into the other"
        )
        return [fault]
    return _losses(own, limits["deformable_distance_loss_review_mm"])


def _losses(own: ComparedStructure, tolerated_mm: float) -> list[str]:
    before, after = own.rigid["mean_distance_mm"], own.deformable["mean_distance_mm"]
    if after > before + tolerated_mm:
        fault = (
            f"not better than the rigid registration: mean distance of {own.name} "
            f"{after:.1f} mm, {before:.1f} mm after it"
        )
        return [fault]
    return []


def _sentence(faults: list[str]) -> str:
    text = "; ".join(faults)
    return text[0].upper() + text[1:] + "."
