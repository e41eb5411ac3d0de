from dataclasses import replace
from pathlib import Path

import pytest

from reirrad.core.review import Review
from reirrad.reports.report_files import write_reports
from reirrad.reports.scene_files import packed_scene, read_scene, write_scene
from tests.reports.reviews import PHYSICIAN
from tests.reports.scene_specimens import specimen_scene
from tests.reports.specimens import single_course, two_courses


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_reports_are_the_same_bytes_twice_also_with_a_scene_that_was_kept(
    tmp_path: Path,
) -> None:
    assessment = replace(two_courses(), scene=specimen_scene())
    kept, first, second = (tmp_path / name for name in ("scene", "first", "second"))
    first.mkdir()
    second.mkdir()
    write_scene(packed_scene(specimen_scene(), display_only=True), kept)
    write_reports(assessment, first)
    write_reports(replace(assessment, scene=None), second, scene=read_scene(kept))
    assert set(files_of(first)) == {"report.html", "report.pdf"}
    assert files_of(first) == files_of(second)
    assert b'data-part="image-2.webp"' in files_of(first)["report.html"]


def test_without_a_scene_the_page_is_the_record_alone(tmp_path: Path) -> None:
    write_reports(single_course(), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert 'id="findings"' in page


def test_reports_need_their_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_reports(single_course(), tmp_path / "missing")


def test_another_review_gives_another_report(tmp_path: Path) -> None:
    write_reports(single_course(), tmp_path)
    before = (tmp_path / "report.pdf").read_bytes()
    review = Review(assessment="approved", assessment_by=PHYSICIAN, registered=False)
    write_reports(single_course(), tmp_path, review)
    assert (tmp_path / "report.pdf").read_bytes() != before
    assert "Paul Maß (physician)" in (tmp_path / "report.html").read_text("utf-8")
