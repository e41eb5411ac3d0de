"""An assessment as files."""

from pathlib import Path

from reirrad.workflows.result_files import is_withheld, write_result_files
from tests.reports.specimens import two_courses, undetermined


def test_the_document_alone_where_no_report_is_wanted(tmp_path: Path) -> None:
    write_result_files(two_courses(), tmp_path, json_only=True)
    assert [one.name for one in tmp_path.iterdir()] == ["assessment.json"]


def test_a_pair_without_a_class_is_withheld() -> None:
    assert is_withheld(undetermined())
    assert not is_withheld(two_courses())
