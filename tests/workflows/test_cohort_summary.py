"""The summary has everybody, in one order, and the same bytes for the same ends."""

import json
from pathlib import Path

from reirrad.workflows.cohort_summary import BatchSummary, write_summary
from reirrad.workflows.patient_job import PatientEnd

ENDS = (
    PatientEnd("P3", "refused", ("One course only.", "Add the other, please.")),
    PatientEnd("P1", "assessed", n_courses=3, resbrt_types=("1B", "2", "1A")),
    PatientEnd("P2", "withheld", n_courses=2, resbrt_types=("undetermined",)),
)


def test_everybody_is_in_it(tmp_path: Path) -> None:
    summary = write_summary(
        tmp_path,
        BatchSummary(ENDS, ("A file of nobody.",), {"P1": ("Enter it.",)}, ("P0",)),
    )

    assert [end.pseudonym for end in summary.ends] == ["P1", "P2", "P3"]
    counts = {"assessed": 1, "withheld": 1, "refused": 1, "failed": 0}
    assert summary.counts == counts
    document = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert document["n_patients"] == 3
    assert document["counts"] == counts
    assert document["files_of_nobody"] == ["A file of nobody."]
    assert document["patients_without_files"] == ["P0"]
    assert document["patients"][0]["registry_remarks"] == ["Enter it."]
    rows = (tmp_path / "summary.csv").read_text(encoding="utf-8").splitlines()
    assert rows == [
        "record_id,outcome,n_courses,resbrt_types,reasons,registry_remarks",
        "P1,assessed,3,1B 2 1A,,Enter it.",
        "P2,withheld,2,undetermined,,",
        'P3,refused,,,"One course only. Add the other, please.",',
        "P0,no files,,,,",
    ]


def test_the_order_of_ending_does_not_show(tmp_path: Path) -> None:
    write_summary(tmp_path / "a", BatchSummary(ENDS))
    write_summary(tmp_path / "b", BatchSummary(ENDS[::-1]))
    for name in ("summary.csv", "summary.json"):
        a, b = ((tmp_path / run / name).read_bytes() for run in "ab")
        assert a == b
