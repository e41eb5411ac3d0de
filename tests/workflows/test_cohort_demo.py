"""A registry of made-up patients; the demo as a whole: tests of the command line."""

from pathlib import Path

import pytest

from reirrad.errors import OutputError
from reirrad.workflows.cohort_demo import demo_cohort, write_cohort_demo


def test_limits_are_those_that_assessments_use() -> None:
    limits = demo_cohort().limit

    assert len({one.patient for one in limits}) == 18
    assert {one.verdict for one in limits} >= {"met", "exceeded"}


def test_another_registry_is_not_mixed_in(tmp_path: Path) -> None:
    (tmp_path / "cohort.sqlite").write_bytes(b"kept")

    with pytest.raises(OutputError, match="not empty"):
        write_cohort_demo(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["cohort.sqlite"]
    assert (tmp_path / "cohort.sqlite").read_bytes() == b"kept"
