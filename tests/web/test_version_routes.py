import numpy as np
import pytest

from reirrad.store.cases import Version, get_version
from reirrad.store.jobs import claim, failed
from reirrad.web.adjusting import given_matrix
from reirrad.web.bodies import NewVersion
from reirrad.web.problems import RefusedError
from reirrad.workflows.case_summary import adjustable_courses
from tests.web.applications import (
    Application,
    case_with_version,
    done_case,
    failed_case,
)

MOVED = [
    [0.0, -1.0, 0.0, 3.0],
    [1.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 1.0, -2.0],
    [0.0, 0.0, 0.0, 1.0],
]
STRETCHED = [[2.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 1.0, 0], [0, 0, 0, 1.0]]


def asked(application: Application, case: str, **body: object) -> tuple[int, list[str]]:
    answer = application.visitor().send(
        "POST",
        f"/api/cases/{case}/versions",
        {"based_on": 1, "reason": "closer", **body},
    )
    return answer.status_code, answer.json().get("problems", [])


def test_an_adjustment_moves_what_the_registration_has_placed(
    application: Application,
) -> None:
    case = done_case(application.parts)
    base = get_version(application.parts.store, case, 1)
    assert base is not None
    assert base.summary is not None
    before = base.summary["registrations"][0]["matrix"]

    assert asked(application, case, adjustment=MOVED, course=1) == (201, [])
    made = get_version(application.parts.store, case, 2)
    assert made is not None
    assert made.matrix is not None
    np.testing.assert_array_equal(made.matrix, np.array(MOVED) @ np.array(before))
    assert made.frames == ("1.2.1", "1.2.2")
    assert (made.based_on, made.reason, made.state) == (1, "closer", "queued")


def test_a_matrix_keeps_its_frames_when_only_settings_change(
    application: Application,
) -> None:
    case = done_case(application.parts)
    assert asked(application, case, matrix=MOVED) == (201, [])
    assert asked(application, case, based_on=2, settings={"oar_concern": True}) == (
        201,
        [],
    )
    made = get_version(application.parts.store, case, 3)
    assert made is not None
    assert (made.matrix, made.frames) == (MOVED, ("1.2.1", "1.2.2"))


def test_a_whole_matrix_is_taken_as_it_is(application: Application) -> None:
    case = done_case(application.parts)

    assert asked(application, case, matrix=MOVED) == (201, [])
    made = get_version(application.parts.store, case, 2)
    assert made is not None
    assert made.matrix == MOVED


def test_settings_are_changed_key_by_key_over_the_base(
    application: Application,
) -> None:
    case = done_case(application.parts)
    first = {"alpha_beta_gy": {"Liver": 2.5, "target": 9.0}, "oar_concern": True}
    second = {"alpha_beta_gy": {"Liver": None, "default_oar": 2.0}, "oar_concern": None}

    assert asked(application, case, settings=first) == (201, [])
    assert asked(application, case, settings=second, based_on=2) == (201, [])
    made = get_version(application.parts.store, case, 3)
    assert made is not None
    assert made.settings == {"alpha_beta_gy": {"target": 9.0, "default_oar": 2.0}}
    shown = application.visitor().get(f"/api/cases/{case}/versions/3").json()
    assert shown["settings"]["organ"] == "Liver"
    assert shown["settings"]["alpha_beta_gy"] == made.settings["alpha_beta_gy"]


def test_impossible_settings_are_told_in_the_words_of_the_command_line(
    application: Application,
) -> None:
    case = done_case(application.parts)
    settings = {"alpha_beta_gy": {"Liver": 500}, "start_date": {"PLAN": "2024-13-01"}}

    assert asked(application, case, settings=settings) == (
        422,
        [
            (
                "settings: alpha_beta_gy.Liver: 500 is outside 0.1 to 100 Gy (is it in "
                "cGy?)."
            ),
            (
                "settings: start_date.PLAN: must be a date such as 2024-03-05, without "
                'quotes; found "2024-13-01".'
            ),
        ],
    )
    dated = {"start_date": {"PLAN": "2024-12-01"}}
    assert asked(application, case, settings=dated) == (201, [])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"matrix": STRETCHED}, "not a rotation"),
        ({"adjustment": STRETCHED}, "not a rotation"),
        ({"matrix": MOVED, "adjustment": MOVED}, "not both"),
        ({"adjustment": MOVED, "course": 2}, "Course 2 cannot be moved"),
        ({"adjustment": MOVED, "course": 7}, "Courses that can be: 1"),
    ],
)
def test_what_cannot_be_moved_is_refused(
    application: Application, body: dict[str, object], words: str
) -> None:
    status, problems = asked(application, done_case(application.parts), **body)

    assert status == 422
    assert words in " ".join(problems)


