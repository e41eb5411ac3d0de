"""What the profiles ask of a resource, as far as it can be checked without a server.

Written from the sources of mCODE (github.com/HL7/fhir-mCODE-ig, published as 4.0.0) and
CodeX Radiation Therapy (github.com/HL7/codex-radiation-therapy, published as 2.0.0),
and from US Core, which mCODE builds on: required elements, fixed codes, required value
sets, elements that are not used, and invariants. Value sets that SNOMED CT or LOINC
define by rules (cancers) are not checked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["PROFILES", "faults_of", "target_faults", "values"]

MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"
CODEX = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
DOSE = f"url:{MCODE}mcode-radiotherapy-dose-delivered-to-volume"
MODALITIES = f"url:{MCODE}mcode-radiotherapy-modality-and-technique"
UNIFORM = f"url:{CODEX}codexrt-radiotherapy-uniform-fractionation"
LOCATIONS = frozenset({"10200004", "23451007", "59441001"})  # those of the value set
TRENDS = frozenset({"268910001", "359746009", "271299001", "709137006"})

Path = tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """Demands of one profile; a path steps down, `url:` picks an extension."""

    kind: str
    required: tuple[Path, ...] = ()
    fixed: Mapping[Path, str] = field(default_factory=dict)
    bound: Mapping[Path, frozenset[str]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


SUMMARY = Profile(
    "Procedure",
    required=(("status",), ("subject",), ("performedPeriod", "start")),
    fixed={
        ("category", "coding", "code"): "108290001",
        ("code", "coding", "code"): "1217123003",
    },
    bound={
        ("bodySite", "coding", "code"): LOCATIONS,
        (
            "extension",
            f"url:{MCODE}mcode-procedure-intent",
            "valueCodeableConcept",
            "coding",
            "code",
        ): frozenset({"373808002", "363676003"}),
        (
            "extension",
            DOSE,
            "extension",
            "url:totalDoseDelivered",
            "valueQuantity",
            "code",
        ): frozenset({"cGy"}),
        (
            "extension",
            MODALITIES,
            "extension",
            f"url:{MCODE}mcode-radiotherapy-modality",
            "valueCodeableConcept",
            "coding",
            "code",
        ): frozenset({"10611004", "45643008", "80347004", "1156505006", "1156506007"}),
    },
)
VOLUME = Profile(
    "BodyStructure",
    required=(("patient",),),
    bound={("location", "coding", "code"): LOCATIONS},
)
STATUS = Profile(
    "Observation",
    required=(("status",), ("subject",), ("effectiveDateTime",)),
    fixed={("code", "coding", "code"): "97509-4"},
    bound={("valueCodeableConcept", "coding", "code"): TRENDS},
    unused=("specimen", "device", "referenceRange", "hasMember", "component"),
)
CONDITION = Profile(
    "Condition",
    required=(("code", "coding"), ("subject",)),
    fixed={("category", "coding", "code"): "problem-list-item"},
)

PROFILES: dict[str, Profile] = {
    f"{MCODE}mcode-cancer-patient": Profile(
        "Patient",
        required=(("identifier", "system"), ("identifier", "value"), ("name",)),
        bound={("gender",): frozenset({"male", "female", "other", "unknown"})},
    ),
    f"{MCODE}mcode-primary-cancer-condition": CONDITION,
    f"{MCODE}mcode-secondary-cancer-condition": Profile(
        "Condition", CONDITION.required, CONDITION.fixed, unused=("stage",)
    ),
    f"{MCODE}mcode-radiotherapy-volume": VOLUME,
    f"{CODEX}codexrt-radiotherapy-volume": VOLUME,
    f"{MCODE}mcode-radiotherapy-course-summary": SUMMARY,
    f"{CODEX}codexrt-radiotherapy-course-summary": Profile(
        "Procedure",
        SUMMARY.required,
        SUMMARY.fixed,
        {
            ("status",): frozenset(
                {"in-progress", "not-done", "on-hold", "stopped", "completed"}
            )
        },
    ),
    f"{MCODE}mcode-cancer-disease-status": STATUS,
    f"{CODEX}codexrt-radiotherapy-disease-status": STATUS,
    f"{MCODE}mcode-ecog-performance-status": Profile(
        "Observation",
        required=(("status",), ("subject",), ("valueInteger",)),
        fixed={
            ("code", "coding", "code"): "89247-1",
            ("category", "coding", "code"): "survey",
        },
        unused=("bodySite", "specimen", "device", "hasMember", "component"),
    ),
    f"{CODEX}codexrt-radiotherapy-adverse-event": Profile(
        "AdverseEvent",
        required=(("event", "coding", "code"), ("subject",)),
        fixed={("actuality",): "actual"},
    ),
}


PATIENT = {f"{MCODE}mcode-cancer-patient"}
CANCER = {
    f"{MCODE}mcode-primary-cancer-condition",
    f"{MCODE}mcode-secondary-cancer-condition",
}
RELATED = "url:http://hl7.org/fhir/StructureDefinition/condition-related"
TREATED = f"url:{CODEX}codexrt-radiotherapy-volume-extension"
TARGETS: dict[str, dict[Path, set[str]]] = {
    f"{MCODE}mcode-primary-cancer-condition": {("subject",): PATIENT},
    f"{MCODE}mcode-secondary-cancer-condition": {
        ("subject",): PATIENT,
        ("extension", RELATED, "valueReference"): {
            f"{MCODE}mcode-primary-cancer-condition"
        },
    },
    f"{MCODE}mcode-radiotherapy-volume": {("patient",): PATIENT},
    f"{MCODE}mcode-radiotherapy-course-summary": {
        ("subject",): PATIENT,
        ("reasonReference",): CANCER,
        ("extension", DOSE, "extension", "url:volume", "valueReference"): {
            f"{MCODE}mcode-radiotherapy-volume"
        },
    },
    f"{MCODE}mcode-ecog-performance-status": {("subject",): PATIENT},
    f"{MCODE}mcode-cancer-disease-status": {
        ("subject",): PATIENT,
        ("focus",): CANCER,
    },
    f"{CODEX}codexrt-radiotherapy-disease-status": {
        ("extension", TREATED, "valueReference"): {
            f"{CODEX}codexrt-radiotherapy-volume"
        },
    },
    f"{CODEX}codexrt-radiotherapy-adverse-event": {
        ("subject",): PATIENT,
        ("suspectEntity", "instance"): {f"{CODEX}codexrt-radiotherapy-course-summary"},
    },
}


def values(found: Any, *path: str) -> list[Any]:
    """All values at a path, lists opened on the way."""
    here = [found]
    for step in path:
        here = [
            item for one in here for item in (one if isinstance(one, list) else [one])
        ]
        if step.startswith("url:"):
            here = [one for one in here if one["url"] == step.removeprefix("url:")]
        else:
            here = [one[step] for one in here if step in one]
    return [item for one in here for item in (one if isinstance(one, list) else [one])]


def faults_of(resource: dict[str, Any]) -> list[str]:
    """What a resource does not keep of the profiles that it names."""
    found: list[str] = []
    for url in values(resource, "meta", "profile"):
        profile = PROFILES[url]
        found += [f"{url}: {fault}" for fault in _missing(resource, profile)]
        found += [f"{url}: {fault}" for fault in _strange(resource, profile)]
        name = url.rpartition("/")[2]
        if name in INVARIANTS:
            found += INVARIANTS[name](resource)
    return found


def target_faults(bundle: dict[str, Any]) -> list[str]:
    """References whose target does not name a profile that it has to."""
    named = {
        entry["fullUrl"]: set(values(entry, "resource", "meta", "profile"))
        for entry in bundle["entry"]
    }
    return [
        f"{url}: {path}"
        for resource in values(bundle, "entry", "resource")
        for url in values(resource, "meta", "profile")
        for path, allowed in TARGETS.get(url, {}).items()
        for target in values(resource, *path, "reference")
        if not allowed & named[target]
    ]


def _missing(resource: dict[str, Any], profile: Profile) -> Iterator[str]:
    if resource["resourceType"] != profile.kind:
        yield f"not for {resource['resourceType']}"
    for path in profile.required:
        if not values(resource, *path):
            yield f"{path} is missing"
    for path, code in profile.fixed.items():
        if code not in values(resource, *path):
            yield f"{path} is not {code}"


def _strange(resource: dict[str, Any], profile: Profile) -> Iterator[str]:
    for path, codes in profile.bound.items():
        strange = set(values(resource, *path)) - codes
        if strange:
            yield f"{path} is {strange}"
    for name in profile.unused:
        if name in resource:
            yield f"{name} is not used"


def _us_core_6(patient: dict[str, Any]) -> Iterator[str]:
    named = values(patient, "name", "family") + values(patient, "name", "given")
    if not named and not values(patient, "name", "extension", f"url:{ABSENT}"):
        yield "us-core-6: neither a name nor why there is none"


def _reason_required(course: dict[str, Any]) -> Iterator[str]:
    if not values(course, "reasonCode") + values(course, "reasonReference"):
        yield "mcode-reason-required"


def _techniques(course: dict[str, Any]) -> Iterator[str]:
    allowed = {
        "1156506007": {
            "441799006",
            "1156530009",
            "1162782007",
            "1156526006",
            "168524008",
        },
        "10611004": {"1156529004", "1156528007", "1204242009"},
    }
    code = ("valueCodeableConcept", "coding", "code")
    for one in values(course, "extension", MODALITIES):
        modality = f"url:{MCODE}mcode-radiotherapy-modality"
        technique = f"url:{MCODE}mcode-radiotherapy-technique"
        (radiation,) = values(one, "extension", modality, *code)
        if set(values(one, "extension", technique, *code)) - allowed[radiation]:
            yield "a technique that its modality has not"


def _mcode_summary(course: dict[str, Any]) -> Iterator[str]:
    yield from _reason_required(course)
    yield from _techniques(course)
    for dose in values(course, "extension", DOSE):
        if len(values(dose, "extension", "url:volume", "valueReference")) != 1:
            yield "dose delivered to no volume"


def _two_identifiers(resource: dict[str, Any]) -> Iterator[str]:
    uses = [one["use"] for one in values(resource, "identifier")]
    if uses.count("usual") != 1 or uses.count("official") != 1:
        yield "codexrt: one usual and one official identifier"
    for one in values(resource, "identifier"):
        if one["use"] == "official" and one["system"] != "urn:dicom:uid":
            yield "codexrt: the official identifier is a DICOM UID"


def _codex_summary(course: dict[str, Any]) -> Iterator[str]:
    yield from _two_identifiers(course)
    reirradiation = f"url:{CODEX}codexrt-radiotherapy-course-involves-reirradiation"
    if len(values(course, "extension", reirradiation, "valueBoolean")) > 1:
        yield "codexrt: one answer whether it is a re-irradiation"
    for dose in values(course, "extension", DOSE):
        if len(values(dose, "extension", UNIFORM)) != 1:
            yield "codexrt: uniform fractionation must be there"


INVARIANTS = {
    "mcode-cancer-patient": _us_core_6,
    "mcode-radiotherapy-course-summary": _mcode_summary,
    "codexrt-radiotherapy-course-summary": _codex_summary,
    "codexrt-radiotherapy-volume": _two_identifiers,
}
