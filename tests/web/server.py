"""A server of the review page in a process of its own, and a client that uses it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

__all__ = ["Client", "RunningServer", "command_line", "events", "running_server"]

COMMAND = "from reirrad.cli.main import app; app()"
JOB_S = 240.0
ENDS = frozenset({"done", "failed"})


@dataclass
class RunningServer:
    """A server process."""

    url: str
    store: Path
    process: "subprocess.Popen[str]"
    clients: list["Client"] = field(default_factory=list)

    def kill(self) -> None:
        """End it as a failure of the power would; its workers end with it."""
        self.process.kill()
        self.process.wait(timeout=30)

    def stop(self) -> str:
        """End it as a user would; what it said."""
        self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=60)
        return said

    def client(self, **more: Any) -> "Client":
        """Somebody with a browser; it is closed with the server."""
        # The server closes an idle connection after 5 s; none is used that late.
        limits = httpx.Limits(keepalive_expiry=2.0)
        http = httpx.Client(base_url=self.url, timeout=60.0, limits=limits, **more)
        client = Client(http)
        self.clients.append(client)
        return client

    def workers(self) -> list[int]:
        """Processes that it started."""
        listed = subprocess.run(  # noqa: S603 - a fixed program
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],  # noqa: S607
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return [int(word) for word in listed.stdout.split()]

    def log(self) -> str:
        return (self.store / "logs" / "server.log").read_text(encoding="utf-8")


@dataclass
class Client:
    """Somebody with a browser, who has loaded the page."""

    http: httpx.Client
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.load()

    def load(self) -> dict[str, Any]:
        """Load the page: fetch the token that changes must carry."""
        session: dict[str, Any] = self.http.get("/api/session").json()
        self.headers = {"X-CSRF-Token": session["csrf"] or ""}
        return session

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def send(
        self, method: str, path: str, body: object = None, *, status: int = 200
    ) -> Any:
        """Change something; the answer must have that status."""
        answer = self.http.request(method, path, json=body, headers=self.headers)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def put_file(self, upload: str, path: str, content: bytes) -> httpx.Response:
        return self.http.put(
            f"/api/uploads/{upload}/files",
            content=content,
            headers={**self.headers, "X-File-Path": quote(path)},
        )

    def upload(self, folder: Path, settings: object = None) -> str:
        """Send all files of a folder; the case."""
        upload = self.send("POST", "/api/uploads", status=201)["id"]
        for file in sorted(one for one in folder.rglob("*") if one.is_file()):
            name = file.relative_to(folder).as_posix()
            answer = self.put_file(upload, name, file.read_bytes())
            assert answer.status_code == 200, answer.text
        body = None if settings is None else {"settings": settings}
        made = self.send("POST", f"/api/uploads/{upload}/finish", body, status=201)
        return str(made["case"])

    def version(self, case: str, number: int = 1) -> Any:
        return self.get(f"/api/cases/{case}/versions/{number}")

    def ended(self, case: str, number: int = 1) -> Any:
        """Wait until a version is done or failed."""
        return self.until(lambda: self._ended(case, number))

    def written(self, case: str, number: int = 1) -> Any:
        """Wait until all files of a version are written with the review of now."""
        return self.until(lambda: self._written(case, number))

    def until(self, ask: Any) -> Any:
        """Wait until something is so; what it is then."""
        end_s = time.monotonic() + JOB_S
        while time.monotonic() < end_s:
            found = ask()
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(ask)

    def _ended(self, case: str, number: int) -> Any:
        version = self.version(case, number)
        return version if version["state"] in ENDS else None

    def _written(self, case: str, number: int) -> Any:
        files = self.version(case, number)["files"]
        return files if set(files.values()) == {"ready"} else None


def command_line(
    *arguments: str, environment: dict[str, str] | None = None
) -> "subprocess.Popen[str]":
    """Start `reirrad` in a process of its own; what it says is to be read."""
    return subprocess.Popen(  # noqa: S603 - the project itself
        [sys.executable, "-c", COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**os.environ, **(environment or {})},
    )


@contextmanager
def running_server(
    store: Path, *options: str, environment: dict[str, str] | None = None
) -> Iterator[RunningServer]:
    """Start a server on a free port, wait until it answers, and end it."""
    serve = ("serve", "--no-browser", "--store", str(store), "--port", "0")
    process = command_line(*serve, *options, environment=environment)
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"https?://\S+", line)
    if found is None:
        rest, _ = process.communicate(timeout=30)
        raise AssertionError(line + rest)
    server = RunningServer(found.group(), store, process)
    try:
        yield server
    finally:
        for client in server.clients:
            client.http.close()
        if process.poll() is None:
            server.stop()
        process.stdout.close()


def events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Steps of a stream of server-sent events."""
    for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))
