"""Where the files of cases lie in a store folder."""

import shutil
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CaseFolders"]

DELETED = "deleted"
"""Name of the file that marks a case's folder as one that is going away."""


@dataclass(frozen=True, slots=True)
class CaseFolders:
    """A store folder.

    Parameters
    ----------
    store
        Its path; made where missing.
    """

    store: Path

    @property
    def uploads(self) -> Path:
        """Uploads that are not finished."""
        return self.store / "uploads"

    @property
    def logs(self) -> Path:
        """What the server wrote about itself; no patient data."""
        return self.store / "logs"

    @property
    def cases(self) -> Path:
        """One folder for each case."""
        return self.store / "cases"

    def case(self, case_id: str) -> Path:
        """Everything of one case."""
        return self.cases / case_id

    def received(self, case_id: str) -> Path:
        """DICOM as it was received."""
        return self.case(case_id) / "input"

    def version(self, case_id: str, number: int) -> Path:
        """Results of one version."""
        return self.case(case_id) / "versions" / str(number)

    def prepare(self) -> None:
        """Make the folders, readable for this account alone."""
        for folder in (self.store, self.cases, self.uploads, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def mark_deleted(self, case_id: str) -> None:
        """Say that a case goes away; the files go when the database has let it go."""
        folder = self.case(case_id)
        if folder.is_dir():
            (folder / DELETED).touch()

    def remove(self, case_id: str) -> None:
        """Delete all files of a case."""
        shutil.rmtree(self.case(case_id), ignore_errors=True)

    def settle(self, known: frozenset[str]) -> None:
        """Finish what an ended server had begun: deletions and uploads.

        Parameters
        ----------
        known
            Numbers of the cases that the database still has.
        """
        shutil.rmtree(self.uploads, ignore_errors=True)
        self.uploads.mkdir(mode=0o700, exist_ok=True)
        for mark in self.cases.glob(f"*/{DELETED}"):
            if mark.parent.name in known:
                mark.unlink()
            else:
                self.remove(mark.parent.name)
        for staging in self.cases.glob("*/**/.reirrad-*"):
            shutil.rmtree(staging, ignore_errors=True)
