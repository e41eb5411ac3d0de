"""Machine code of one version is never found by another."""

import subprocess
import sys
from pathlib import Path

PROGRAM = "import reirrad; print(reirrad.MACHINE_CODE)"
SOURCE = Path(__file__).parent.parent / "src"


def folder(source: Path, **environment: str) -> Path:
    run = subprocess.run(  # noqa: S603 - this interpreter, a fixed program
        [sys.executable, "-c", PROGRAM],
        env={"PYTHONPATH": str(source), "HOME": "/nowhere", **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(run.stdout.strip())


def small_package(place: Path) -> Path:
    (place / "reirrad").mkdir(parents=True)
    text = (SOURCE / "reirrad" / "__init__.py").read_text(encoding="utf-8")
    (place / "reirrad" / "__init__.py").write_text(text, encoding="utf-8")
    (place / "reirrad" / "loops.py").write_text("ONE = 1\n", encoding="utf-8")
    return place


def test_a_change_in_any_file_changes_the_folder(tmp_path: Path) -> None:
    package = small_package(tmp_path)
    before = folder(package)
    assert folder(package) == before
    (package / "reirrad" / "loops.py").write_text("ONE = 11\n", encoding="utf-8")
    assert folder(package) != before


def test_the_folder_can_be_chosen_and_children_share_it(tmp_path: Path) -> None:
    package = small_package(tmp_path / "package")
    chosen = folder(package, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    assert chosen.parent == tmp_path / "cache"
    assert folder(package, NUMBA_CACHE_DIR=str(chosen)) == chosen
