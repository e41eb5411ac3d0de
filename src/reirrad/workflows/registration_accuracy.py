"""How far a registration may be off (decision 0027)."""

from statistics import median

from reirrad.core.assessment import RegistrationQuality
from reirrad.core.perturbations import RegistrationAccuracy
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure
from reirrad.knowledge.rules import Rule, load_rules
from reirrad.workflows.place import PlacedPatient

__all__ = ["registration_accuracies"]

SAME_FRAME = "both courses lie in one frame of reference, which is not exact either"


def registration_accuracies(
    patient: PlacedPatient, settings: Settings
) -> dict[int, RegistrationAccuracy]:
    """Course number to how far its registration may be off, of every related course.

    The user's accuracy; else the larger of what is commonly demanded and of the mean
    distance that the organ in which overlap is measured shows. Where that is not drawn
    in both courses, the organs that are stand for it.
    """
    rules = load_rules("registration_rules")
    related = {placed.course.number for placed in patient.placed}
    result = {}
    for number, alignment in patient.alignments.items():
        if number not in related:
            continue
        summary = alignment.summary
        shift_mm, why = _translation(
            settings,
            rules["accuracy_translation_mm"],
            *_measured(patient.organ, summary.quality),
        )
        degrees, why_degrees = _rotation(settings, rules["accuracy_rotation_degrees"])
        notes = [why, why_degrees]
        if summary.method == "same-frame":
            notes.append(SAME_FRAME)
        result[number] = RegistrationAccuracy(shift_mm, degrees, "; ".join(notes))
    return result


def _measured(
    organ: PlacedStructure, quality: RegistrationQuality
) -> tuple[float | None, str]:
    """Measured mean distance, and what of; without the organ, the others' median.

    The median, as one organ that moves by itself says little of the rest.
    """
    distances_mm = {one.name: one.mean_distance_mm for one in quality.structures}
    for name, distance_mm in distances_mm.items():
        if name in _names_of(organ):
            return distance_mm, f"mean distance of {organ.label}"
    if not distances_mm:
        return None, ""
    listed = ", ".join(distances_mm)
    words = f"mean distance of {listed}, as {organ.label} is not drawn in both courses"
    if len(distances_mm) > 1:
        words = f"median {words}"
    return median(distances_mm.values()), words


def _names_of(placed: PlacedStructure) -> set[str]:
    return {placed.label, placed.structure.name}


def _translation(
    settings: Settings, rule: Rule, measured_mm: float | None, of_what: str
) -> tuple[float, str]:
    if settings.translation_mm is not None:
        return settings.translation_mm, "shift: settings"
    if measured_mm is not None and measured_mm > rule.limit:
        return measured_mm, f"shift: measured {of_what}"
    return rule.limit, f"shift: {rule.source} ({rule.verification})"


def _rotation(settings: Settings, rule: Rule) -> tuple[float, str]:
    if settings.rotation_degrees is not None:
        return settings.rotation_degrees, "rotation: settings"
    return rule.limit, f"rotation: {rule.source} ({rule.verification})"
