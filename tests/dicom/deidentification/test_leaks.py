"""No identifier comes through, wherever it stood."""

import io
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from reirrad.dicom.deidentification.cleaning import Cleaning, cleaned_object
from reirrad.dicom.deidentification.identifiers import known_identifiers
from reirrad.dicom.deidentification.pseudonyms import Pseudonyms
from reirrad.dicom.deidentification.tally import Tally
from reirrad.dicom.identity import save
from reirrad.dicom.reading import parse_object
from tests.dicom.deidentification.planted import (
    BIRTH,
    BYTES,
    KEY,
    NAME,
    NUMBER,
    PROFILE,
    VALUES,
    deidentified,
    plant_everywhere,
    put,
    standard_attributes,
    traces,
)
from tests.dicom.deidentification.planted import UID as PLANTED_UID
from tests.dicom.exports import (
    CLASSES,
    ROOT,
    CourseExport,
    course_export,
    item,
    registration,
)

SECRETS = (NAME, "Quipped", NUMBER, BIRTH, PLANTED_UID, "073Y", ROOT, "20210301")
SYNTAXES = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)


def identified(dataset: Dataset) -> Dataset:
    """The object of a patient with distinctive name, number and birth date."""
    dataset.PatientName = f"{NAME}^Quipped"
    dataset.PatientID = NUMBER
    dataset.PatientBirthDate = BIRTH
    return dataset


def objects() -> dict[str, Dataset]:
    export: CourseExport = course_export(1)
    kinds = {name: export[name] for name in ("ct0.dcm", "rs.dcm", "rp.dcm", "rd.dcm")}
    matrix = [[1, 0, 0, 5], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    kinds["reg.dcm"] = registration(f"{ROOT}.9", f"{ROOT}.1", f"{ROOT}.2", matrix)
    return {name: identified(one) for name, one in kinds.items()}


def write(dataset: Dataset, path: Path, syntax: UID) -> None:
    """Write with identifiers in the preamble and the file meta as well."""
    meta = dataset.file_meta
    meta.TransferSyntaxUID = syntax
    meta.SourceApplicationEntityTitle = NAME
    meta.SendingApplicationEntityTitle = NAME
    meta.PrivateInformationCreatorUID = UID(PLANTED_UID)
    meta.PrivateInformation = BYTES
    dataset.preamble = (BYTES * 8)[:128]
    if syntax == ExplicitVRBigEndian and "PixelData" in dataset:
        dataset["PixelData"].VR = "OW"
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    write(objects()["rp.dcm"], tmp_path / "in.dcm", ExplicitVRLittleEndian)
    (tmp_path / f"{NAME}.txt").write_bytes("073Y".encode("utf-16-le"))

    found = {form for _, form in traces(tmp_path, SECRETS)}
    assert {NAME.encode(), NUMBER.encode(), BIRTH.encode(), ROOT.encode()} <= found
    assert "073Y".encode("utf-16-le") in found


@pytest.mark.parametrize("name", sorted(objects()))
@pytest.mark.filterwarnings("ignore")
def test_every_attribute_of_the_dictionary(name: str, tmp_path: Path) -> None:
    dataset = plant_everywhere(objects()[name])
    dataset.DataSetTrailingPadding = BYTES
    if "PixelData" in dataset:
        dataset.PixelData += BYTES
    write(dataset, tmp_path / "in" / f"{NAME}.dcm", ExplicitVRLittleEndian)
    planted = traces(tmp_path / "in", SECRETS)

    result = deidentified(tmp_path / "in", tmp_path / "out")

    assert len(planted) >= len(SECRETS)
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 1
    assert traces(tmp_path / "out", SECRETS) == []
    told = repr((result.patients, result.texts_kept, result.findings)).casefold()
    assert not any(secret.casefold() in told for secret in SECRETS)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: str(syntax.name))
@pytest.mark.filterwarnings("ignore")
def test_every_way_to_write_them(syntax: UID, tmp_path: Path) -> None:
    for name, dataset in objects().items():
        dataset.StudyDescription = dataset.OtherPatientIDs = f"{NAME} {NUMBER}"
        dataset.SeriesDescription = BIRTH
        dataset.ReferringPhysicianName = "Quipped^Doctor"
        block = dataset.private_block(0x3007, "PRIVATE", create=True)
        block.add_new(0x10, "LO", NAME)
        write(dataset, tmp_path / "in" / name, syntax)

    result = deidentified(tmp_path / "in", tmp_path / "out")

    assert sum(sum(one.values()) for one in result.patients.values()) == 5
    assert traces(tmp_path / "out", SECRETS) == []


def test_a_file_without_meta(tmp_path: Path) -> None:
    dataset = objects()["rp.dcm"]
    dataset.PatientComments = NAME
    (tmp_path / "in").mkdir()
    pydicom.dcmwrite(
        tmp_path / "in" / "x",
        Dataset(dict(dataset.items())),
        implicit_vr=True,
        little_endian=True,
        enforce_file_format=False,
    )
    result = deidentified(tmp_path / "in", tmp_path / "out")

    assert list(result.patients.values()) == [{"RTPLAN": 1}]
    assert traces(tmp_path / "out", SECRETS) == []


NAMES = st.text("bcdfghjklmnpqrstvwxzçñßø", min_size=6, max_size=12)
PLACES = st.lists(
    st.sampled_from([one for one in standard_attributes() if one[1] in VALUES]),
    max_size=30,
)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@pytest.mark.filterwarnings("ignore")
def test_any_dataset(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(NAMES)
    values = {vr: _renamed(value, name) for vr, value in VALUES.items()}
    holder = Dataset()
    for tag, vr, _ in data.draw(PLACES):
        put(holder, tag, vr, values[vr])
    for _ in range(data.draw(st.integers(0, 3))):
        holder = item(BeamSequence=[holder], ContentSequence=[holder])
    dataset = item(
        SpecificCharacterSet="ISO_IR 192",
        SOPClassUID=CLASSES["RTPLAN"],
        SOPInstanceUID=PLANTED_UID,
        PatientName=f"{name}^Quipped",
        PatientID=NUMBER,
        RTPlanLabel=name,
        FractionGroupSequence=[holder],
    )
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = data.draw(st.sampled_from(SYNTAXES))
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    parsed = parse_object(buffer.getvalue(), "object").dataset

    known = known_identifiers(parsed, PROFILE)
    cleaning = Cleaning(PROFILE, Pseudonyms(KEY), known, NUMBER, Tally())
    out = save(cleaned_object(parsed, cleaning, "object"), tmp_path / "out.dcm")

    assert traces(tmp_path, (name, "Quipped", NUMBER, BIRTH, PLANTED_UID, "073Y")) == []
    assert pydicom.dcmread(out).PatientIdentityRemoved == "YES"


def _renamed(value: Any, name: str) -> Any:
    if isinstance(value, bytes):
        renamed = value.replace(NAME.encode(), name.encode())
        return renamed + b" " * (-len(renamed) % 8)
    return value.replace(NAME, name).replace(NAME.upper(), name.upper())
