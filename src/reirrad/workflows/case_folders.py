"""Where the files of cases lie in a store folder."""

import shutil
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CaseFolders"]

DELETED = "deleted"
"""Name of the file that marks a case's folder as one that is going away."""
HALF = ".reirrad-*"
"""Names of folders of results that were not written to their end."""


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

    def unmark_deleted(self, case_id: str) -> None:
        """Take that back: the database has kept the case."""
        (self.case(case_id) / DELETED).unlink(missing_ok=True)

    def remove(self, case_id: str) -> None:
        """Delete all files of a case."""
        shutil.rmtree(self.case(case_id), ignore_errors=True)

    def settle(self, known: frozenset[str], deleted: frozenset[str]) -> int:
        """Finish what an ended server had begun: deletions and uploads.

        Only what this database says it has deleted is removed: the folder may have been
        used with another one.

        Parameters
        ----------
        known
            Numbers of the cases that the database has.
        deleted
            Numbers of those that it had, and that somebody deleted.

        Returns
        -------
        int
            How many folders were left because the database does not know them.
        """
        shutil.rmtree(self.uploads, ignore_errors=True)
        self.uploads.mkdir(mode=0o700, exist_ok=True)
        strangers = 0
        for folder in self.cases.iterdir():
            if folder.name in known:
                self.unmark_deleted(folder.name)
                for staging in (
                    *folder.glob(HALF),
                    *folder.glob(f"versions/**/{HALF}"),
                ):
                    shutil.rmtree(staging, ignore_errors=True)
            elif folder.name in deleted and (folder / DELETED).exists():
                self.remove(folder.name)
            else:
                strangers += 1
        return strangers
