import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.web.safe_paths import StoredNames, safe_path

HOSTILE = (
    "../../etc/passwd",
    "/etc/passwd",
    "a/../../b",
    "a//b",
    "C:\\Windows\\system32\\x",
    "\\\\server\\share\\x",
    "a\0b",
    "con",
    "COM1.dcm",
    "a/nul.dcm",
    ".ssh/authorized_keys",
    "a/.",
    "a/..",
    "",
    "a ",
    "a.",
    "a\nb",
    "a\u202eb",
    "x" * 121,
    "/".join(["a"] * 17),
    "a:b",
    "a*b",
    "\ud800",
)
paths = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            ["..", ".", "", "a", "A", "b.dcm", "C:", "\\", "~", "con", "é"]
        ),
        max_size=6,
    ).map("/".join),
)


@pytest.mark.parametrize("path", HOSTILE)
def test_hostile_paths_are_replaced_by_a_number(path: str) -> None:
    names = StoredNames()
    placed = names.place(path)

    assert placed.parts == (placed.name,)
    assert placed.name.startswith("file-000001")


@pytest.mark.parametrize(
    "path", ["a.dcm", "course 1/CT/IM-0001.dcm", "Müller/x", "a\\b.dcm", "export.zip"]
)
def test_usual_paths_are_kept(path: str) -> None:
    assert safe_path(path) == PurePosixPath(path.replace("\\", "/"))


def test_a_zip_is_still_called_so() -> None:
    assert StoredNames().place("../export.ZIP").suffix == ".zip"


@given(st.lists(paths, max_size=30))
def test_every_file_stays_inside_and_has_a_place_of_its_own(given: list[str]) -> None:
    names = StoredNames()
    placed = {path: names.place(path) for path in given}
    root = Path("/store/uploads/x/files")

    for path in placed.values():
        for whole in (root / path, PureWindowsPath("C:/store") / path):
            assert ".." not in whole.parts
        assert (root / path).is_relative_to(root)
        assert not path.is_absolute()
        assert not PureWindowsPath(path).drive
        assert "\0" not in str(path)
    keys = [unicodedata.normalize("NFKD", str(p)).casefold() for p in placed.values()]
    assert len(set(keys)) == len(keys)
    folders = {
        unicodedata.normalize("NFKD", str(folder)).casefold()
        for path in placed.values()
        for folder in path.parents
    }
    assert not folders & set(keys)
    assert all(names.place(path) == where for path, where in placed.items())


def test_names_that_some_systems_take_for_one_are_told_apart() -> None:
    names = StoredNames()

    assert len({names.place(path) for path in ("a/X", "a/x", "A/x", "a", "a/x/y")}) == 5
