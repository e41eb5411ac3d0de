"""How it ended for every patient of a batch, as files beside their folders."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from reirrad.interchange.spreadsheets import write_csv
from reirrad.workflows.patient_job import PatientEnd
from reirrad.workflows.publish import publish

__all__ = ["BatchSummary", "write_summary"]

COLUMNS = ("record_id", "outcome", "n_courses", "resbrt_types", "reasons")
SCHEMA_VERSION = "1"


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """All ends of a batch.

    Parameters
    ----------
    ends
        One for each patient, by pseudonym.
    problems
        Sentences about files that belong to no patient.
    """

    ends: tuple[PatientEnd, ...]
    problems: tuple[str, ...]

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


def write_summary(
    out: Path, ends: Iterable[PatientEnd], problems: Sequence[str]
) -> BatchSummary:
    """Write ``summary.csv`` and ``summary.json``; the same ends give the same bytes.

    Parameters
    ----------
    out
        Folder of the results.
    ends
        In any order.
    problems
        Sentences about files that belong to no patient.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    ordered = tuple(sorted(ends, key=lambda end: end.pseudonym))
    summary = BatchSummary(ordered, tuple(problems))

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
        )


def _json(summary: BatchSummary) -> str:
    document = {
        "schema_version": SCHEMA_VERSION,
        "software": {"name": "reirrad", "version": version("reirrad")},
        "n_patients": len(summary.ends),
        "counts": summary.counts,
        "patients": [asdict(end) for end in summary.ends],
        "files_of_nobody": list(summary.problems),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
