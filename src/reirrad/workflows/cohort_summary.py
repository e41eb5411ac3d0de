"""How it ended for every patient of a batch, as files beside their folders."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from reirrad.interchange.spreadsheets import write_csv
from reirrad.workflows.patient_job import PatientEnd
from reirrad.workflows.publish import publish

__all__ = ["BatchSummary", "write_summary"]

COLUMNS = (
    "record_id",
    "outcome",
    "n_courses",
    "resbrt_types",
    "reasons",
    "registry_remarks",
)
SCHEMA_VERSION = "2"
GONE = "no files"


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """All ends of a batch.

    Parameters
    ----------
    ends
        One for each patient, by pseudonym.
    problems
        Sentences about files that belong to no patient.
    remarks
        What the registry leaves to a person, by pseudonym.
    gone
        Patients of an earlier run who have no files any more; they are in no count.
    """

    ends: tuple[PatientEnd, ...]
    problems: tuple[str, ...] = ()
    remarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of patients by the kind of their end; each kind is there."""
        count = Counter(end.kind for end in self.ends)
        return {
            "assessed": count["assessed"],
            "withheld": count["withheld"],
            "refused": count["refused"],
            "failed": count["failed"],
        }


def write_summary(out: Path, summary: BatchSummary) -> BatchSummary:
    """Write ``summary.csv`` and ``summary.json``; the same ends give the same bytes.

    Parameters
    ----------
    out
        Folder of the results.
    summary
        Ends in any order.

    Returns
    -------
    BatchSummary
        The same, ordered by pseudonym.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    ordered = sorted(summary.ends, key=lambda end: end.pseudonym)
    summary = replace(summary, ends=tuple(ordered))

    def write(folder: Path) -> None:
        write_csv(folder / "summary.csv", list(_rows(summary)))
        (folder / "summary.json").write_text(_json(summary), encoding="utf-8")

    publish(out, write)
    return summary


def _rows(summary: BatchSummary) -> Iterator[tuple[str | int | None, ...]]:
    yield COLUMNS
    for end in summary.ends:
        yield (
            end.pseudonym,
            end.kind,
            end.n_courses or None,
            " ".join(end.resbrt_types),
            " ".join(end.problems),
            " ".join(summary.remarks.get(end.pseudonym, ())),
        )
    for pseudonym in summary.gone:
        yield pseudonym, GONE, None, "", "", ""


def _json(summary: BatchSummary) -> str:
    document = {
        "schema_version": SCHEMA_VERSION,
        "software": {"name": "reirrad", "version": version("reirrad")},
        "n_patients": len(summary.ends),
        "counts": summary.counts,
        "patients": [
            {
                **asdict(end),
                "registry_remarks": list(summary.remarks.get(end.pseudonym, ())),
            }
            for end in summary.ends
        ],
        "patients_without_files": list(summary.gone),
        "files_of_nobody": list(summary.problems),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
