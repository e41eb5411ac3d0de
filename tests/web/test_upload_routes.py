import shutil
from pathlib import Path, PurePosixPath

import pytest

from reirrad.store.cases import get_version, list_cases
from reirrad.web.configuration import Bounds
from reirrad.web.problems import RefusedError
from reirrad.web.uploads import Upload, Uploads
from tests.web.applications import Application


def stored(application: Application, case: str) -> dict[str, bytes]:
    folder = application.parts.folders.received(case)
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_files_become_a_case_as_they_came(application: Application) -> None:
    visitor = application.visitor()
    upload = visitor.start_upload()
    sent = {"course 1/a.dcm": b"one", "course 2/b.dcm": b"", "x.zip": b"PK"}
    for path, content in sent.items():
        answer = visitor.put(upload, path, content)
        assert answer.status_code == 200
        assert answer.json()["bytes"] == len(content)
    body = {"settings": {"organ": "Kidney_L"}}
    answer = visitor.send("POST", f"/api/uploads/{upload}/finish", body)

    assert answer.status_code == 201
    case = answer.json()["case"]
    assert stored(application, case) == sent
    version = get_version(application.parts.store, case, 1)
    assert version is not None
    assert (version.state, version.settings) == ("queued", {"organ": "Kidney_L"})
    assert not list(application.parts.folders.uploads.iterdir())
    # The upload is over.
    assert visitor.put(upload, "late.dcm", b"x").status_code == 404


def test_hostile_names_stay_inside(application: Application) -> None:
    visitor = application.visitor()
    upload = visitor.start_upload()
    for path in ("../../evil", "/etc/passwd", "C:\\x", "a/../../b", "ok.dcm"):
        assert visitor.put(upload, path, path.encode()).status_code == 200
    answer = visitor.send("POST", f"/api/uploads/{upload}/finish")

    found = stored(application, answer.json()["case"])
    assert sorted(found.values()) == sorted(
        [b"../../evil", b"/etc/passwd", b"C:\\x", b"a/../../b", b"ok.dcm"]
    )
    assert {name for name in found if not name.startswith("file-")} == {"ok.dcm"}
    assert not (application.parts.folders.store.parent / "evil").exists()


def test_a_file_that_is_sent_again_replaces_the_first(
    application: Application,
) -> None:
    visitor = application.visitor()
    upload = visitor.start_upload()
    visitor.put(upload, "a.dcm", b"half")
    assert visitor.put(upload, "a.dcm", b"whole").json()["files"] == 1
    case = visitor.send("POST", f"/api/uploads/{upload}/finish").json()["case"]

    assert stored(application, case) == {"a.dcm": b"whole"}


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Bounds(file_bytes=2**20), "larger than 1 MiB"),
        (Bounds(upload_bytes=2**21), "larger than 2 MiB"),
        (Bounds(upload_files=2), "more than 2 files"),
    ],
)
def test_bounds_hold_and_nothing_of_what_exceeds_them_is_kept(
    tmp_path: Path, bounds: Bounds, words: str
) -> None:
    application = Application(tmp_path, bounds=bounds)
    visitor = application.visitor()
    upload = visitor.start_upload()
    content = b"x" * (2**20)
    for name in ("a", "b"):
        assert visitor.put(upload, name, content).status_code == 200
    answer = visitor.put(upload, "c", content + b"x")
    kept = [
        one for one in application.parts.folders.uploads.rglob("*") if one.is_file()
    ]
    application.close()

    assert answer.status_code == 413
    assert words in answer.json()["problems"][0]
    assert sorted(file.name for file in kept) == ["a", "b"]


def test_so_many_uploads_at_a_time(tmp_path: Path) -> None:
    application = Application(tmp_path, bounds=Bounds(open_uploads=1))
    visitor = application.visitor()
    first = visitor.start_upload()
    assert visitor.send("POST", "/api/uploads").status_code == 429
    assert visitor.send("DELETE", f"/api/uploads/{first}").status_code == 204
    assert visitor.send("POST", "/api/uploads").status_code == 201
    application.close()


def test_who_stops_sending_has_to_begin_anew(tmp_path: Path) -> None:
    application = Application(tmp_path, bounds=Bounds(upload_idle_s=0.0))
    visitor = application.visitor()
    answer = visitor.put(visitor.start_upload(), "a.dcm", b"x")
    left = list(application.parts.folders.uploads.iterdir())
    application.close()

    assert answer.status_code == 404
    assert "Send the files again" in answer.json()["problems"][0]
    assert left == []


def test_an_upload_belongs_to_who_began_it(clinic: Application) -> None:
    upload = clinic.visitor("physicist").start_upload()
    other = clinic.visitor("physician")

    assert other.put(upload, "a.dcm", b"x").status_code == 404
    assert other.send("POST", f"/api/uploads/{upload}/finish").status_code == 404