def test_courses_of_one_frame_have_nothing_to_move(application: Application) -> None:
    case = done_case(application.parts, frames=("1.2.1", "1.2.1"))

    status, problems = asked(application, case, adjustment=MOVED)
    assert status == 422
    assert "the courses have 1" in problems[0]


def test_three_frames_need_registration_objects() -> None:
    frames = {"1": "1.1", "2": "1.2", "3": "1.3"}
    assert adjustable_courses({"frames": frames, "reference_course": 3}) == []
    frames["2"] = "1.1"
    assert adjustable_courses({"frames": frames, "reference_course": 3}) == [1, 2]


def test_a_course_in_the_reference_frame_never_moves() -> None:
    frames = {"1": "1.1", "2": "1.3", "3": "1.3"}
    assert adjustable_courses({"frames": frames, "reference_course": 3}) == [1]


def shifted(x_mm: float, y_degrees: float = 0.0) -> list[list[float]]:
    sine, cosine = np.sin(np.radians(y_degrees)), np.cos(np.radians(y_degrees))
    return [
        [float(cosine), 0.0, float(sine), x_mm],
        [0.0, 1.0, 0.0, 0.0],
        [float(-sine), 0.0, float(cosine), 0.0],
        [0.0, 0.0, 0.0, 1.0],
    ]


def three_courses(*matrices: list[list[float]] | None) -> Version:
    """Courses 1 and 2 in one frame, the reference in another."""
    summary = {
        "reference_course": 3,
        "frames": {"1": "1.1", "2": "1.1", "3": "1.3"},
        "registrations": [
            {"course": number, "matrix": matrix}
            for number, matrix in enumerate(matrices, start=1)
        ],
    }
    return Version(
        case_id="",
        number=1,
        created="",
        created_by="",
        reason="",
        settings={},
        matrix=None,
        based_on=None,
        state="done",
        problems=(),
        summary=summary,
    )


@pytest.mark.parametrize("second", [shifted(-7.0), shifted(10.0, 0.01), None])
def test_one_adjustment_is_not_put_on_courses_that_lie_differently(
    second: list[list[float]] | None,
) -> None:
    base = three_courses(shifted(10.0), second)
    adjusting = NewVersion(based_on=1, reason="", adjustment=shifted(1.0))
    with pytest.raises(RefusedError, match="not registered alike") as no:
        given_matrix(base, adjusting)
    assert "Courses 1 and 2" in no.value.problems[0]
    whole = given_matrix(base, NewVersion(based_on=1, reason="", matrix=shifted(1.0)))
    assert whole is not None
    assert whole.frames == ("1.1", "1.3")


def test_courses_that_lie_alike_move_together() -> None:
    base = three_courses(shifted(10.0), shifted(10.001))
    adjusting = NewVersion(based_on=1, reason="", adjustment=shifted(1.0))
    made = given_matrix(base, adjusting)
    assert made is not None
    assert made.matrix == shifted(11.0)


def test_what_is_not_assessed_has_nothing_to_adjust(application: Application) -> None:
    case = failed_case(application.parts, "No dose.")

    status, problems = asked(application, case, adjustment=MOVED)
    assert status == 422
    assert "not assessed" in problems[0]
    status, problems = asked(application, case, matrix=MOVED)
    assert status == 422
    assert "not assessed" in problems[0]
    assert asked(application, case, settings={"organ": "Kidney_L"}) == (201, [])


def test_a_version_that_is_not_done_has_no_page(application: Application) -> None:
    case = case_with_version(application.parts)
    visitor = application.visitor()
    path = f"/api/cases/{case}/versions/1"

    assert visitor.get(path).json()["files"] == {}
    for more in ("page", "scene/manifest", "files/report.pdf", "reading?x=0&y=0&z=0"):
        answer = visitor.get(f"{path}/{more}")
        assert answer.status_code == 409
        assert "is not done yet" in answer.json()["problems"][0]


