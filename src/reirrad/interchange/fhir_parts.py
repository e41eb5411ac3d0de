"""Parts that FHIR resources are made of."""

from typing import Any, TypeAlias
from uuid import UUID, uuid5

from reirrad.interchange.fhir_terms import DATA_ABSENT, DICOM_UID, UCUM, Code

__all__ = [
    "NAMES",
    "Resource",
    "absent",
    "concept",
    "extension",
    "identifiers",
    "new_resource",
    "quantity",
    "reference",
    "resource_uuid",
    "without_empty",
]

Resource: TypeAlias = dict[str, Any]

NAMESPACE = UUID("8c5ad8c1-6f0e-5c0b-9a52-3c4b0a5e7d11")
NAMES = NAMESPACE.urn
"""Naming system of pseudonyms and of the names of courses and volumes."""


def resource_uuid(*key: str | int) -> UUID:
    """Identity of a resource: always the same for the same patient and record.

    Parameters
    ----------
    *key
        Pseudonym, kind and number.
    """
    return uuid5(NAMESPACE, "/".join(str(part) for part in key))


def reference(*key: str | int) -> Resource:
    """Reference to the resource with a key, in the same bundle."""
    return {"reference": resource_uuid(*key).urn}


def new_resource(kind: str, *key: str | int, profiles: tuple[str, ...]) -> Resource:
    """A resource with nothing but its kind, identity and profiles."""
    resource: Resource = {"resourceType": kind, "id": str(resource_uuid(*key))}
    if profiles:
        resource["meta"] = {"profile": list(profiles)}
    return resource


def concept(code: Code | None, text: str = "") -> Resource:
    """A CodeableConcept of a code, of words, or of both."""
    found: Resource = {}
    if code is not None:
        coding = {"system": code.system, "code": code.code}
        if code.display:
            coding["display"] = code.display
        found["coding"] = [coding]
    if text:
        found["text"] = text
    return found


def extension(url: str, **value: object) -> Resource:
    """An extension with its one value, such as ``valueBoolean``."""
    return {"url": url, **value}


def absent(reason: str) -> Resource:
    """The extension that says why a value is not there."""
    return extension(DATA_ABSENT, valueCode=reason)


def identifiers(name: str, *key: str | int) -> list[Resource]:
    """The name a user sees, and a DICOM UID that is made from the identity."""
    uid = f"2.25.{resource_uuid(*key).int}"
    return [
        {"use": "usual", "system": NAMES, "value": name},
        {"use": "official", "system": DICOM_UID, "value": f"urn:oid:{uid}"},
    ]


def quantity(value: float, unit: str) -> Resource:
    """A value with its UCUM unit."""
    rounded = round(float(value), 6)
    number = int(rounded) if rounded.is_integer() else rounded
    return {"value": number, "unit": unit, "system": UCUM, "code": unit}


def without_empty(resource: Resource) -> Resource:
    """A resource without elements that are None or empty, which FHIR forbids."""
    return {
        key: value for key, value in resource.items() if value not in (None, [], {})
    }
