import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import reirrad
from reirrad.reports.case_page import case_page
from reirrad.reports.scene_files import PackedScene
from reirrad.reports.viewer_page import (
    EmbeddedViewer,
    embedded_viewer,
    joined_script,
)
from tests.reports.specimens import two_courses

VIEWER = Path(reirrad.__file__).parent / "reports" / "viewer"
TOP_NAME = re.compile(
    r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE
)
SCENE = PackedScene(
    {"format": 1, "name": "</script><b>"}, {"b.bin": b"\xff\x00", "a.bin": b"a"}
)


@pytest.fixture(scope="module")
def viewer() -> EmbeddedViewer:
    return embedded_viewer(case_page(two_courses()), SCENE)


def test_no_name_stands_at_the_top_of_two_modules() -> None:
    seen: dict[str, str] = {}
    for path in sorted(VIEWER.glob("*.js")):
        for name in TOP_NAME.findall(path.read_text(encoding="utf-8")):
            assert name not in seen, f"{name} in {seen.get(name)} and {path.name}"
            seen[name] = path.name
    assert {"showCase", "fillAnswers", "fillBar", "showEmbedded"} <= set(seen)


def test_modules_are_joined_after_what_they_import() -> None:
    script = joined_script("embedded")
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert script.index("function made(") < script.index("function blockNode(")
    assert script.index("function showCase(") < script.index("function showEmbedded(")
    names = TOP_NAME.findall(script)
    assert len(names) == len(set(names))


def test_the_script_of_a_report_is_small() -> None:
    script = joined_script("embedded").encode("utf-8")
    assert len(gzip.compress(script)) < 60_000


def test_nothing_in_the_script_ends_its_element(viewer: EmbeddedViewer) -> None:
    assert "</script" not in viewer.script.lower()
    assert "<!--" not in viewer.script


def test_the_hash_is_that_of_the_script(viewer: EmbeddedViewer) -> None:
    digest = hashlib.sha256(viewer.script.encode()).digest()
    assert viewer.script_hash == f"sha256-{base64.b64encode(digest).decode()}"


def test_embedded_data_comes_back_as_it_was(viewer: EmbeddedViewer) -> None:
    assert json.loads(viewer.manifest) == SCENE.manifest
    assert "<" not in viewer.manifest
    assert json.loads(viewer.page) == json.loads(json.dumps(case_page(two_courses())))
    decoded = {name: base64.b64decode(text) for name, text in viewer.parts.items()}
    assert decoded == SCENE.parts
    assert list(viewer.parts) == ["a.bin", "b.bin"]


def test_names_from_files_cannot_leave_the_data() -> None:
    vile = "</script><script>alert('x')</script>"
    assessment = two_courses()
    named = replace(assessment, patient=replace(assessment.patient, name=vile))
    page = embedded_viewer(case_page(named), SCENE).page
    assert "<" not in page
    assert json.loads(page)["patient"][0]["value"] == vile


def test_every_style_of_the_viewer_needs_no_file(viewer: EmbeddedViewer) -> None:
    assert not re.search(r"url\(|@import", viewer.style)
