"""Patients and their cancers in FHIR, by the profiles of mCODE."""

from collections.abc import Iterable
from typing import Literal

from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Lesion
from reirrad.interchange.fhir_parts import (
    NAMES,
    Resource,
    absent,
    concept,
    extension,
    new_resource,
    reference,
    without_empty,
)
from reirrad.interchange.fhir_terms import (
    CONDITION_CATEGORY,
    CONFIRMED,
    EXTENSIONS,
    MALIGNANT,
    MCODE,
    PRIMARIES,
    SECONDARIES,
)

__all__ = ["BirthDate", "patient_resources", "primary", "reasons"]

BirthDate = Literal["year", "day"]
PRIMARY = "primary_cancer"
SECONDARY = "secondary_cancer"


def patient_resources(one: Cohort, birth_date: BirthDate) -> list[Resource]:
    """The patient, the primary cancer, and one secondary cancer for each treated site.

    Parameters
    ----------
    one
        Records of one patient.
    birth_date
        How much of the date of birth is told.
    """
    sites = sorted(
        {site for lesion in one.lesion if (site := _metastasis(one, lesion))}
    )
    return [
        _patient(one, birth_date),
        _primary(one),
        *(_secondary(one, site) for site in sites),
    ]


def primary(one: Cohort) -> Resource:
    """Reference to the primary cancer."""
    return reference(one.patient[0].patient, PRIMARY)


def reasons(one: Cohort, lesions: Iterable[Lesion]) -> list[Resource]:
    """References to the cancers for which lesions were treated, each once."""
    sites = [_metastasis(one, lesion) for lesion in lesions]
    found = [
        reference(one.patient[0].patient, SECONDARY, site)
        for site in sorted({site for site in sites if site})
    ]
    return found if found and all(sites) else [primary(one), *found]


def _metastasis(one: Cohort, lesion: Lesion) -> str:
    """Site of a metastasis; empty where the lesion may be the primary tumour."""
    in_liver = lesion.site == "liver"
    if in_liver and one.patient[0].primary_site == "hepatocellular":
        return ""
    return lesion.site if lesion.site in SECONDARIES else ""


def _patient(one: Cohort, birth_date: BirthDate) -> Resource:
    (record,) = one.patient
    death = one.followup[0].death_date if one.followup else None
    born = record.birth_date
    text = born.isoformat() if born is not None else None
    if text is not None and birth_date == "year":
        text = text[:4]
    resource = new_resource(
        "Patient", record.patient, "patient", profiles=(f"{MCODE}cancer-patient",)
    )
    return without_empty(
        resource
        | {
            "identifier": [
                {"use": "secondary", "system": NAMES, "value": record.patient}
            ],
            "name": [{"extension": [absent("masked")]}],
            "gender": record.sex or "unknown",
            "birthDate": text,
            "deceasedDateTime": death.isoformat() if death is not None else None,
        }
    )


def _primary(one: Cohort) -> Resource:
    (record,) = one.patient
    site = record.primary_site
    code = MALIGNANT if site is None else PRIMARIES.get(site, MALIGNANT)
    found = record.primary_diagnosis_date
    text = "primary tumour, site not recorded" if site is None else f"{site} primary"
    resource = _condition(one, (PRIMARY,), f"{MCODE}primary-cancer-condition")
    return without_empty(
        resource
        | {
            "extension": [
                extension(
                    f"{EXTENSIONS}condition-assertedDate",
                    valueDateTime=found.isoformat(),
                )
            ]
            if found is not None
            else [],
            "verificationStatus": concept(CONFIRMED)
            if record.histology_confirmed
            else None,
            "code": concept(code, text),
        }
    )


def _secondary(one: Cohort, site: str) -> Resource:
    resource = _condition(one, (SECONDARY, site), f"{MCODE}secondary-cancer-condition")
    return resource | {
        "extension": [
            extension(f"{EXTENSIONS}condition-related", valueReference=primary(one))
        ],
        "code": concept(SECONDARIES[site], f"metastasis, {site.replace('_', ' ')}"),
    }


def _condition(one: Cohort, key: tuple[str, ...], profile: str) -> Resource:
    patient = one.patient[0].patient
    resource = new_resource("Condition", patient, *key, profiles=(profile,))
    return resource | {
        "category": [concept(CONDITION_CATEGORY)],
        "subject": reference(patient, "patient"),
    }
