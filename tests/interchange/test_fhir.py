"""Bundles keep FHIR R4, the profiles they name, and the patients' secrets."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from reirrad.core.cohort.clinical_records import (
    FollowUp,
    Patient,
    Progression,
    Response,
    SystemicTherapy,
    Toxicity,
    Visit,
)
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort, cohort_of
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.interchange.fhir import cohort_bundle, fhir_text, patient_bundles
from reirrad.phantoms.example_cohort import example_cohort
from tests.interchange.fhir_profiles import (
    CODEX,
    DOSE,
    MCODE,
    MODALITIES,
    PROFILES,
    UNIFORM,
    faults_of,
    target_faults,
    values,
)

P = "P2345"
PATIENT = Patient(
    patient=P,
    birth_date=date(1951, 4, 23),
    sex="female",
    primary_site="colorectal",
    primary_diagnosis_date=date(2015, 2, 3),
    histology_confirmed=True,
)
FIRST = Course(
    patient=P,
    number=1,
    start_date=date(2018, 5, 7),
    end_date=date(2018, 5, 16),
    reirradiation=False,
    technique="vmat",
)
AGAIN = Course(
    patient=P,
    number=2,
    start_date=date(2019, 9, 2),
    end_date=date(2019, 9, 13),
    reirradiation=True,
    technique="mr_guided",
    completed=True,
    intent="palliative",
    ecog=1,
)
LESION = Lesion(
    patient=P, number=1, course=2, site="liver", dose_gy=43.5, n_fractions=5
)
CHEMOTHERAPY = SystemicTherapy(
    patient=P, start_date=date(2020, 10, 1), treatment="chemotherapy"
)
RECORDS: tuple[Record, ...] = (
    PATIENT,
    FollowUp(patient=P, death_date=date(2021, 1, 2)),
    FIRST,
    AGAIN,
    LESION,
    CHEMOTHERAPY,
    Visit(patient=P, date=date(2020, 1, 1), ecog=2),
    Response(patient=P, number=1, date=date(2019, 8, 1), baseline=True, category="NE"),
    Response(patient=P, number=2, date=date(2020, 3, 1), category="PR", lesion=1),
    Response(patient=P, number=3, date=date(2020, 3, 1), category="SD"),
    Progression(patient=P, date=date(2020, 9, 1), place="local", lesion=1),
    Toxicity(
        patient=P,
        number=1,
        date=date(2019, 9, 20),
        term="nausea",
        grade=2,
        course=2,
        attribution="probable",
    ),
    Toxicity(patient=P, number=2, date=date(2019, 9, 21), term="other", grade=1),
    Overlap(
        patient=P,
        first=1,
        second=2,
        organ="Liver",
        resbrt_type="1A",
        ov2gy_organ_cc=205,
    ),
)


def resources(records: tuple[Record, ...] = RECORDS) -> dict[str, list[dict[str, Any]]]:
    """Resources of one patient by their kind."""
    found: dict[str, list[dict[str, Any]]] = {}
    (bundle,) = patient_bundles(cohort_of(records), "year").values()
    for entry in bundle["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(
            entry["resource"]
        )
    return found


def with_course(**changes: Any) -> tuple[Record, ...]:
    changed = replace(AGAIN, **changes)
    return tuple(changed if one is AGAIN else one for one in RECORDS)


def second_summary(records: tuple[Record, ...] = RECORDS) -> dict[str, Any]:
    return resources(records)["Procedure"][1]


EVERYTHING = cohort_of(RECORDS)
COHORTS = {
    "written out": EVERYTHING,
    "example": example_cohort(),
    "a patient with nothing": cohort_of([Patient(patient="P1")]),
    "a course with nothing": cohort_of(
        [
            Patient(patient="P1"),
            Course(patient="P1", start_date=date(2020, 1, 1), reirradiation=True),
            Lesion(patient="P1", course=1),
        ]
    ),
}


@pytest.fixture(params=COHORTS, scope="module")
def bundles(request: pytest.FixtureRequest) -> dict[str, Any]:
    return patient_bundles(COHORTS[request.param], "year")


def test_bundles_are_valid_fhir(bundles: dict[str, Any]) -> None:
    for bundle in bundles.values():
        Bundle.model_validate_json(fhir_text(bundle))
    Bundle.model_validate_json(fhir_text(cohort_bundle(bundles)))


def test_resources_keep_the_profiles_they_name(bundles: dict[str, Any]) -> None:
    for bundle in bundles.values():
        for resource in values(bundle, "entry", "resource"):
            assert faults_of(resource) == [], resource["id"]


def test_a_bundle_is_that_of_one_patient(bundles: dict[str, Any]) -> None:
    for name, bundle in bundles.items():
        assert bundle["type"] == "collection"
        assert bundle["meta"]["profile"] == [f"{MCODE}mcode-patient-bundle"]
        kinds = values(bundle, "entry", "resource", "meta", "profile")
        assert kinds.count(f"{MCODE}mcode-cancer-patient") == 1
        assert values(bundle, "entry", "resource", "identifier", "value")[0] == name


def test_every_reference_is_to_a_resource_of_the_bundle(
    bundles: dict[str, Any],
) -> None:
    for bundle in bundles.values():
        there = values(bundle, "entry", "fullUrl")
        assert len(there) == len(set(there))
        asked = re.findall(r'"reference": "([^"]+)"', fhir_text(bundle))
        assert asked or len(there) == 1
        assert set(asked) <= set(there)


def test_references_are_to_resources_of_the_profiles_asked_for(
    bundles: dict[str, Any],
) -> None:
    for bundle in bundles.values():
        assert target_faults(bundle) == []


def test_the_check_of_references_finds_faults() -> None:
    (bundle,) = patient_bundles(EVERYTHING, "year").values()
    spoilt = copy.deepcopy(bundle)
    for resource in values(spoilt, "entry", "resource"):
        if resource["resourceType"] == "Procedure":
            resource["meta"]["profile"].pop(0)
    assert any("suspectEntity" in fault for fault in target_faults(spoilt))


def test_the_same_records_give_the_same_bytes() -> None:
    text = fhir_text(cohort_bundle(patient_bundles(EVERYTHING, "year")))
    again = cohort_of(reversed(RECORDS))
    assert fhir_text(cohort_bundle(patient_bundles(again, "year"))) == text


def test_no_date_of_birth_and_no_name() -> None:
    text = fhir_text(cohort_bundle(patient_bundles(EVERYTHING, "year")))
    assert "1951-04-23" not in text
    (patient,) = resources()["Patient"]
    assert patient["birthDate"] == "1951"
    assert set(patient["name"][0]) == {"extension"}
    assert values(patient, "name", "extension", "valueCode") == ["masked"]
    assert not {"telecom", "address", "contact", "photo"} & set(patient)


def test_the_day_of_birth_only_where_asked_for() -> None:
    text = fhir_text(cohort_bundle(patient_bundles(EVERYTHING, "day")))
    assert '"birthDate": "1951-04-23"' in text


def test_pseudonyms_tell_patients_apart() -> None:
    other = [replace(one, patient="P9") for one in RECORDS]
    bundles = patient_bundles(cohort_of([*RECORDS, *other]), "year")
    assert list(bundles) == [P, "P9"]
    ids = values(list(bundles.values()), "entry", "resource", "id")
    assert len(ids) == len(set(ids))


def test_death_and_cancers() -> None:
    found = resources()
    assert found["Patient"][0]["deceasedDateTime"] == "2021-01-02"
    first, second = found["Condition"]
    assert values(first, "code", "coding", "code") == ["781382000"]
    assert values(first, "extension", "valueDateTime") == ["2015-02-03"]
    assert values(first, "verificationStatus", "coding", "code") == ["confirmed"]
    assert values(second, "code", "coding", "code") == ["94381002"]
    assert values(second, "extension", "valueReference", "reference") == [
        f"urn:uuid:{first['id']}"
    ]


@pytest.mark.parametrize(
    ("primary", "site", "n_conditions"),
    [
        ("hepatocellular", "liver", 1),
        ("hepatocellular", "peritoneum", 2),
        ("colorectal", "other", 1),
        (None, "liver", 2),
    ],
)
def test_only_a_metastasis_is_a_secondary_cancer(
    primary: Any, site: Any, n_conditions: int
) -> None:
    found = resources(
        (
            replace(PATIENT, primary_site=primary),
            AGAIN,
            replace(LESION, site=site),
        )
    )
    assert len(found["Condition"]) == n_conditions
    (course,) = found["Procedure"]
    treated = found["Condition"][-1]["id"]
    assert values(course, "reasonReference", "reference") == [f"urn:uuid:{treated}"]


def test_a_re_irradiation_says_so() -> None:
    url = f"url:{CODEX}codexrt-radiotherapy-course-involves-reirradiation"
    first, second = resources()["Procedure"]
    assert values(first, "extension", url, "valueBoolean") == [False]
    assert values(second, "extension", url, "valueBoolean") == [True]


def test_dose_of_a_course_that_was_completed() -> None:
    course = second_summary()
    dose = values(course, "extension", DOSE)[0]
    quantity = values(dose, "extension", "url:totalDoseDelivered", "valueQuantity")[0]
    assert (quantity["value"], quantity["code"]) == (4350, "cGy")
    fractions = values(dose, "extension", "url:fractionsDelivered", "valueUnsignedInt")
    assert fractions == [5]
    assert values(dose, "extension", UNIFORM, "valueBoolean") == [True]
    sessions = f"url:{MCODE}mcode-radiotherapy-sessions"
    assert values(course, "extension", sessions, "valueUnsignedInt") == [5]
    volume = values(dose, "extension", "url:volume", "valueReference", "reference")
    assert volume == [f"urn:uuid:{resources()['BodyStructure'][0]['id']}"]


@pytest.mark.parametrize(
    ("completed", "status", "n_profiles"),
    [(True, "completed", 2), (False, "stopped", 2), (None, "unknown", 1)],
)
def test_a_prescribed_dose_is_not_called_delivered(
    *, completed: bool | None, status: str, n_profiles: int
) -> None:
    course = second_summary(with_course(completed=completed))
    assert course["status"] == status
    assert len(course["meta"]["profile"]) == n_profiles
    dose = values(course, "extension", DOSE, "extension", "url:totalDoseDelivered")
    assert bool(dose) is (completed is True)
    assert values(course, "extension", DOSE, "extension", UNIFORM, "valueBoolean")
    assert faults_of(course) == []


@pytest.mark.parametrize(
    "lesion", [replace(LESION, dose_gy=None), replace(LESION, n_fractions=None)]
)
def test_fractionation_that_is_not_known_is_not_called_uniform(lesion: Lesion) -> None:
    course = second_summary(tuple(lesion if r is LESION else r for r in RECORDS))
    assert course["meta"]["profile"] == [f"{MCODE}mcode-radiotherapy-course-summary"]
    assert not values(course, "extension", DOSE, "extension", UNIFORM)


@pytest.mark.parametrize(
    ("technique", "codes"),
    [
        ("vmat", ["1156506007", "1156530009"]),
        ("imrt", ["1156506007", "441799006"]),
        ("conformal", ["1156506007", "1162782007"]),
        ("mr_guided", ["1156506007"]),
        ("robotic", ["1156506007"]),
        ("protons", ["10611004"]),
        ("other", []),
        (None, []),
    ],
)
def test_techniques(technique: Any, codes: list[str]) -> None:
    course = second_summary(with_course(technique=technique))
    path = ("extension", MODALITIES, "extension", "valueCodeableConcept", "coding")
    assert values(course, *path, "code") == codes
    assert faults_of(course) == []


def test_intent_only_where_its_code_says_the_same() -> None:
    url = f"url:{MCODE}mcode-procedure-intent"
    assert values(second_summary(), "extension", url)
    ablative = second_summary(with_course(intent="ablative"))
    assert not values(ablative, "extension", url)


def test_observations() -> None:
    found = {one["id"]: one for one in resources()["Observation"]}
    scores = [one["valueInteger"] for one in found.values() if "valueInteger" in one]
    assert scores == [1, 2]
    words = [values(one, "valueCodeableConcept", "text") for one in found.values()]
    assert [one[0] for one in words if one] == [
        "type 1A, strict reading",
        "RECIST 1.1: PR",
        "RECIST 1.1: SD",
        "progression at the treated lesion",
    ]
    (overlap,) = [one for one in found.values() if "component" in one]
    (component,) = overlap["component"]
    assert component["code"]["text"] == "Overlap of the 2 Gy isodoses in Liver"
    assert component["valueQuantity"]["value"] == 205
    volume = f"url:{CODEX}codexrt-radiotherapy-volume-extension"
    assert sum(bool(values(one, "extension", volume)) for one in found.values()) == 2


def test_toxicity() -> None:
    nausea, other = resources()["AdverseEvent"]
    assert values(nausea, "event", "coding", "code") == ["C146764"]
    grade = values(nausea, "extension", "valueCodeableConcept", "coding", "code")
    assert grade == ["C41339"]
    (suspect,) = nausea["suspectEntity"]
    assert suspect["instance"]["reference"] == f"urn:uuid:{second_summary()['id']}"
    assert values(suspect, "causality", "assessment", "text") == ["probable"]
    of_unknown = resources(with_course(completed=None))["AdverseEvent"][0]
    assert "meta" not in of_unknown
    assert of_unknown["suspectEntity"] == nausea["suspectEntity"]
    assert "coding" not in other["event"]
    assert "meta" not in other
    assert "suspectEntity" not in other


def test_systemic_therapy() -> None:
    (dead,) = resources()["MedicationStatement"]
    assert dead["medicationCodeableConcept"] == {"text": "chemotherapy"}
    assert (dead["status"], dead["effectivePeriod"]) == (
        "unknown",
        {"start": "2020-10-01"},
    )
    (alive,) = resources((PATIENT, CHEMOTHERAPY))["MedicationStatement"]
    assert alive["status"] == "active"
    ended = replace(CHEMOTHERAPY, end_date=date(2020, 12, 1))
    (done,) = resources((PATIENT, ended))["MedicationStatement"]
    assert done["status"] == "completed"
    assert done["effectivePeriod"]["end"] == "2020-12-01"


def test_what_is_not_in_the_registry_is_not_referred_to() -> None:
    records: tuple[Record, ...] = (
        PATIENT,
        Toxicity(patient=P, date=date(2020, 1, 1), term="fever", grade=1, course=7),
        Response(patient=P, date=date(2020, 1, 1), category="PD", lesion=7),
        Overlap(patient=P, first=1, second=7),
    )
    (bundle,) = patient_bundles(cohort_of(records), "year").values()
    asked = set(re.findall(r'"reference": "([^"]+)"', json.dumps(bundle)))
    assert asked <= set(values(bundle, "entry", "fullUrl"))


Spoil = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("Patient", lambda one: one.pop("name")),
        ("Patient", lambda one: one["name"][0].pop("extension")),
        ("Patient", lambda one: one.update(gender="f")),
        ("Condition", lambda one: one.pop("category")),
        ("BodyStructure", lambda one: one["identifier"].pop()),
        ("BodyStructure", lambda one: one["location"]["coding"][0].update(code="1")),
        ("Procedure", lambda one: one.update(status="unknown")),
        ("Procedure", lambda one: one.pop("reasonReference")),
        ("Procedure", lambda one: one["extension"][-1]["extension"].pop()),
        ("Procedure", lambda one: one["extension"][-1]["extension"].pop(0)),
        ("Observation", lambda one: one["code"]["coding"][0].update(code="1-8")),
        ("AdverseEvent", lambda one: one["event"].pop("coding")),
        ("AdverseEvent", lambda one: one.update(actuality="potential")),
    ],
)
def test_the_check_of_profiles_finds_faults(kind: str, spoil: Spoil) -> None:
    records = tuple(one for one in RECORDS if one is not FIRST)
    named = [one for one in resources(records)[kind] if "meta" in one]
    spoilt = copy.deepcopy(named[0])
    assert faults_of(spoilt) == []
    spoil(spoilt)
    assert faults_of(spoilt)


def test_the_check_of_structure_finds_faults() -> None:
    (bundle,) = patient_bundles(EVERYTHING, "year").values()
    spoilt = copy.deepcopy(bundle)
    del spoilt["entry"][-1]["resource"]["actuality"]
    with pytest.raises(ValidationError):
        Bundle.model_validate(spoilt)


def test_every_profile_is_used(bundles: dict[str, Any]) -> None:
    if P not in bundles:
        return
    used = set(values(list(bundles.values()), "entry", "resource", "meta", "profile"))
    assert used == set(PROFILES)


def test_an_empty_cohort_has_no_bundles() -> None:
    assert patient_bundles(Cohort(), "year") == {}
