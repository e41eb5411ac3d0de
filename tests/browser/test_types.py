"""The page's modules hold what their comments promise, and fit together."""

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import reirrad
from reirrad.reports.viewer_page import joined_script

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
    answer = subprocess.run(  # noqa: S603 - the checker and a file of ours
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


@pytest.mark.parametrize(
    ("folder", "entry"),
    [
        (PACKAGE / "reports" / "viewer", "embedded"),
        (PACKAGE / "web" / "static", "case_page"),
        (PACKAGE / "web" / "static", "list"),
        (PACKAGE / "web" / "static", "sign_in"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_page_is_one_small_script_of_unique_names(folder: Path, entry: str) -> None:
    script = joined_script(entry, folder)
    names = TOP_LEVEL.findall(script)
    assert sorted(names) == sorted(set(names))
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
    assert len(gzip.compress(script.encode(), 6)) < 60_000
