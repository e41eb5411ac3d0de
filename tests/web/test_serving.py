"""A real server process, its workers, and what happens when they are killed."""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from pypdf import PdfReader

from reirrad.core.accumulation import course_dose
from reirrad.reports.json_document import assessment_json
from reirrad.store.database import Store
from reirrad.store.people import add_person
from reirrad.workflows.assess import assess
from reirrad.workflows.case_reading import opened_patient
from reirrad.workflows.settings import load_settings
from tests.pacs import Certificates
from tests.web.applications import HASHED, PASSWORD
from tests.web.server import Client, RunningServer, events, running_server
from tests.workflows.exports import PATIENT, course, write_patient

MOVED = [
    [1.0, 0.0, 0.0, 4.0],
    [0.0, 1.0, 0.0, -3.0],
    [0.0, 0.0, 1.0, 0.0],
    [0.0, 0.0, 0.0, 1.0],
]
MOVE: dict[str, Any] = {"reason": "4 mm to the left", "adjustment": MOVED}
RATIO: dict[str, Any] = {
    "reason": "another ratio",
    "settings": {"alpha_beta_gy": {"Liver": 4.0}},
}
EVERYWHERE = "0.0.0.0"  # noqa: S104 - a throwaway server
NO_ROOM = "There is no room left on the server's disk."


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two courses in two frames of reference."""
    return write_patient(
        tmp_path_factory.mktemp("patient"),
        course(1, target_x=-8.0, offset_mm=20.0),
        course(2, target_x=8.0),
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clinic") / "store"


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[RunningServer]:
    with running_server(store) as running:
        yield running


@pytest.fixture(scope="module")
def steps(server: RunningServer) -> list[dict[str, Any]]:
    """What the progress tells, from before the first case."""
    seen: list[dict[str, Any]] = []

    def listen() -> None:
        try:
            with httpx.stream("GET", f"{server.url}/api/progress", timeout=300) as a:
                seen.extend(events(a.iter_lines()))
        except httpx.TransportError:
            pass

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    return seen


@pytest.fixture(scope="module")
def case(
    server: RunningServer, steps: list[dict[str, Any]], patient: Path
) -> tuple[Client, str]:
    """A case whose first version is done."""
    client = server.client()
    made = client.upload(patient)
    version = client.ended(made)
    assert version["problems"] == []
    return client, made


@pytest.fixture(scope="module")
def at_once(case: tuple[Client, str], server: RunningServer) -> dict[str, int]:
    """Two people ask for a version at the same time: reason to number."""
    _, made = case
    found: dict[str, int] = {}

    def ask(what: dict[str, Any]) -> None:
        client = server.client()
        body = {"based_on": 1, **what}
        answer = client.send("POST", f"/api/cases/{made}/versions", body, status=201)
        found[what["reason"]] = answer["number"]

    people = [threading.Thread(target=ask, args=(what,)) for what in (MOVE, RATIO)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return found


def numbers(assessment: dict[str, Any]) -> dict[str, Any]:
    """An assessment without the time at which it was made."""
    return {key: value for key, value in assessment.items() if key != "created"}


def assessed(
    folder: Path, matrix: object, tmp_path: Path, **settings: Any
) -> dict[str, Any]:
    """What the command line would find with that matrix."""
    file = tmp_path / "matrix.txt"
    np.savetxt(file, np.array(matrix), fmt="%.17g")
    found = assess(
        [folder],
        settings=replace(load_settings(None), **settings),
        registration=file,
        with_views=False,
        progress=lambda _: None,
    )
    return dict(json.loads(assessment_json(found)))


@pytest.mark.slow
def test_a_case_is_told_step_by_step_and_shown_before_its_reports(
    case: tuple[Client, str], steps: list[dict[str, Any]]
) -> None:
    client, made = case
    path = f"/api/cases/{made}/versions/1"

    def states() -> list[str]:
        return [one["state"] for one in steps if one["case"] == made]

    assert client.until(lambda: "done" in states())
    assert "running" in states()
    assert states().index("running") < states().index("done")
    told = [one["step"] for one in steps if one["case"] == made and one["step"]]
    assert len(set(told)) >= 2
    assert set(told) <= set(client.version(made)["steps"])
    manifest = client.get(f"{path}/scene/manifest")
    for volume in manifest["volumes"]:
        part = client.http.get(f"{path}/scene/parts/{volume['part']}")
        assert part.status_code == 200
    assert client.get(f"{path}/page")["verdict"]["word"]


@pytest.mark.slow
def test_the_reading_is_that_of_the_native_grids(
    case: tuple[Client, str], patient: Path
) -> None:
    client, made = case
    path = f"/api/cases/{made}/versions/1/reading"
    point = {"x": 3.0, "y": 1.5, "z": -2.25}
    client.until(lambda: client.http.get(path, params=point).status_code != 503)
    reading = client.http.get(path, params=point).json()
    registrations = client.get(f"/api/cases/{made}/versions/1/page")["registrations"]
    opened = opened_patient(
        patient,
        {},
        {
            "reference_course": 2,
            "registrations": [{**one, "verdict": "accepted"} for one in registrations],
        },
    )
    there = np.array([list(point.values())])
    ratio = reading["alpha_beta_gy"]
    doses = {one.course.number: course_dose(one, there) for one in opened.placed}

    assert {one["course"] for one in reading["doses"]} == {1, 2}
    for one in reading["doses"]:
        dose = doses[one["course"]]
        assert one["physical_gy"] == pytest.approx(float(dose.physical_gy()[0]))
        assert one["eqd2_gy"] == pytest.approx(float(dose.eqd2_gy(ratio)[0]))
    assert reading["eqd2_sum_gy"] == pytest.approx(
        sum(one["eqd2_gy"] for one in reading["doses"])
    )
    assert reading["structures"][-1] == "Liver"
    assert reading["alpha_beta_why"].startswith(f"{reading['structures'][0]}: ")
    assert [one["unit"] for one in reading["images"]] == ["", ""]
    assert all(one["value"] is not None for one in reading["images"])
    outside = client.http.get(path, params={"x": 5000, "y": 0, "z": 0}).json()
    assert [one["physical_gy"] for one in outside["doses"]] == [None, None]
    assert outside["eqd2_sum_gy"] is None


@pytest.mark.slow
def test_two_people_at_once_get_two_versions(
    case: tuple[Client, str], at_once: dict[str, int]
) -> None:
    client, made = case
    first, second = sorted(at_once.values())
    assert second == first + 1
    for reason, number in at_once.items():
        version = client.ended(made, number)
        assert version["state"] == "done"
        assert version["reason"] == reason
    changed = client.version(made, at_once[RATIO["reason"]])
    assert changed["settings"]["alpha_beta_gy"]["Liver"] == 4.0
    moved = client.version(made, at_once[MOVE["reason"]])
    assert "Liver" not in moved["settings"].get("alpha_beta_gy", {})


@pytest.mark.slow
def test_an_adjusted_version_has_the_numbers_of_the_command_line(
    case: tuple[Client, str], at_once: dict[str, int], store: Path, tmp_path: Path
) -> None:
    client, made = case
    received = store / "cases" / made / "input"
    path = f"/api/cases/{made}/versions"
    before = client.get(f"{path}/1/page")["registrations"][0]["matrix"]
    number = at_once[MOVE["reason"]]
    assert client.ended(made, number)["problems"] == []
    found = client.get(f"{path}/{number}/files/assessment.json")
    matrix = client.version(made, number)["matrix"]

    np.testing.assert_allclose(matrix, np.array(MOVED) @ np.array(before), atol=1e-4)
    assert numbers(found) == numbers(assessed(received, matrix, tmp_path))
    assert found["registrations"][0]["method"] == "given"
    # The first stays as it was.
    assert client.get(f"{path}/1/files/assessment.json")["registrations"][0][
        "method"
    ] == ("rigid")


@pytest.mark.slow
def test_a_killed_worker_is_followed_by_another(
    case: tuple[Client, str], server: RunningServer
) -> None:
    client, made = case
    path = f"/api/cases/{made}/versions"
    body = {"based_on": 1, "reason": "again"}
    number = client.send("POST", path, body, status=201)["number"]
    client.until(lambda: client.version(made, number)["steps"])
    for worker in server.workers():
        os.kill(worker, signal.SIGKILL)

    version = client.ended(made, number)
    assert version["state"] == "done"
    said = version["steps"]
    assert said.count(said[0]) == 2


@pytest.mark.slow
def test_a_signed_version_has_a_report_that_says_so(
    case: tuple[Client, str], tmp_path: Path
) -> None:
    client, made = case
    path = f"/api/cases/{made}/versions/1"
    client.written(made)
    assert "NOT REVIEWED" in pdf_text(client, path, tmp_path)
    signing = {"name": "A. Physicist", "comment": "seen"}
    accept = {**signing, "verdict": "accepted"}
    client.send("POST", f"{path}/registration-review", accept)
    assert client.version(made)["files"]["report.pdf"] == "writing"
    # Tests before this one may have made newer versions, which were looked at.
    versions = [one["number"] for one in client.get(f"/api/cases/{made}")["versions"]]
    approve = {"name": "B. Physician", "comment": "", "newest": max(versions)}
    client.send("POST", f"{path}/approval", approve)
    client.written(made)
    text = pdf_text(client, path, tmp_path)

    assert "NOT REVIEWED" not in text
    assert "B. Physician" in text
    objects = client.http.get(f"{path}/files/dicom.zip").content
    assert objects.startswith(b"PK")
    page = client.http.get(f"{path}/files/report.html")
    assert page.headers["content-disposition"].startswith("attachment")
    assert "B. Physician" in page.text


def pdf_text(client: Client, path: str, tmp_path: Path) -> str:
    file = tmp_path / "report.pdf"
    file.write_bytes(client.http.get(f"{path}/files/report.pdf").content)
    return "\n".join(page.extract_text() for page in PdfReader(file).pages)


@pytest.mark.slow
def test_the_log_tells_of_no_patient(
    case: tuple[Client, str], server: RunningServer, patient: Path
) -> None:
    client, _ = case
    client.http.get("/api/cases", params={"name": PATIENT.name})
    client.http.get(f"/api/cases/{PATIENT.name}")
    upload = client.send("POST", "/api/uploads", status=201)["id"]
    client.put_file(upload, f"{PATIENT.name}/1.dcm", b"x")
    client.send("DELETE", f"/api/uploads/{upload}", status=204)
    log = server.log()

    assert "PUT /api/uploads/{upload}/files 200" in log
    assert "Case" not in log
    assert not re.search(rf"\b{PATIENT.id}\b", log)


@pytest.mark.slow
def test_after_a_killed_server_nothing_is_lost_or_half_shown(
    patient: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    with running_server(store) as first:
        client = first.client()
        made = client.upload(patient)
        upload = client.send("POST", "/api/uploads", status=201)["id"]
        assert client.put_file(upload, "a.dcm", b"x" * 100).status_code == 200
        client.until(lambda: client.version(made)["steps"])
        workers = first.workers()
        first.kill()
    until_s = time.monotonic() + 30
    while any(Path(f"/proc/{one}").exists() for one in workers):
        assert time.monotonic() < until_s, "workers outlive their server"
        time.sleep(0.05)

    with running_server(store) as second:
        client = second.client()
        (row,) = client.get("/api/cases")
        assert row["id"] == made
        assert row["state"] in {"queued", "running"}
        answer = client.put_file(upload, "b.dcm", b"x")
        assert answer.status_code == 404
        assert "the server was started again" in answer.json()["problems"][0]
        assert list((store / "uploads").iterdir()) == []
        assert client.ended(made)["state"] == "done"
        assert "ends it" not in second.log()


@pytest.mark.slow
def test_a_full_disk_is_told_and_leaves_nothing_half_done(
    patient: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk, running_server(disk / "store") as one:
        client = one.client()
        ballast = disk / "ballast"
        made = client.upload(patient)
        free = shutil.disk_usage(disk).free
        ballast.write_bytes(bytes(free - 600_000))
        version = client.ended(made)
        assert version["state"] == "failed"
        assert NO_ROOM in version["problems"][0]
        assert not (disk / "store" / "cases" / made / "versions").exists()

        upload = client.send("POST", "/api/uploads", status=201)["id"]
        answer = client.put_file(upload, "large.dcm", bytes(2_000_000))
        assert answer.status_code == 507
        assert NO_ROOM in answer.json()["problems"][0]
        assert client.http.get(f"/api/cases/{made}/versions/1/page").status_code == 409

        ballast.unlink()
        body = {"based_on": 1, "reason": "there is room now"}
        client.send("POST", f"/api/cases/{made}/versions", body, status=201)
        assert client.ended(made, 2)["state"] == "done"


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    folder.mkdir()
    if not system("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)):
        pytest.skip("no file system can be mounted here: needs root")
    try:
        yield folder
    finally:
        system("umount", "-l", str(folder))


def system(program: str, *words: str) -> bool:
    """Whether a program of the system, if there is one, did what it was asked."""
    path = shutil.which(program)
    return path is not None and (
        subprocess.run(  # noqa: S603 - a fixed program
            [path, *words], capture_output=True, check=False
        ).returncode
        == 0
    )


@pytest.mark.slow
def test_with_tls_people_sign_in_on_a_secured_connection(
    certificates: Certificates, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    database = Store.open(f"sqlite:///{store}/reirrad.sqlite")
    add_person(database, "A. Physicist", "physicist", HASHED)
    database.close()
    options = (
        *("--certificate", str(certificates.certificate)),
        *("--key", str(certificates.key), "--host", EVERYWHERE),
    )
    with running_server(store, *options) as one:
        url = one.url.replace(EVERYWHERE, "127.0.0.1")
        trust = ssl.create_default_context(cafile=str(certificates.ca))
        with httpx.Client(base_url=url, verify=trust) as http:
            assert http.get("/api/cases").status_code == 401
            body = {"name": "A. Physicist", "password": PASSWORD}
            answer = http.post("/api/sign-in", json=body)
            assert "Secure" in answer.headers["set-cookie"]
            assert "max-age" in answer.headers["strict-transport-security"]
            assert http.get("/api/cases").json() == []
            strange = http.get("/api/cases", headers={"Host": "evil.example"})
            assert strange.status_code == 403
        said = one.stop()
        assert one.process.returncode == 0
        assert said == ""
