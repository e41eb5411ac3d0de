"""Courses, volumes, overlaps and systemic therapies in FHIR, by mCODE and CodeX."""

from collections.abc import Sequence
from datetime import date

from reirrad.core.cohort.clinical_records import SystemicTherapy
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.interchange.fhir_parts import (
    Resource,
    concept,
    extension,
    identifiers,
    new_resource,
    quantity,
    reference,
    without_empty,
)
from reirrad.interchange.fhir_patient import reasons
from reirrad.interchange.fhir_terms import (
    CODEX,
    LOCATIONS,
    MCODE,
    PALLIATIVE,
    PTV,
    RADIOTHERAPY,
    RADIOTHERAPY_COURSE,
    TECHNIQUES,
)

__all__ = ["follows_codex", "treatment_resources"]

CGY_PER_GY = 100.0


def treatment_resources(one: Cohort) -> list[Resource]:
    """Volumes, course summaries, overlaps and systemic therapies of one patient."""
    numbers = {course.number for course in one.course}
    died = any(record.death_date is not None for record in one.followup)
    return [
        *(_volume(lesion) for lesion in one.lesion),
        *(_summary(one, course) for course in one.course),
        *(_overlap(overlap, numbers) for overlap in one.overlap),
        *(_therapy(therapy, died=died) for therapy in one.systemic),
    ]


def _volume(lesion: Lesion) -> Resource:
    key = (lesion.patient, "lesion", lesion.number)
    where = "" if lesion.site is None else f", {lesion.site.replace('_', ' ')}"
    location = LOCATIONS.get(lesion.site or "")
    resource = new_resource(
        "BodyStructure",
        *key,
        profiles=(f"{CODEX}radiotherapy-volume", f"{MCODE}radiotherapy-volume"),
    )
    return without_empty(
        resource
        | {
            "identifier": identifiers(f"PTV of lesion {lesion.number}", *key),
            "morphology": concept(PTV),
            "location": concept(location) if location else None,
            "description": f"PTV of lesion {lesion.number}{where}",
            "patient": reference(lesion.patient, "patient"),
        }
    )


def _summary(one: Cohort, course: Course) -> Resource:
    key = (course.patient, "course", course.number)
    lesions = [lesion for lesion in one.lesion if lesion.course == course.number]
    profiles: tuple[str, ...] = (f"{MCODE}radiotherapy-course-summary",)
    if follows_codex(one, course):
        profiles = (f"{CODEX}radiotherapy-course-summary", *profiles)
    resource = new_resource("Procedure", *key, profiles=profiles)
    return without_empty(
        resource
        | {
            "extension": _summary_extensions(course, lesions),
            "identifier": identifiers(f"Course {course.number}", *key),
            "status": _status(course),
            "category": concept(RADIOTHERAPY),
            "code": concept(RADIOTHERAPY_COURSE),
            "subject": reference(course.patient, "patient"),
            "performedPeriod": _period(course.start_date, course.end_date),
            "reasonReference": reasons(one, lesions),
            "bodySite": _body_sites(lesions),
        }
    )


def follows_codex(one: Cohort, course: Course) -> bool:
    """Whether a course has what CodeX asks for beyond mCODE.

    CodeX wants to know whether it was completed, and whether every volume was treated
    uniformly.
    """
    return course.completed is not None and all(
        _uniform(lesion) for lesion in one.lesion if lesion.course == course.number
    )


def _status(course: Course) -> str:
    if course.completed is None:
        return "unknown"
    return "completed" if course.completed else "stopped"


def _period(start: date, end: date | None) -> Resource:
    return without_empty(
        {
            "start": start.isoformat(),
            "end": end.isoformat() if end is not None else None,
        }
    )


def _body_sites(lesions: Sequence[Lesion]) -> list[Resource]:
    sites = sorted({lesion.site for lesion in lesions if lesion.site in LOCATIONS})
    return [concept(LOCATIONS[site]) for site in sites]


def _summary_extensions(course: Course, lesions: Sequence[Lesion]) -> list[Resource]:
    found = [
        extension(
            f"{CODEX}radiotherapy-course-involves-reirradiation",
            valueBoolean=course.reirradiation,
        )
    ]
    if course.intent == "palliative":
        found.append(
            extension(
                f"{MCODE}procedure-intent", valueCodeableConcept=concept(PALLIATIVE)
            )
        )
    found += _modality(course)
    if course.completed and len(lesions) == 1 and lesions[0].n_fractions is not None:
        sessions = lesions[0].n_fractions
        found.append(
            extension(f"{MCODE}radiotherapy-sessions", valueUnsignedInt=sessions)
        )
    return found + [_dose_to_volume(course, lesion) for lesion in lesions]


