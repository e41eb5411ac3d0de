from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reirrad.store.people import set_active, set_password_hash
from reirrad.web.configuration import Bounds
from reirrad.web.sessions import COOKIE
from tests.web.applications import HASHED, PASSWORD, Application


def test_on_this_computer_nobody_signs_in(application: Application) -> None:
    session = application.visitor().load()

    assert session["role"] == "physician"
    assert session["signed_in"] is False
    assert session["sign_in_required"] is False
    assert len(session["csrf"]) > 30


def test_with_accounts_everybody_signs_in(clinic: Application) -> None:
    stranger = clinic.visitor()

    session = stranger.load()
    assert (session["role"], session["csrf"]) == (None, None)
    assert session["sign_in_required"] is True
    answer = stranger.get("/api/cases")
    assert answer.status_code == 401
    assert answer.json() == {"problems": ["Sign in first."]}


def test_the_cookie_is_for_this_site_and_no_script(clinic: Application) -> None:
    visitor = clinic.visitor()
    body = {"name": "physicist", "password": PASSWORD}
    answer = visitor.http.post("/api/sign-in", json=body)

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert answer.json()["role"] == "physicist"
    token = visitor.http.cookies[COOKIE]
    database = (clinic.parts.folders.store / "reirrad.sqlite").read_bytes()
    wal = clinic.parts.folders.store / "reirrad.sqlite-wal"
    kept = database + (wal.read_bytes() if wal.exists() else b"")
    assert token.encode() not in kept
    assert PASSWORD.encode() not in kept


def test_behind_a_proxy_with_tls_the_cookie_is_for_tls_alone(tmp_path: Path) -> None:
    application = Application(
        tmp_path, behind_tls_proxy=True, names=("reirrad.clinic.example",)
    )
    # On loopback too nobody gets in without an account.
    stranger = application.visitor(host="reirrad.clinic.example")
    assert stranger.load()["sign_in_required"] is True
    assert stranger.get("/api/cases").status_code == 401
    application.add("viewer", "viewer")
    answer = stranger.http.post(
        "/api/sign-in",
        json={"name": "viewer", "password": PASSWORD},
        headers={"Origin": "https://reirrad.clinic.example"},
    )
    application.close()

    assert answer.status_code == 200
    assert "; secure" in answer.headers["set-cookie"].lower()
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("behind", [True, False])
def test_only_a_proxy_says_whose_attempts_are_counted(
    tmp_path: Path, *, behind: bool
) -> None:
    bounds = Bounds(sign_ins_per_minute=1)
    application = Application(tmp_path, bounds=bounds, behind_tls_proxy=behind)
    application.add("viewer", "viewer")
    visitor = application.visitor()

    def status(forwarded: str) -> int:
        return visitor.http.post(
            "/api/sign-in",
            json={"name": "viewer", "password": "wrong"},
            headers={"X-Forwarded-For": forwarded},
        ).status_code

    asked = ["192.0.2.1", "192.0.2.2", "192.0.2.9, 192.0.2.1", "nonsense"]
    found = [status(forwarded) for forwarded in asked]
    application.close()
    assert found == ([401, 401, 429, 401] if behind else [401, 429, 429, 429])


@pytest.mark.parametrize(
    ("name", "password"),
    [("physicist", "wrong"), ("nobody", PASSWORD), ("", "")],
    ids=["wrong password", "nobody", "nothing"],
)
def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    clinic: Application, name: str, password: str
) -> None:
    body = {"name": name, "password": password}
    answer = clinic.visitor().http.post("/api/sign-in", json=body)

    assert answer.status_code == 401
    assert answer.json()["problems"] == [
        "Name or password is wrong, or the account is locked."
    ]


def test_signing_in_may_not_be_tried_for_ever(tmp_path: Path) -> None:
    application = Application(tmp_path, bounds=Bounds(sign_ins_per_minute=2))
    application.add("viewer", "viewer")
    visitor = application.visitor()
    body = {"name": "viewer", "password": "wrong"}
    statuses = [
        visitor.http.post("/api/sign-in", json=body).status_code for _ in range(3)
    ]
    application.close()

    assert statuses == [401, 401, 429]


def test_signing_out_ends_the_session(clinic: Application) -> None:
    visitor = clinic.visitor("viewer")
    token = visitor.http.cookies[COOKIE]
    assert visitor.send("POST", "/api/sign-out").status_code == 200

    visitor.http.cookies.set(COOKIE, token)
    assert visitor.get("/api/cases").status_code == 401


def test_another_person_s_token_changes_nothing(clinic: Application) -> None:
    one, other = clinic.visitor("physicist"), clinic.visitor("physician")
    one.csrf = other.csrf

    assert one.send("POST", "/api/uploads").status_code == 403


def test_a_locked_account_and_another_password_end_sessions(
    clinic: Application,
) -> None:
    one, other = clinic.visitor("viewer"), clinic.visitor("physicist")
    set_active(clinic.parts.store, "viewer", active=False)
    set_password_hash(clinic.parts.store, "physicist", HASHED)

    assert one.get("/api/cases").status_code == 401
    assert other.get("/api/cases").status_code == 401


def test_when_everybody_is_locked_nobody_is_let_in(clinic: Application) -> None:
    for name in ("viewer", "physicist", "physician"):
        set_active(clinic.parts.store, name, active=False)

    assert clinic.visitor().get("/api/cases").status_code == 401


def test_who_does_nothing_must_sign_in_again(tmp_path: Path) -> None:
    application = Application(tmp_path, bounds=Bounds(idle_s=0.0))
    application.add("viewer", "viewer")
    visitor = application.visitor("viewer")
    answer = visitor.get("/api/cases")
    application.close()

    assert answer.status_code == 401


def test_a_session_ends_in_any_case(clinic: Application) -> None:
    visitor = clinic.visitor("viewer")
    past = datetime.now(UTC) - timedelta(seconds=1)
    with clinic.parts.store.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE review_session SET expires = ?",
            (past.isoformat(timespec="seconds"),),
        )

    assert visitor.get("/api/cases").status_code == 401
