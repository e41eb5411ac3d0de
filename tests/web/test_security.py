import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reirrad.web.configuration import Bounds
from tests.web.applications import Application, case_with_version

UNKNOWN_CASE = "0123456789abcdef"


@pytest.mark.parametrize(
    "path", ["/", "/api/cases", "/api/no-such-thing", "/static/desk.css", "/api-docs"]
)
def test_every_answer_has_the_headers(application: Application, path: str) -> None:
    headers = application.visitor().get(path).headers

    policy = headers["content-security-policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers
    fresh = "no-cache" if path.startswith("/static") else "no-store"
    assert headers["cache-control"] == fresh
    assert "strict-transport-security" not in headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8520", 200),
        ("localhost:8520", 200),
        ("LOCALHOST", 200),
        ("[::1]:8520", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("192.0.2.7", 403),
        ("[bad", 403),
        ("", 403),
    ],
)
def test_on_loopback_only_its_own_names_are_served(
    application: Application, host: str, status: int
) -> None:
    visitor = application.visitor()
    answer = visitor.get("/api/cases", headers={"Host": host})

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 201),
        ("http://127.0.0.1:8520", 201),
        ("http://evil.example", 403),
        ("http://127.0.0.1:9999", 403),
        ("null", 403),
    ],
)
def test_changes_come_from_pages_of_this_server(
    application: Application, origin: str | None, status: int
) -> None:
    visitor = application.visitor()
    headers = {"X-CSRF-Token": visitor.csrf}
    if origin is not None:
        headers["Origin"] = origin

    assert visitor.http.post("/api/uploads", headers=headers).status_code == status


@pytest.mark.parametrize("token", [b"", b"wrong", b"\xc3\xa9"])
def test_changes_carry_the_token(application: Application, token: bytes) -> None:
    visitor = application.visitor()
    answer = visitor.http.post("/api/uploads", headers={b"X-CSRF-Token": token})

    assert answer.status_code == 403
    assert "X-CSRF-Token" in answer.json()["problems"][0]


def test_too_many_requests_are_told_when_to_come_again(tmp_path: Path) -> None:
    application = Application(tmp_path, bounds=Bounds(requests_per_minute=5))
    visitor = application.visitor()
    answers = [visitor.get("/api/cases") for _ in range(6)]
    application.close()

    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


async def _in_pieces(body: bytes) -> AsyncIterator[bytes]:
    yield body


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(
    application: Application, *, chunked: bool
) -> None:
    visitor = application.visitor()
    body = b"[" + b" " * (2 * 2**20)
    content = _in_pieces(body) if chunked else body
    answer = visitor.http.post(
        "/api/imports", content=content, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code in {400, 413}


def test_a_defect_is_told_without_patient_data(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        msg = "DOE^JANE"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr("reirrad.web.case_routes.list_cases", broken)
    answer = application.visitor().get("/api/cases")

    assert answer.status_code == 500
    (sentence,) = answer.json()["problems"]
    assert "defect of its own (ZeroDivisionError)" in sentence
    assert answer.headers["x-content-type-options"] == "nosniff"
    found = re.search(r"in (/\S+\.log)", sentence)
    assert found is not None
    log = Path(found.group(1))
    assert log.parent == application.parts.folders.logs
    assert "DOE" not in log.read_text()


def test_the_log_has_patterns_and_no_values(
    application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = application.visitor()
    case = case_with_version(application.parts)
    with caplog.at_level("INFO", "reirrad.web"):
        visitor.get(f"/api/cases/{case}/versions/1?name=DOE")
        visitor.get("/api/cases/DOE^JANE")
        visitor.get("/DOE^JANE")
        upload = visitor.start_upload()
        visitor.put(upload, "DOE^JANE/1.dcm", b"x")

    assert "DOE" not in caplog.text
    assert f"GET /api/cases/{case}/versions/1 200" in caplog.text
    assert "(no such address) 404" in caplog.text


def test_what_is_packed_already_is_not_packed_again(application: Application) -> None:
    visitor = application.visitor()
    page = visitor.get("/static/desk.css")

    assert page.headers["content-encoding"] == "gzip"
    tag = page.headers["etag"]
    again = visitor.get("/static/desk.css", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_unknown_things_are_not_there(application: Application) -> None:
    visitor = application.visitor()
    for path in (
        f"/api/cases/{UNKNOWN_CASE}",
        f"/api/cases/{UNKNOWN_CASE}/versions/1",
        f"/api/cases/{UNKNOWN_CASE}/trail",
        f"/api/cases/{UNKNOWN_CASE}/landmarks",
        "/static/../configuration.py",
        "/static/%2e%2e/configuration.py",
        "/static/viewer/..%2f..%2fpalette.py",
    ):
        assert visitor.get(path).status_code == 404, path