def test_the_page_has_the_review_of_now(application: Application) -> None:
    case = done_case(application.parts)
    visitor = application.visitor()
    path = f"/api/cases/{case}/versions/1"
    page = visitor.get(f"{path}/page").json()
    assert page["review"]["banner"] == "REGISTRATION NOT REVIEWED"
    assert page["settings"]["organ"] == "Liver"
    assert page["rights"] == {"work": True, "approve": True}

    body = {"name": "A. Physicist", "comment": "2 mm off", "verdict": "rejected"}
    visitor.send("POST", f"{path}/registration-review", body)
    page = visitor.get(f"{path}/page").json()
    assert page["review"]["registration"] == "rejected"
    assert page["review"]["banner"] == "REGISTRATION REJECTED"
    assert "2 mm off" in str(page["sections"])


def test_parts_are_sent_as_they_are(application: Application) -> None:
    case = done_case(application.parts)
    visitor = application.visitor()
    path = f"/api/cases/{case}/versions/1/scene"

    assert visitor.get(f"{path}/manifest").json() == {"format": 1}
    part = visitor.get(f"{path}/parts/image-2.bin")
    assert part.content == b"packed"
    assert part.headers["content-type"] == "application/octet-stream"
    assert "content-encoding" not in part.headers
    assert visitor.get(f"{path}/parts/image-3.bin").status_code == 404
    for name in ("manifest.json", "..%2fassessment.json", "x.bin%00", "A.bin"):
        assert visitor.get(f"{path}/parts/{name}").status_code in {404, 422}


def test_reports_of_an_earlier_review_are_not_given_out(
    application: Application,
) -> None:
    case = done_case(application.parts)
    visitor = application.visitor()
    path = f"/api/cases/{case}/versions/1"

    assert visitor.get(path).json()["files"] == {
        "assessment.json": "ready",
        "report.html": "writing",
        "report.pdf": "writing",
        "dicom.zip": "writing",
    }
    answer = visitor.get(f"{path}/files/report.pdf")
    assert answer.status_code == 503
    assert "being written" in answer.json()["problems"][0]
    answer = visitor.get(f"{path}/files/assessment.json")
    assert answer.json()["schema_version"] == "1"
    named = answer.headers["content-disposition"]
    assert named == f'attachment; filename="reirrad-{case}-1-assessment.json"'
    assert "sandbox" in answer.headers["content-security-policy"]


def test_reports_that_failed_say_why_and_are_written_again(
    application: Application,
) -> None:
    store = application.parts.store
    case = done_case(application.parts)
    visitor = application.visitor()
    path = f"/api/cases/{case}/versions/1"
    job = claim(store, "worker")
    assert job is not None
    failed(store, job.id, ["There is no room."])

    states = visitor.get(path).json()["files"]
    assert states["report.pdf"] == states["dicom.zip"] == "failed"
    answer = visitor.get(f"{path}/files/report.pdf")
    assert answer.status_code == 409
    assert answer.json()["problems"] == [
        "This file could not be written.",
        "There is no room.",
    ]
    answer = visitor.send("POST", f"{path}/reports")
    assert answer.status_code == 202
    assert answer.json() == {**states, "report.pdf": "writing"} | {
        "report.html": "writing",
        "dicom.zip": "writing",
    }
    assert visitor.get(f"{path}/files/report.pdf").status_code == 503
    again = claim(store, "worker")
    assert again is not None
    assert again.kind == "report"
    waiting = case_with_version(application.parts)
    answer = visitor.send("POST", f"/api/cases/{waiting}/versions/1/reports")
    assert answer.status_code == 409


def test_a_version_says_which_registrations_can_be_accepted(
    application: Application,
) -> None:
    case = done_case(application.parts)
    path = f"/api/cases/{case}/versions/1"
    shown = application.visitor().get(path).json()

    assert (shown["registered"], shown["unusable_courses"]) == (True, [])
    assert application.visitor().get("/api/cases").json()[0]["registered"] is True
