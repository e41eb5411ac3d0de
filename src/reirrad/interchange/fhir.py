"""A cohort as FHIR R4: bundles by mCODE STU4 and CodeX Radiation Therapy STU2.

No name, no identifier of the clinic and no date of birth to the day (unless asked for)
is written. The same records give the same bytes.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reirrad.core.cohort.records import Cohort, cohort_of, records_of
from reirrad.interchange.fhir_outcome import outcome_resources
from reirrad.interchange.fhir_parts import Resource, new_resource
from reirrad.interchange.fhir_patient import BirthDate, patient_resources
from reirrad.interchange.fhir_terms import MCODE
from reirrad.interchange.fhir_treatment import treatment_resources

if TYPE_CHECKING:
    from reirrad.core.cohort.record import Record

__all__ = ["cohort_bundle", "fhir_text", "patient_bundles"]


def patient_bundles(cohort: Cohort, birth_date: BirthDate) -> dict[str, Resource]:
    """For each pseudonym the mCODE bundle of the patient, in their order.

    Parameters
    ----------
    cohort
        All records of some patients.
    birth_date
        How much of the date of birth is told.
    """
    by_patient: dict[str, list[Record]] = defaultdict(list)
    for record in records_of(cohort):
        by_patient[record.patient].append(record)
    return {
        record.patient: _bundle(
            _resources(cohort_of(by_patient[record.patient]), birth_date),
            record.patient,
            "bundle",
            profile=f"{MCODE}patient-bundle",
        )
        for record in cohort.patient
    }


def cohort_bundle(bundles: Mapping[str, Resource]) -> Resource:
    """One collection of the resources of all patients, from their bundles."""
    resources = [
        entry["resource"] for one in bundles.values() for entry in one["entry"]
    ]
    return _bundle(resources, "cohort", *bundles)


def fhir_text(resource: Resource) -> str:
    """JSON text of a resource."""
    return json.dumps(resource, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _resources(one: Cohort, birth_date: BirthDate) -> list[Resource]:
    return [
        *patient_resources(one, birth_date),
        *treatment_resources(one),
        *outcome_resources(one),
    ]


def _bundle(resources: list[Resource], *key: str, profile: str = "") -> Resource:
    profiles = (profile,) if profile else ()
    return new_resource("Bundle", *key, profiles=profiles) | {
        "type": "collection",
        "entry": [
            {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
            for resource in resources
        ],
    }
