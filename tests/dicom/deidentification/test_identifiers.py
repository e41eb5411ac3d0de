"""Identifiers are found however a text hides them."""

import pytest
from pydicom.dataset import Dataset

from reirrad.dicom.deidentification.identifiers import known_identifiers
from reirrad.knowledge.confidentiality import load_confidentiality_profile
from tests.dicom.exports import item

PROFILE = load_confidentiality_profile()


def patient(**attributes: object) -> Dataset:
    return item(
        SpecificCharacterSet="ISO_IR 192",
        **{
            "PatientName": "Phantómsson-Lee^Zoë^^Dr=山田^太郎",
            "PatientID": "MRN-00471-12",
            "PatientBirthDate": "19510607",
            "StudyID": "4711",
            "AccessionNumber": "ACC 9988776",
            "InstitutionName": "Liver Clinic of Nowhere",
            "OperatorsName": "Müllert^Jörn",
            **attributes,
        },
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("PTV PHANTOMSSON", id="family name"),
        pytest.param("ptvphantómsson2", id="inside of a word"),
        pytest.param("Liver_Lee", id="short name as a word"),
        pytest.param("zoe boost", id="without accent"),
        pytest.param("PTV 山田", id="ideographic"),
        pytest.param("plan mrn0047112", id="identifier"),
        pytest.param("MRN 00471-12 b", id="identifier with other punctuation"),
        pytest.param("00471", id="number of an identifier"),
        pytest.param("x9988776x", id="accession number"),
        pytest.param("run 4711", id="short number"),
        pytest.param("GTV_Muellert", id="umlaut spelled out"),
        pytest.param("GTV_Mullert", id="umlaut left out"),
        pytest.param("*07.06.1951", id="birth date"),
        pytest.param("b510607", id="birth date in six digits"),
        pytest.param("Liver 1951", id="year of birth"),
        pytest.param("20230501", id="any date"),
        pytest.param("3/14/22", id="any short date"),
        pytest.param("CT 12 Mar 2021", id="any date with a month"),
        pytest.param("LiverClinicOfNowhere", id="place"),
        pytest.param("1.2.826.0.1.3680043", id="UID"),
    ],
)
def test_a_text_that_identifies(text: str) -> None:
    assert known_identifiers(patient(), PROFILE).are_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Liver",
        "PTV 50.4 Gy",
        "Sleeve",
        "Kidney_L",
        "Duodenum Dr",
        "PTV_5000",
        "14711",
        "B1",
        "V20.5",
        "Clinic",
    ],
)
def test_a_text_that_does_not(text: str) -> None:
    assert not known_identifiers(patient(), PROFILE).are_in(text)


def test_names_and_dates_deep_inside_are_known() -> None:
    inner = item(PersonName="Deepname^Nobody", AcquisitionDateTime="19770812101010")
    nested = item(ReferencedSeriesSequence=[item(ContentSequence=[inner])])
    known = known_identifiers(nested, PROFILE)

    assert known.are_in("deepname")
    assert known.are_in("120877")


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("9988776", True),
        ("-9988776.0", True),
        ("19510607", True),
        ("4711", False),
        ("9988777", False),
        ("0.9988776", False),
    ],
)
def test_a_number_that_is_an_identifier(number: str, *, found: bool) -> None:
    assert known_identifiers(patient(), PROFILE).are_number(number) is found


def test_nothing_known_still_finds_dates() -> None:
    known = known_identifiers(Dataset(), PROFILE)

    assert known.are_in("2021-03-04")
    assert not known.are_in("Liver")
