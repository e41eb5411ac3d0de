"""A document is read back as it was, and taken for nothing that it is not."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reirrad.errors import InputError
from reirrad.workflows.assessment_document import read_assessment
from tests.reports.specimens import three_courses, two_courses
from tests.workflows.cases import read_back, write_case

Change = Callable[[dict[str, Any]], object]


def changed(folder: Path, change: Change) -> Path:
    file = write_case(folder, two_courses()) / "assessment.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    change(document)
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assessment = three_courses()
    read = read_back(tmp_path, assessment)
    document = read.document

    assert [one.number for one in document.courses] == [1, 2, 3]
    for read_again, one in zip(
        document.constraints, assessment.constraints, strict=True
    ):
        value = None if one.value is None else pytest.approx(one.value, rel=1e-5)
        assert read_again.value == value
        assert replace(read_again, value=None) == replace(one, value=None)
    assert document.findings == assessment.findings
    assert document.organ == "Liver"
    assert len(document.united_pairs) == 1
    assert document.created.isoformat() == assessment.created
    content = (tmp_path / "assessment.json").read_bytes()
    assert read.sha256 == hashlib.sha256(content).hexdigest()


def test_folder_and_file_are_the_same(tmp_path: Path) -> None:
    folder = write_case(tmp_path, two_courses())
    assert read_assessment(folder) == read_assessment(folder / "assessment.json")


def test_every_fault_is_named_with_its_place(tmp_path: Path) -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["created"] = "yesterday"
        document["courses"][0]["number"] = "1"
        document["pairs"][0]["classification"]["resbrt_type"] = "9"
        document["constraints"][0]["contains_recovery"] = 1
        document["reference_course"] = True

    with pytest.raises(InputError) as refused:
        read_assessment(changed(tmp_path, spoil))

    for place in (
        "assessment.created",
        "courses[0].number",
        "pairs[0].classification.resbrt_type",
        "constraints[0].contains_recovery",
        "assessment.reference_course",
    ):
        assert place in str(refused.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(schema_version="2"), "schema_version is '2'"),
        (lambda d: d.pop("pairs"), "pairs"),
        (lambda d: d["patient"].update(id=None), "patient.id"),
    ],
)
def test_another_document_is_refused(
    tmp_path: Path, change: Change, words: str
) -> None:
    with pytest.raises(InputError, match="Assess again") as refused:
        read_assessment(changed(tmp_path, change))
    assert words in str(refused.value)


@pytest.mark.parametrize("content", ["", "[]", "no JSON", '"text"'])
def test_what_is_no_document_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "assessment.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="is not an assessment that can be added"):
        read_assessment(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_assessment(tmp_path)
