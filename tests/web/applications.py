"""The application of a store of its own, without jobs, and people who use it."""

import asyncio
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import FastAPI

from reirrad.core.review import Review
from reirrad.store.cases import add_case, add_version, finish_version
from reirrad.store.jobs import claim, failed
from reirrad.store.people import Role, add_person
from reirrad.web.app import create_app
from reirrad.web.configuration import Bounds, Configuration
from reirrad.web.parts import ServerParts
from reirrad.web.passwords import hashed
from reirrad.workflows.case_summary import case_summary
from reirrad.workflows.case_versions import SCENE, write_version
from tests.reports.specimens import two_courses

__all__ = [
    "PASSWORD",
    "Application",
    "Visitor",
    "case_with_version",
    "done_case",
    "failed_case",
]

PASSWORD = secrets.token_hex(8)
HASHED = hashed(PASSWORD)
HOST = "127.0.0.1:8520"


class Http:
    """A browser's connection: keeps cookies, and asks one thing after another."""

    def __init__(self, app: FastAPI, host: str) -> None:
        self._app = app
        self._base = f"http://{host}"
        self.cookies = httpx.Cookies()

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def put(self, path: str, **more: Any) -> httpx.Response:
        return self.request("PUT", path, **more)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, more))

    async def _request(
        self, method: str, path: str, more: dict[str, Any]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url=self._base, cookies=self.cookies
        ) as client:
            answer = await client.request(method, path, **more)
            self.cookies = client.cookies
        return answer


@dataclass
class Visitor:
    """Somebody with a browser."""

    http: Http
    csrf: str = ""

    def load(self) -> dict[str, Any]:
        session: dict[str, Any] = self.http.get("/api/session").json()
        self.csrf = session["csrf"] or ""
        return session

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.http.get(path, **more)

    def send(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"X-CSRF-Token": self.csrf}
        return self.http.request(method, path, json=body, headers=headers)

    def put(self, upload: str, path: str, content: bytes) -> httpx.Response:
        return self.http.put(
            f"/api/uploads/{upload}/files",
            content=content,
            headers={"X-CSRF-Token": self.csrf, "X-File-Path": quote(path)},
        )

    def start_upload(self) -> str:
        return str(self.send("POST", "/api/uploads").json()["id"])


class Application:
    """The application of a store in a folder; jobs stay queued."""

    def __init__(
        self, folder: Path, *, bounds: Bounds | None = None, **more: Any
    ) -> None:
        configuration = Configuration(store=folder / "store", **more)
        if bounds is not None:
            configuration = replace(configuration, bounds=bounds)
        self.app: FastAPI = create_app(configuration)
        self.parts: ServerParts = self.app.state.parts

    def visitor(self, name: str | None = None, *, host: str = HOST) -> Visitor:
        """Somebody who has loaded the page; signed in where a name is given."""
        http = Http(self.app, host)
        visitor = Visitor(http)
        if name is not None:
            body = {"name": name, "password": PASSWORD}
            assert http.post("/api/sign-in", json=body).status_code == 200
        visitor.load()
        return visitor

    def add(self, name: str, role: Role) -> None:
        add_person(self.parts.store, name, role, HASHED)

    def close(self) -> None:
        self.parts.opened.stop()
        self.parts.store.close()


def case_with_version(parts: ServerParts) -> str:
    """A case whose first version is queued."""
    case = add_case(parts.store, by="somebody", source="upload")
    add_version(
        parts.store,
        case.id,
        by="somebody",
        reason="first assessment",
        settings={},
        matrix=None,
        based_on=None,
    )
    return case.id


def failed_case(parts: ServerParts, *problems: str) -> str:
    """A case whose first version failed."""
    case = case_with_version(parts)
    job = claim(parts.store, "worker")
    assert job is not None
    assert job.case_id == case
    failed(parts.store, job.id, problems)
    return case


def done_case(
    parts: ServerParts, *, frames: tuple[str, str] = ("1.2.1", "1.2.2")
) -> str:
    """A case whose first version is done; two courses in these frames."""
    case = case_with_version(parts)
    folder = parts.folders.version(case, 1)
    folder.mkdir(parents=True)
    assessment = two_courses()
    write_version(assessment, folder, Review(version=1))
    (folder / SCENE).mkdir()
    (folder / SCENE / "manifest.json").write_text('{"format": 1}')
    (folder / SCENE / "image-2.bin").write_bytes(b"packed")
    summary = {
        **case_summary(assessment),
        "frames": dict(zip("12", frames, strict=True)),
    }
    finish_version(parts.store, case, 1, summary)
    return case
