"""The page's modules hold what their comments promise, and fit together."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import reirrad

HERE = Path(__file__).parent
PACKAGE = Path(reirrad.__file__).parent
MODULES = sorted(
    [
        *(PACKAGE / "reports" / "viewer").glob("*.js"),
        *(PACKAGE / "web" / "static").glob("*.js"),
    ]
)
TOP_LEVEL = re.compile(
    r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE
)
MAX_LINES = 400


@pytest.mark.slow
def test_types_fit() -> None:
    checker = shutil.which("tsc")
    if checker is None:
        pytest.skip("no TypeScript checker (Debian: apt-get install node-typescript)")
    answer = subprocess.run(  # noqa: S603 -- the checker and a file of ours
        [checker, "-p", HERE / "tsconfig.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stdout + answer.stderr == ""
    assert answer.returncode == 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_module_is_plain_and_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    assert not re.search(r"innerHTML|\beval\(|new Function|export default", text)
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)


def test_names_are_unique_over_the_viewer() -> None:
    # report.html joins the modules into one script.
    names = [
        name
        for path in MODULES
        if path.parent.name == "viewer"
        for name in TOP_LEVEL.findall(path.read_text(encoding="utf-8"))
    ]
    assert sorted(names) == sorted(set(names))