def _modality(course: Course) -> list[Resource]:
    if course.technique is None or course.technique not in TECHNIQUES:
        return []
    modality, technique = TECHNIQUES[course.technique]
    parts = [
        extension(
            f"{MCODE}radiotherapy-modality", valueCodeableConcept=concept(modality)
        )
    ]
    if technique is not None:
        parts.append(
            extension(
                f"{MCODE}radiotherapy-technique",
                valueCodeableConcept=concept(technique),
            )
        )
    return [extension(f"{MCODE}radiotherapy-modality-and-technique", extension=parts)]


def _dose_to_volume(course: Course, lesion: Lesion) -> Resource:
    """Dose that a lesion got: the prescribed one if all fractions were given."""
    volume = reference(lesion.patient, "lesion", lesion.number)
    parts = [extension("volume", valueReference=volume)]
    if course.completed and lesion.dose_gy is not None:
        dose = quantity(lesion.dose_gy * CGY_PER_GY, "cGy")
        parts.append(extension("totalDoseDelivered", valueQuantity=dose))
    if course.completed and lesion.n_fractions is not None:
        fractions = lesion.n_fractions
        parts.append(extension("fractionsDelivered", valueUnsignedInt=fractions))
    if _uniform(lesion):
        uniform = f"{CODEX}radiotherapy-uniform-fractionation"
        parts.append(extension(uniform, valueBoolean=True))
    return extension(f"{MCODE}radiotherapy-dose-delivered-to-volume", extension=parts)


def _uniform(lesion: Lesion) -> bool:
    """Whether one dose in equal fractions is known, the only kind the registry has."""
    return lesion.dose_gy is not None and lesion.n_fractions is not None


def _overlap(overlap: Overlap, courses: set[int]) -> Resource:
    """Type and volumes of an overlap; no profile is known for them."""
    key = (overlap.patient, "overlap", overlap.number)
    later = overlap.second in courses
    kind = overlap.resbrt_type
    resource = new_resource("Observation", *key, profiles=())
    return without_empty(
        resource
        | {
            "partOf": [reference(overlap.patient, "course", overlap.second)]
            if later
            else [],
            "status": "final",
            "code": concept(
                None,
                f"Re-irradiation type of course {overlap.second} by its overlap with "
                f"course {overlap.first}",
            ),
            "subject": reference(overlap.patient, "patient"),
            "valueCodeableConcept": concept(None, f"type {kind}, strict reading")
            if kind is not None
            else None,
            "component": _overlap_parts(overlap),
        }
    )


def _overlap_parts(overlap: Overlap) -> list[Resource]:
    words = {
        "Type with the minimal-overlap threshold": overlap.as_applied_type,
        "ESTRO-EORTC category": overlap.estro_eortc,
    }
    organ = overlap.organ or "the organ"
    volumes = {
        f"Overlap of the 2 Gy isodoses in {organ}": overlap.ov2gy_organ_cc,
        "Overlap of the 2 Gy isodoses": overlap.ov2gy_total_cc,
        f"Overlap of the 50 % isodoses in {organ}": overlap.ov50_organ_cc,
        "Overlap of the 50 % isodoses": overlap.ov50_total_cc,
        "Overlap of the PTVs": overlap.ptv_cc,
        "Overlap of the GTVs": overlap.gtv_cc,
    }
    return [
        *(
            {"code": concept(None, what), "valueCodeableConcept": concept(None, value)}
            for what, value in words.items()
            if value is not None
        ),
        *(
            {"code": concept(None, what), "valueQuantity": quantity(value, "cm3")}
            for what, value in volumes.items()
            if value is not None
        ),
    ]


def _therapy(therapy: SystemicTherapy, *, died: bool) -> Resource:
    """A systemic therapy; mCODE wants its drugs, which the registry does not know."""
    status = "unknown" if died else "active"
    key = (therapy.patient, "systemic", therapy.number)
    return new_resource("MedicationStatement", *key, profiles=()) | {
        "status": status if therapy.end_date is None else "completed",
        "medicationCodeableConcept": concept(None, therapy.treatment),
        "subject": reference(therapy.patient, "patient"),
        "effectivePeriod": _period(therapy.start_date, therapy.end_date),
    }