def test_nothing_is_no_case(application: Application) -> None:
    visitor = application.visitor()
    answer = visitor.send("POST", f"/api/uploads/{visitor.start_upload()}/finish")

    assert answer.status_code == 409
    assert "No file was sent" in answer.json()["problems"][0]
    assert list_cases(application.parts.store) == []


def test_impossible_settings_make_no_case_and_lose_no_file(
    application: Application,
) -> None:
    visitor = application.visitor()
    upload = visitor.start_upload()
    visitor.put(upload, "a.dcm", b"x")
    path = f"/api/uploads/{upload}/finish"
    answer = visitor.send("POST", path, {"settings": {"organ": 3, "orgn": "Liver"}})

    assert answer.status_code == 422
    assert answer.json()["problems"] == [
        "settings: organ: must be a name in quotes; found 3.",
        next(one for one in answer.json()["problems"] if "orgn: unknown key" in one),
    ]
    assert visitor.send("POST", path).status_code == 201


@pytest.fixture
def imports(tmp_path: Path) -> Path:
    folder = tmp_path / "imports"
    (folder / "patient" / "ct").mkdir(parents=True)
    (folder / "patient" / "ct" / "1.dcm").write_bytes(b"one")
    (folder / "x.zip").write_bytes(b"PK")
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_bytes(b"secret")
    (folder / "patient" / "link").symlink_to(secret / "key")
    (folder / "patient" / "folder").symlink_to(secret)
    (folder / "out").symlink_to(secret)
    return folder


@pytest.mark.parametrize("absolute", [False, True])
def test_a_folder_of_the_server_is_copied_without_links(
    tmp_path: Path, imports: Path, *, absolute: bool
) -> None:
    application = Application(tmp_path, import_folders=(imports,))
    path = str(imports / "patient") if absolute else "patient"
    answer = application.visitor().send("POST", "/api/imports", {"path": path})
    found = stored(application, answer.json()["case"])
    application.close()

    assert found == {"ct/1.dcm": b"one"}


@pytest.mark.parametrize(
    "path", ["..", "../secret", "out", "out/key", "/etc", "no", "a\0b", "/", "~"]
)
def test_nothing_outside_the_import_folders_is_read(
    tmp_path: Path, imports: Path, path: str
) -> None:
    application = Application(tmp_path, import_folders=(imports,))
    answer = application.visitor().send("POST", "/api/imports", {"path": path})
    cases = list_cases(application.parts.store)
    application.close()

    assert answer.status_code == 409
    assert str(imports) in answer.json()["problems"][0]
    assert cases == []


def received(upload: Upload, **contents: bytes) -> Upload:
    for name, content in contents.items():
        (upload.files / name).write_bytes(content)
        upload.sizes[PurePosixPath(name)] = len(content)
    return upload


@pytest.mark.parametrize("busy", ["copying", "arriving", "finishing"])
def test_what_is_being_written_is_never_given_up(tmp_path: Path, busy: str) -> None:
    uploads = Uploads(tmp_path, Bounds(upload_idle_s=0.0, upload_s=0.0))
    upload = received(uploads.start("anna", copying=busy == "copying"), a=b"x")
    upload.finishing = busy == "finishing"
    upload.arriving_files = int(busy == "arriving")
    idle = uploads.start("bert")
    uploads.start("carl")

    assert (upload.files / "a").exists()
    assert not idle.folder.exists()


def test_a_folder_that_is_copied_for_long_becomes_a_whole_case(
    tmp_path: Path, imports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = Bounds(upload_idle_s=0.0, upload_s=0.0)
    application = Application(tmp_path, import_folders=(imports,), bounds=bounds)
    for number in range(5):
        (imports / "patient" / f"{number}.dcm").write_bytes(b"x")
    copy = shutil.copyfile

    def copied(source: Path, target: Path, *, follow_symlinks: bool) -> None:
        copy(source, target, follow_symlinks=follow_symlinks)
        # Somebody else's request after a long time.
        application.parts.uploads.give_up_old()

    monkeypatch.setattr("reirrad.web.import_folders.shutil.copyfile", copied)
    visitor = application.visitor()
    answer = visitor.send("POST", "/api/imports", {"path": "patient"})
    found = stored(application, answer.json()["case"])
    application.close()

    assert len(found) == 6


@pytest.mark.parametrize("fault", ["missing", "shorter", "another"])
def test_files_that_are_not_there_as_they_came_are_no_case(
    tmp_path: Path, fault: str
) -> None:
    uploads = Uploads(tmp_path, Bounds())
    upload = received(uploads.start("anna"), a=b"one", b=b"two")
    if fault == "missing":
        (upload.files / "a").unlink()
    elif fault == "shorter":
        (upload.files / "a").write_bytes(b"o")
    else:
        (upload.files / "c").write_bytes(b"")
    with pytest.raises(RefusedError, match=r"Of 2 files, [12] are on the server") as no:
        uploads.close(upload)
    assert no.value.status == 409
    assert not upload.finishing
