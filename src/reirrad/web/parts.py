"""What the routes share: the parts of one running server."""

import logging
import secrets
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from reirrad.store import people
from reirrad.store.cases import delete_case, deleted_cases, list_cases
from reirrad.store.database import Store
from reirrad.web.configuration import Configuration
from reirrad.web.jobs import JobRunner
from reirrad.web.opened_cases import OpenedCases
from reirrad.web.progress_board import ProgressBoard
from reirrad.web.rate_limit import RateLimit
from reirrad.web.sessions import Sessions
from reirrad.web.uploads import Uploads
from reirrad.workflows.case_folders import CaseFolders
from reirrad.workflows.case_reading import opened_patient

__all__ = ["Parts", "ServerParts", "opened_parts"]

LOG = logging.getLogger("reirrad.web")


@dataclass(frozen=True, slots=True, eq=False)
class ServerParts:
    """Everything that a request may need.

    Parameters
    ----------
    open_csrf
        Token of changes where nobody signs in.
    """

    configuration: Configuration
    store: Store
    folders: CaseFolders
    sessions: Sessions
    uploads: Uploads
    opened: OpenedCases
    board: ProgressBoard
    runner: JobRunner
    requests: RateLimit
    sign_ins: RateLimit
    open_csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def sign_in_required(self) -> bool:
        """Whether people sign in: on any other address, or once there is an account."""
        if not self.configuration.on_loopback:
            return True
        return bool(people.list_people(self.store))

    def start(self) -> None:
        """Finish what an ended server had begun, then do the jobs that wait."""
        for row in list_cases(self.store):
            if row.version is None:
                self.folders.mark_deleted(row.id)
                delete_case(self.store, row.id, "reirrad")
                self.folders.remove(row.id)
        left = self.folders.settle(
            frozenset(row.id for row in list_cases(self.store)),
            deleted_cases(self.store),
        )
        if left:
            LOG.warning(
                "%d folders of cases are not known to this database and were left: the "
                "store may belong to another database",
                left,
            )
        self.runner.start()

    def stop(self) -> None:
        """End the processes and let the database go."""
        self.board.stop()
        self.runner.stop()
        self.opened.stop()
        self.store.close()


def opened_parts(configuration: Configuration) -> ServerParts:
    """Open the store and prepare everything; nothing runs yet.

    Raises
    ------
    StoreError
        If the database cannot be used.
    """
    folders = CaseFolders(configuration.store.resolve())
    folders.prepare()
    store = Store.open(configuration.database_url)
    bounds = configuration.bounds
    return ServerParts(
        configuration=configuration,
        store=store,
        folders=folders,
        sessions=Sessions(store, bounds),
        uploads=Uploads(folders.uploads, bounds),
        opened=OpenedCases(
            lambda version: opened_patient(
                folders.received(version.case_id),
                version.settings,
                version.summary or {},
            )
        ),
        board=ProgressBoard(store),
        runner=JobRunner(
            store,
            database_url=configuration.database_url,
            folder=folders.store,
            workers=configuration.workers,
        ),
        requests=RateLimit(bounds.requests_per_minute),
        sign_ins=RateLimit(bounds.sign_ins_per_minute),
    )


def _parts(request: Request) -> ServerParts:
    parts: ServerParts = request.app.state.parts
    return parts


Parts = Annotated[ServerParts, Depends(_parts)]
