"""Re-irradiation assessment from the DICOM export of any planning system."""

import hashlib
import os
import sys
from pathlib import Path

__all__ = ["MACHINE_CODE"]

FOLDER = "machine-code-"


def _machine_code_folder() -> Path:
    """Where the machine code of compiled loops is kept, one folder per source.

    A compiled loop holds those that it calls, but numba looks only at the loop's own
    file to see whether it is up to date: machine code of another version of the program
    must never be found (``docs/decisions/0018-machine-code-belongs-to-its-source.md``).
    """
    digest = hashlib.sha256(sys.version.encode())
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        seen = source.stat()
        digest.update(f"{source.name} {seen.st_mtime_ns} {seen.st_size}\n".encode())
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        base = Path(chosen)
        # A process started by this program has its parent's folder already.
        base = base.parent if base.name.startswith(FOLDER) else base
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home())) / "reirrad"
    else:
        base = (
            Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "reirrad"
        )
    return base / f"{FOLDER}{digest.hexdigest()[:16]}"


MACHINE_CODE = _machine_code_folder()
"""Machine code of this very source; is not there before a loop was compiled."""

# Before numba is imported for the first time, which reads it then.
os.environ["NUMBA_CACHE_DIR"] = str(MACHINE_CODE)
