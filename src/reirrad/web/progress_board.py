"""How far every case is: read from the database once for all who watch."""

import threading
import time
from dataclasses import dataclass, replace

from reirrad.store import jobs
from reirrad.store.cases import State, get_version, list_cases, list_versions
from reirrad.store.database import Store

__all__ = ["Progress", "ProgressBoard"]

LOOK_EVERY_S = 0.3
ENDS = frozenset({"done", "failed"})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one version is."""

    case: str
    version: int
    state: State
    step: str
    problems: tuple[str, ...]


class ProgressBoard:
    """The present state of the newest version of every case, and of unfinished ones."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looking = threading.Lock()
        self._looked_s = float("-inf")
        self._rows: tuple[Progress, ...] = ()
        self._unfinished: set[tuple[str, int]] | None = None
        self._ended: dict[tuple[str, int], Progress] = {}
        self.stopped = False

    def stop(self) -> None:
        """Let those who watch go."""
        self.stopped = True

    def rows(self) -> tuple[Progress, ...]:
        """The state of now, or of a third of a second ago."""
        with self._looking:
            if time.monotonic() - self._looked_s >= LOOK_EVERY_S:
                self._rows = tuple(self._look())
                self._looked_s = time.monotonic()
            return self._rows

    def passed(self, before: Progress, now: Progress) -> list[Progress]:
        """What a version went through between two looks at it, oldest first."""
        if before.state in ENDS or before.step == now.step:
            return []
        said = [one.text for one in jobs.steps(self._store, now.case, now.version)]
        places = {text: n for n, text in enumerate(said)}
        start = places.get(before.step, -1) + 1
        stop = places.get(now.step, len(said))
        return [
            replace(now, state="running", step=text, problems=())
            for text in said[start:stop]
        ]

    def _look(self) -> list[Progress]:
        newest = [row for row in list_cases(self._store) if row.version is not None]
        if self._unfinished is None:
            self._unfinished = {
                (row.id, version.number)
                for row in newest
                for version in list_versions(self._store, row.id)
                if version.state not in ENDS
            }
        found = [
            Progress(row.id, row.version or 0, row.state, row.step, row.problems)
            for row in newest
        ]
        shown = {(one.case, one.version) for one in found}
        found += self._older(self._unfinished - shown)
        self._unfinished |= {
            (one.case, one.version) for one in found if one.state not in ENDS
        }
        return found

    def _older(self, keys: set[tuple[str, int]]) -> list[Progress]:
        """Versions that are not the newest, until they have ended."""
        found = []
        for case, number in sorted(keys):
            if (case, number) in self._ended:
                found.append(self._ended[case, number])
                continue
            version = get_version(self._store, case, number)
            if version is None:
                continue
            said = jobs.steps(self._store, case, number)
            step = said[-1].text if said else ""
            seen = Progress(case, number, version.state, step, version.problems)
            if seen.state in ENDS:
                self._ended[case, number] = seen
            found.append(seen)
        return found
