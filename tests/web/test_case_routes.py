import pytest
import sqlalchemy as sa

from reirrad.store.cases import (
    add_version,
    finish_version,
    get_version,
)
from tests.web.applications import (
    Application,
    case_with_version,
    done_case,
    failed_case,
)

EARLIER_MM = {"x": 1.0, "y": 2.0, "z": 3.0}
REFERENCE_MM = {"x": 4.0, "y": 6.0, "z": 3.0}
PAIR = {
    "label": "portal bifurcation",
    "course": 1,
    "earlier_mm": EARLIER_MM,
    "reference_mm": REFERENCE_MM,
}


def test_fifty_cases_are_listed_with_their_newest_version(
    application: Application,
) -> None:
    queued = [case_with_version(application.parts) for _ in range(49)]
    done = done_case(application.parts)
    rows = application.visitor().get("/api/cases").json()

    assert {row["id"] for row in rows} == {*queued, done}
    (row,) = [row for row in rows if row["id"] == done]
    assert row["label"] == "RE-2041"
    assert row["state"] == "done"
    assert row["resbrt_type"] == "1B"
    assert row["registration"] == "unreviewed"
    assert any("exceeded" in flag for flag in row["flags"])


def test_a_list_of_many_cases_asks_the_database_no_more_often(
    application: Application,
) -> None:
    visitor = application.visitor()
    asked: list[str] = []

    def keep(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", keep)
    try:
        counts = []
        for more in (2, 30):
            for _ in range(more):
                case_with_version(application.parts)
            asked.clear()
            assert visitor.get("/api/cases").status_code == 200
            counts.append(len(asked))
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", keep)

    assert 0 < counts[0] == counts[1]


def test_a_failed_case_says_why(application: Application) -> None:
    failed_case(application.parts, "One.", "Two.")
    (row,) = application.visitor().get("/api/cases").json()

    assert (row["state"], row["problems"]) == ("failed", ["One.", "Two."])
    assert row["label"] is None


def test_a_case_shows_its_newest_done_version(application: Application) -> None:
    case = done_case(application.parts)
    add_version(
        application.parts.store,
        case,
        by="x",
        reason="closer",
        settings={},
        matrix=None,
        based_on=1,
    )
    seen = application.visitor().get(f"/api/cases/{case}").json()

    assert [one["number"] for one in seen["versions"]] == [1, 2]
    assert seen["current"] == 1
    assert seen["versions"][1]["state"] == "queued"
    assert seen["versions"][0]["review"]["registration"] == "unreviewed"
    (row,) = application.visitor().get("/api/cases").json()
    assert (row["label"], row["version"], row["state"]) == ("RE-2041", 2, "queued")


def test_a_case_is_deleted_with_its_files(application: Application) -> None:
    case = done_case(application.parts)
    visitor = application.visitor()

    assert visitor.send("DELETE", f"/api/cases/{case}").status_code == 204
    assert visitor.get("/api/cases").json() == []
    assert not application.parts.folders.case(case).exists()
    assert visitor.send("DELETE", f"/api/cases/{case}").status_code == 404


def test_an_approved_case_is_kept(application: Application) -> None:
    case = done_case(application.parts)
    visitor = application.visitor()
    path = f"/api/cases/{case}/versions/1"
    signing = {"name": "A. Physician", "comment": "seen"}
    accept = {**signing, "verdict": "accepted"}
    assert visitor.send("POST", f"{path}/approval", signing).status_code == 409
    assert visitor.send("POST", f"{path}/registration-review", accept).is_success
    review = visitor.send("POST", f"{path}/approval", signing).json()
    assert review["assessment"] == "approved"
    assert review["assessment_by"]["name"] == "A. Physician"

    answer = visitor.send("DELETE", f"/api/cases/{case}")
    assert answer.status_code == 409
    assert "approved" in answer.json()["problems"][0]
    folder = application.parts.folders.case(case)
    # Nothing says that it goes away, to a later start with another database.
    assert not (folder / "deleted").exists()
    assert (folder / "versions").exists()
    events = visitor.get(f"/api/cases/{case}/trail").json()["events"]
    assert [event["action"] for event in events][-2:] == [
        "registration reviewed",
        "assessment approved",
    ]


def test_who_is_signed_in_signs_with_the_account_s_name(clinic: Application) -> None:
    case = done_case(clinic.parts)
    body = {"name": "Somebody Else", "comment": "", "verdict": "accepted"}
    path = f"/api/cases/{case}/versions/1/registration-review"
    review = clinic.visitor("physicist").send("POST", path, body).json()

    assert review["registration_by"]["name"] == "physicist"
    assert review["registration_by"]["role"] == "physicist"


def test_nobody_has_a_role_who_is_not_signed_in(application: Application) -> None:
    case = done_case(application.parts)
    visitor = application.visitor()
    path = f"/api/cases/{case}/versions/1"
    body = {"name": "Anna Nowak", "comment": ""}
    accept = {**body, "verdict": "accepted"}
    assert visitor.send("POST", f"{path}/registration-review", accept).is_success
    review = visitor.send("POST", f"{path}/approval", body).json()

    assert review["registration_by"]["role"] == ""
    assert review["assessment_by"]["role"] == ""
    lines = visitor.get(f"{path}/page").json()["review"]["lines"]
    assert all("Anna Nowak (name typed, nobody was signed in)" in one for one in lines)


def test_an_older_version_is_approved_by_who_knows_the_newer_one(
    application: Application,
) -> None:
    case = done_case(application.parts)
    visitor = application.visitor()
    path = f"/api/cases/{case}/versions/1"
    body = {"name": "A. Physician", "comment": ""}
    accept = {**body, "verdict": "accepted"}
    assert visitor.send("POST", f"{path}/registration-review", accept).is_success
    newer = {"based_on": 1, "reason": "closer"}
    assert visitor.send("POST", f"/api/cases/{case}/versions", newer).is_success

    answer = visitor.send("POST", f"{path}/approval", body)
    assert answer.status_code == 409
    assert "Version 2 of this case is newer" in answer.json()["problems"][0]
    knowing = {**body, "newest": 2}
    assert visitor.send("POST", f"{path}/approval", knowing).is_success
    page = visitor.get(f"{path}/page").json()
    assert page["review"]["lines"][-1] == "Version 2 exists and is not approved."


def test_landmarks_and_their_errors(application: Application) -> None:
    case = done_case(application.parts)
    visitor = application.visitor()
    path = f"/api/cases/{case}/landmarks"
    matrix = visitor.get(f"/api/cases/{case}/versions/1/page").json()["registrations"][
        0
    ]["matrix"]
    earlier = (*EARLIER_MM.values(), 1.0)
    moved = [sum(a * b for a, b in zip(row, earlier, strict=True)) for row in matrix]
    there = REFERENCE_MM.values()
    expected = sum((a - b) ** 2 for a, b in zip(moved[:3], there, strict=True)) ** 0.5

    nothing = {"id": 0, "pairs": [], "errors_mm": [], "not_used": []}
    assert visitor.get(path).json() == nothing
    saved = visitor.send("PUT", path, {"pairs": [PAIR]}).json()
    assert saved["pairs"] == [PAIR]
    assert saved["errors_mm"] == [pytest.approx(expected)]
    assert visitor.get(f"{path}?version=1").json() == saved
    assert visitor.get(f"{path}?version=2").status_code == 404


def test_landmarks_are_used_only_in_the_images_they_were_marked_in(
    application: Application,
) -> None:
    store = application.parts.store
    case = done_case(application.parts, frames=("1.2.1", "1.2.2"))
    visitor = application.visitor()
    path = f"/api/cases/{case}/landmarks"
    first = visitor.send("PUT", f"{path}?version=1", {"pairs": [PAIR]}).json()
    base = get_version(store, case, 1)
    assert base is not None
    assert base.summary is not None
    # Other dates, other order: course 1 is now what was the reference.
    swapped = {**base.summary, "frames": {"1": "1.2.2", "2": "1.2.1"}}
    add_version(store, case, by="x", reason="", settings={}, matrix=None, based_on=1)
    finish_version(store, case, 2, swapped)

    seen = visitor.get(f"{path}?version=2").json()
    assert (seen["pairs"], seen["errors_mm"]) == ([], [])
    assert "'portal bifurcation' is not used" in seen["not_used"][0]
    # What is saved on that page replaces only what it shows.
    other = {**PAIR, "earlier_mm": {"x": 9.0, "y": 9.0, "z": 9.0}}
    saved = visitor.send("PUT", f"{path}?version=2", {"pairs": [other]}).json()
    assert saved["pairs"] == [other]
    assert len(saved["not_used"]) == 1
    assert visitor.get(f"{path}?version=1").json()["pairs"] == first["pairs"]


def test_landmarks_of_a_course_that_is_not_there_are_refused(
    application: Application,
) -> None:
    case = done_case(application.parts)
    body = {"pairs": [{**PAIR, "course": 7}]}
    answer = application.visitor().send("PUT", f"/api/cases/{case}/landmarks", body)

    assert answer.status_code == 409
    assert "course 7, which no assessed version shows" in answer.json()["problems"][0]


def test_landmarks_that_cannot_be_kept_are_refused_together(
    application: Application,
) -> None:
    case = done_case(application.parts)
    nameless = {**PAIR, "label": " "}
    body = {"pairs": [PAIR, PAIR, nameless]}
    answer = application.visitor().send("PUT", f"/api/cases/{case}/landmarks", body)

    assert answer.status_code == 409
    assert len(answer.json()["problems"]) == 2


def test_landmarks_changed_from_an_older_set_are_refused(
    application: Application,
) -> None:
    case = done_case(application.parts)
    visitor, path = application.visitor(), f"/api/cases/{case}/landmarks"
    body = {"pairs": [PAIR], "based_on": 0}

    first = visitor.send("PUT", path, body).json()["id"]
    assert visitor.send("PUT", path, body).status_code == 409
    again = visitor.send("PUT", path, {"pairs": [], "based_on": first})
    assert again.status_code == 200
    assert again.json()["id"] != first
