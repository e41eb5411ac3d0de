"""The web application of one store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware import Middleware

from reirrad.web import (
    case_routes,
    file_routes,
    progress_routes,
    review_routes,
    session_routes,
    upload_routes,
    version_routes,
)
from reirrad.web.configuration import Configuration
from reirrad.web.pages import add_pages
from reirrad.web.parts import opened_parts
from reirrad.web.problems import add_refusals
from reirrad.web.security import Explained, Guarded, PackedText, WithHeaders

__all__ = ["create_app"]

DESCRIPTION = (
    "Re-irradiation assessments of a clinic: bring DICOM exports in, look at the "
    "assessment, adjust the registration, review and approve. Requests that change "
    "something carry the header X-CSRF-Token with the token of /api/session. Refusals "
    "have one sentence for each fault. Research and quality assurance; not a medical "
    "device."
)
ROUTES = (
    session_routes,
    case_routes,
    upload_routes,
    version_routes,
    file_routes,
    review_routes,
    progress_routes,
)


def create_app(configuration: Configuration) -> FastAPI:
    """The application; its jobs run from its start to its end.

    Parameters
    ----------
    configuration
        What the person who starts the server decided.

    Raises
    ------
    StoreError
        If the database cannot be used.
    """
    parts = opened_parts(configuration)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        parts.start()
        try:
            yield
        finally:
            parts.stop()

    app = FastAPI(
        title="reirrad",
        version=version("reirrad"),
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(WithHeaders, with_tls=configuration.reached_by_tls),
            Middleware(Explained, logs=parts.folders.logs),
            Middleware(Guarded, configuration, parts.requests),
            Middleware(PackedText),
        ],
    )
    app.state.parts = parts
    add_refusals(app)
    for routes in ROUTES:
        app.include_router(routes.router)
    add_pages(app)
    return app
