import gzip
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reirrad.core.assessment import Assessment
from reirrad.errors import StoreError
from reirrad.store.kept_assessment import keep, kept
from tests.reports.specimens import (
    single_course,
    three_courses,
    two_courses,
    undetermined,
)
from tests.reports.test_deformable_section import RESULT
from tests.store.sameness import kept_again, reports, same

SPECIMENS = [two_courses, three_courses, undetermined, single_course]


@pytest.mark.parametrize("specimen", SPECIMENS)
def test_an_assessment_comes_back_as_it_was(
    specimen: Callable[[], Assessment], tmp_path: Path
) -> None:
    assessment = specimen()
    same(assessment, kept_again(assessment, tmp_path))


def test_reports_of_a_kept_assessment_are_the_same_bytes(tmp_path: Path) -> None:
    assessment = two_courses()
    again = kept_again(assessment, tmp_path)
    first = reports(assessment, tmp_path / "first")
    assert reports(again, tmp_path / "second") == first
    assert set(first) == {"report.html", "report.pdf"}


def test_a_deformable_registration_is_kept(tmp_path: Path) -> None:
    assessment = replace(two_courses(), deformable=(RESULT,))
    same(assessment, kept_again(assessment, tmp_path))


def test_odd_numbers_come_back_to_the_last_bit(tmp_path: Path) -> None:
    assessment = single_course()
    (course,) = assessment.courses
    for value in (0.1 + 0.2, -0.0, 5e-324, math.nan, math.inf, float(np.float32(0.1))):
        dose = replace(course.dose, max_gy=value)
        odd = replace(assessment, courses=(replace(course, dose=dose),))
        again = kept_again(odd, tmp_path).courses[0].dose.max_gy
        assert np.float64(again).tobytes() == np.float64(value).tobytes()


def test_a_text_of_any_letters_comes_back(tmp_path: Path) -> None:
    assessment = single_course()
    name = 'β "q" \\ \n \x00 山田 \ud800'
    odd = replace(assessment, patient=replace(assessment.patient, name=name))
    assert kept_again(odd, tmp_path).patient.name == name


def test_a_structure_may_bear_any_name(tmp_path: Path) -> None:
    assessment = two_courses()
    views = tuple(
        replace(view, structures={"array": view.structures["Liver"]})
        for view in assessment.views
    )
    odd = replace(assessment, views=views)
    same(odd, kept_again(odd, tmp_path))


def test_the_same_assessment_gives_the_same_bytes(tmp_path: Path) -> None:
    keep(two_courses(), tmp_path / "a")
    keep(two_courses(), tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def changed(path: Path, old: bytes, new: bytes) -> None:
    content = gzip.decompress(path.read_bytes())
    assert old in content
    path.write_bytes(gzip.compress(content.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"format_version":1', b'"format_version":2', "is of version 2"),
        (b'"format":"reirrad assessment"', b'"format":"a song"', "is not a kept"),
        (b"{", b"[", "is not a kept"),
        (b'"organ":', b'"orgel":', "does not hold what this version asks for"),
        (b'"reference_course":2', b'"reference_course":null', "does not hold"),
        (b'"dtype":"<f4"', b'"dtype":"|O8"', "does not hold"),
        (b'"array":0', b'"array":99999', "does not hold"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    tmp_path: Path, old: bytes, new: bytes, reason: str
) -> None:
    path = tmp_path / "assessment.kept"
    keep(two_courses(), path)
    changed(path, old, new)
    with pytest.raises(StoreError, match=reason) as refused:
        kept(path)
    assert "Make a new version" in str(refused.value)


def test_a_damaged_or_missing_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "assessment.kept"
    with pytest.raises(StoreError, match="is not there"):
        kept(path)
    keep(single_course(), path)
    whole = path.read_bytes()
    for damaged in (b"", whole[:-20], b"letter", whole[:200] + b"x" + whole[201:]):
        path.write_bytes(damaged)
        with pytest.raises(StoreError, match=r"damaged|not a kept"):
            kept(path)


def test_arrays_that_were_cut_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "assessment.kept"
    keep(two_courses(), path)
    content = gzip.decompress(path.read_bytes())
    for other in (content[:-8], content + b"12345678"):
        path.write_bytes(gzip.compress(other))
        with pytest.raises(StoreError, match="does not hold"):
            kept(path)


def test_the_first_line_can_be_read_by_any_program(tmp_path: Path) -> None:
    keep(single_course(), tmp_path / "a")
    line = gzip.decompress((tmp_path / "a").read_bytes()).split(b"\n", 1)[0]
    assert json.loads(line)["assessment"]["organ"] == "Liver"
