"""Every route, asked by everybody."""

import re
from collections.abc import Iterator

import pytest

from tests.web.applications import Application, Visitor, done_case

CHANGES = frozenset({"post", "put", "delete", "patch"})
OPEN = frozenset(
    {("get", "/api/session"), ("post", "/api/sign-in"), ("post", "/api/sign-out")}
)
PHYSICIAN = frozenset({("post", "/api/cases/{case}/versions/{number}/approval")})
ENDLESS = ("get", "/api/progress")
UPLOAD = "f" * 32
FILES = {"{name}": "report.pdf"}
SIGNING = {"name": "x", "comment": ""}
BODIES: dict[str, object] = {
    "/api/imports": {"path": "x"},
    "/api/cases/{case}/versions": {"based_on": 9, "reason": "x"},
    "/api/cases/{case}/versions/{number}/registration-review": {
        **SIGNING,
        "verdict": "accepted",
    },
    "/api/cases/{case}/versions/{number}/approval": SIGNING,
    "/api/cases/{case}/landmarks": {"pairs": []},
    "/api/sign-in": {"name": "x", "password": "x"},
}


def routes(application: Application) -> Iterator[tuple[str, str]]:
    for path, operations in application.app.openapi()["paths"].items():
        for method in operations:
            if (method, path) not in OPEN and (method, path) != ENDLESS:
                yield method, path


def ask(visitor: Visitor, method: str, path: str, case: str) -> int:
    # A version that is not there: who may do it is refused by that alone.
    real = path.replace("{case}", case).replace("{number}", "9")
    real = real.replace("{upload}", UPLOAD)
    real = re.sub(r"\{name\}", "a.bin" if "parts" in path else "report.pdf", real)
    if "reading" in path:
        real += "?x=0&y=0&z=0"
    if path.endswith("/files") and method == "put":
        return visitor.put(UPLOAD, "a.dcm", b"").status_code
    body = BODIES.get(path)
    return visitor.send(method.upper(), real, body).status_code


def needed(method: str, path: str) -> set[str]:
    if (method, path) in PHYSICIAN:
        return {"physician"}
    if method in CHANGES:
        return {"physicist", "physician"}
    return {"viewer", "physicist", "physician"}


def test_every_route_is_open_to_its_roles_and_to_nobody_else(
    clinic: Application,
) -> None:
    case = done_case(clinic.parts)
    people: dict[str | None, Visitor] = {None: clinic.visitor()}
    people |= {
        name: clinic.visitor(name) for name in ("viewer", "physicist", "physician")
    }
    listed = list(routes(clinic))
    listed.remove(("delete", "/api/cases/{case}"))
    wrong = []
    for method, path in [*listed, ("delete", "/api/cases/{case}")]:
        for name, visitor in people.items():
            status = ask(visitor, method, path, case)
            if name is None:
                right = status == 401
            elif name in needed(method, path):
                right = status not in {401, 403, 405, 500}
            else:
                right = status == 403
            if not right:
                wrong.append((method, path, name, status))

    assert len(listed) > 12
    assert wrong == []


@pytest.mark.parametrize("name", ["viewer", "physicist"])
def test_a_role_that_lacks_is_named(clinic: Application, name: str) -> None:
    case = done_case(clinic.parts)
    visitor = clinic.visitor(name)
    answer = visitor.send(
        "POST", f"/api/cases/{case}/versions/1/approval", {"name": "x", "comment": ""}
    )

    assert answer.status_code == 403
    assert f"Your role is {name}" in answer.json()["problems"][0]
    assert "sign in as physician" in answer.json()["problems"][0]


def test_the_progress_wants_somebody_who_is_signed_in(clinic: Application) -> None:
    assert clinic.visitor().get("/api/progress").status_code == 401
