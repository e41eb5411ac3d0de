"""Performance, response, progression and toxicity in FHIR, by mCODE and CodeX."""

from datetime import date

from reirrad.core.cohort.clinical_records import Toxicity
from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Course
from reirrad.interchange.fhir_parts import (
    Resource,
    concept,
    extension,
    new_resource,
    reference,
    without_empty,
)
from reirrad.interchange.fhir_patient import primary
from reirrad.interchange.fhir_terms import (
    ADVERSE_EVENT_GRADE,
    CODEX,
    DISEASE_STATUS,
    ECOG,
    GRADES,
    IMAGING,
    MCODE,
    OBSERVATION_CATEGORY,
    TERMS,
    TRENDS,
)
from reirrad.interchange.fhir_treatment import follows_codex

__all__ = ["outcome_resources"]

PLACES = {
    "local": "progression at the treated lesion",
    "same_organ": "progression elsewhere in the organ",
    "elsewhere": "progression in another organ",
}


def outcome_resources(one: Cohort) -> list[Resource]:
    """Performance status, response, progression and toxicity of one patient."""
    return [
        *_performance(one),
        *_responses(one),
        *_progressions(one),
        *(_adverse_event(one, event) for event in one.toxicity),
    ]


def _performance(one: Cohort) -> list[Resource]:
    return [
        *(
            _ecog(
                (course.patient, "course_ecog", course.number),
                course.start_date,
                course.ecog,
            )
            for course in one.course
            if course.ecog is not None
        ),
        *(
            _ecog((visit.patient, "visit", visit.number), visit.date, visit.ecog)
            for visit in one.visit
            if visit.ecog is not None
        ),
    ]


def _ecog(key: tuple[str, str, int], day: date, score: int) -> Resource:
    profiles = (f"{MCODE}ecog-performance-status",)
    return new_resource("Observation", *key, profiles=profiles) | {
        "status": "final",
        "category": [concept(OBSERVATION_CATEGORY)],
        "code": concept(ECOG),
        "subject": reference(key[0], "patient"),
        "effectiveDateTime": day.isoformat(),
        "valueInteger": score,
    }


def _responses(one: Cohort) -> list[Resource]:
    return [
        _status(
            one,
            ("response", response.number),
            (response.date, response.category, f"RECIST 1.1: {response.category}"),
            lesion=response.lesion,
        )
        for response in one.response
        if response.category is not None and not response.baseline
    ]


def _progressions(one: Cohort) -> list[Resource]:
    return [
        _status(
            one,
            ("progression", progression.number),
            (progression.date, "PD", PLACES[progression.place]),
            lesion=progression.lesion,
        )
        for progression in one.progression
    ]


def _status(
    one: Cohort,
    key: tuple[str, int],
    what: tuple[date, str, str],
    *,
    lesion: int | None,
) -> Resource:
    """Disease status at one day; that of a lesion names its volume."""
    patient = one.patient[0].patient
    day, category, words = what
    profiles: tuple[str, ...] = (f"{MCODE}cancer-disease-status",)
    extensions = [
        extension(
            f"{MCODE}cancer-disease-status-evidence-type",
            valueCodeableConcept=concept(IMAGING),
        )
    ]
    if lesion in {one.number for one in one.lesion}:
        profiles = (f"{CODEX}radiotherapy-disease-status", *profiles)
        volume = reference(patient, "lesion", lesion or 0)
        extensions.append(
            extension(f"{CODEX}radiotherapy-volume-extension", valueReference=volume)
        )
    return new_resource("Observation", patient, *key, profiles=profiles) | {
        "extension": extensions,
        "status": "final",
        "code": concept(DISEASE_STATUS),
        "subject": reference(patient, "patient"),
        "focus": [primary(one)],
        "effectiveDateTime": day.isoformat(),
        "valueCodeableConcept": concept(TRENDS[category], words),
    }


def _adverse_event(one: Cohort, event: Toxicity) -> Resource:
    """A toxicity event.

    CodeX asks for a code, which the term "other" has not, and for a suspected course
    that follows CodeX as well; other events follow no profile.
    """
    code = TERMS.get(event.term)
    suspects = [course for course in one.course if course.number == event.course]
    profiles: tuple[str, ...] = ()
    if code is not None and all(follows_codex(one, course) for course in suspects):
        profiles = (f"{CODEX}radiotherapy-adverse-event",)
    key = (event.patient, "toxicity", event.number)
    grade = concept(GRADES[event.grade], f"CTCAE v5.0 grade {event.grade}")
    return without_empty(
        new_resource("AdverseEvent", *key, profiles=profiles)
        | {
            "extension": [extension(ADVERSE_EVENT_GRADE, valueCodeableConcept=grade)],
            "actuality": "actual",
            "event": concept(code, event.term.replace("_", " ")),
            "subject": reference(event.patient, "patient"),
            "date": event.date.isoformat(),
            "suspectEntity": [_suspect(event, course) for course in suspects],
        }
    )


def _suspect(event: Toxicity, course: Course) -> Resource:
    entity: Resource = {"instance": reference(event.patient, "course", course.number)}
    if event.attribution is not None:
        entity["causality"] = [{"assessment": concept(None, event.attribution)}]
    return entity
