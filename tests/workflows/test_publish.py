"""Results appear whole, or not at all."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from reirrad.errors import OutputError
from reirrad.workflows.publish import check_writable, publish

Writer = Callable[[Path], None]


def writer(**files: str) -> Writer:
    def write(folder: Path) -> None:
        for stem, text in files.items():
            (folder / f"{stem}.txt").write_text(text, encoding="utf-8")

    return write


def failing(error: BaseException) -> Writer:
    def write(folder: Path) -> None:
        (folder / "half.txt").write_text("half", encoding="utf-8")
        raise error

    return write


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_missing_folder_is_created_with_its_parents(tmp_path: Path) -> None:
    publish(tmp_path / "a" / "b", writer(one="1", two="2"))

    assert content(tmp_path) == {"a/b/one.txt": "1", "a/b/two.txt": "2"}


def test_a_new_run_replaces_its_own_files_and_keeps_others(tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(out, writer(one="old", two="old"))
    publish(out, writer(one="new"))

    assert content(out) == {"one.txt": "new", "two.txt": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_folders_inside_the_results_are_kept(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "dicom" / "deep").mkdir(parents=True)
        (folder / "dicom" / "deep" / "dose.txt").write_text("1", encoding="utf-8")

    publish(tmp_path / "out", write)
    publish(tmp_path / "out", write)

    assert content(tmp_path) == {"out/dicom/deep/dose.txt": "1"}


def test_files_of_an_earlier_run_go_where_only_new_ones_may_be(tmp_path: Path) -> None:
    (tmp_path / "dicom").mkdir()
    for name in ("ours_1.dcm", "ours_2.dcm", "other.dcm"):
        (tmp_path / "dicom" / name).write_text("old")

    def write(folder: Path) -> None:
        (folder / "dicom").mkdir()
        (folder / "dicom" / "ours_2.dcm").write_text("new")

    publish(tmp_path, write, only_new="dicom/ours_*.dcm")

    assert content(tmp_path) == {"dicom/ours_2.dcm": "new", "dicom/other.dcm": "old"}


def test_a_failed_run_brings_back_what_it_took_away(tmp_path: Path) -> None:
    (tmp_path / "dicom").mkdir()
    (tmp_path / "dicom" / "ours_1.dcm").write_text("old")
    (tmp_path / "blocked.txt").mkdir()

    with pytest.raises(OutputError):
        publish(tmp_path, writer(blocked="1"), only_new="dicom/ours_*.dcm")

    assert content(tmp_path) == {"dicom/ours_1.dcm": "old"}


def test_the_folder_is_open_to_others_as_usual(tmp_path: Path) -> None:
    publish(tmp_path / "out", writer(one="1"))
    (tmp_path / "usual").mkdir()

    assert (tmp_path / "out").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize(
    "error", [ValueError("a defect"), KeyboardInterrupt(), OSError(errno.ENOENT, "no")]
)
def test_a_failed_run_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        publish(tmp_path / "a" / "out", failing(error))

    assert list(tmp_path.iterdir()) == []


def test_a_failed_run_leaves_earlier_results(tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(out, writer(half="whole", two="2"))
    with pytest.raises(ValueError, match="a defect"):
        publish(out, failing(ValueError("a defect")))

    assert content(tmp_path) == {"out/half.txt": "whole", "out/two.txt": "2"}


def test_a_move_that_fails_half_way_is_undone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(out, writer(one="old"))
    (out / "two.txt").mkdir()
    with pytest.raises(OutputError, match=r"two\.txt: a folder stands where a file"):
        publish(out, writer(one="new", two="new", zzz="new"))

    assert content(out) == {"one.txt": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(OutputError, match=r"out: .*no space left on device"):
        publish(tmp_path / "out", failing(full))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_file_in_the_way_is_refused_before_the_work(
    tmp_path: Path, below: str
) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="taken: a file stands where a folder"):
        check_writable(tmp_path / "taken" / below)

    assert content(tmp_path) == {"taken": "mine"}


def test_a_file_where_a_folder_of_results_must_be_is_refused(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "dicom").mkdir()
        (folder / "dicom" / "dose.txt").write_text("1", encoding="utf-8")

    (tmp_path / "dicom").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="dicom: a file stands where a folder"):
        publish(tmp_path, write)

    assert content(tmp_path) == {"dicom": "mine"}


def test_a_system_folder_is_refused_before_the_work() -> None:
    with pytest.raises(OutputError, match="cannot be written there"):
        check_writable(Path("/sys/reirrad/out"))


@pytest.mark.parametrize("name", ["new/deep", "."])
def test_the_check_leaves_no_trace(tmp_path: Path, name: str) -> None:
    check_writable(tmp_path / name)

    assert list(tmp_path.iterdir()) == []


def test_results_follow_a_link_to_a_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    publish(tmp_path / "link", writer(one="1"))

    assert (tmp_path / "link").is_symlink()
    assert content(tmp_path / "real") == {"one.txt": "1"}


def test_what_is_for_its_owner_alone(tmp_path: Path) -> None:
    publish(tmp_path / "out", writer(a="a"), owner_only=True)

    assert (tmp_path / "out" / "a.txt").stat().st_mode & 0o777 == 0o600
