"""An environment of its own for every peer, made when it is first needed."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PEERS = HERE / "peers"
ENVIRONMENTS = HERE / ".peers"
NAMES = (
    "plastimatch",
    "dicompyler",
    "platipy",
    "pydcm",
    "rt_utils",
    "simpleitk",
    "elastix",
)
TITLES = {
    "reirrad": "reirrad",
    "pydicom": "pydicom (plain script)",
    "plastimatch": "plastimatch",
    "dicompyler": "dicompyler-core",
    "platipy": "PlatiPy",
    "pydcm": "pydcm",
    "rt_utils": "rt-utils + numpy",
    "simpleitk": "SimpleITK",
    "elastix": "elastix (itk-elastix)",
}
# Packages that offer nothing for the usual Python, and from which version on they do.
NEWER_PYTHON = {"pydcm": (3, 12)}


@dataclass(frozen=True)
class Program:
    """Something to be measured: its short name, and the Python that runs it."""

    name: str
    python: Path

    @property
    def script(self) -> Path:
        return PEERS / f"run_{self.name}.py"


def programs() -> tuple[list[Program], dict[str, str]]:
    """All that can be run, this project first, and why the others cannot."""
    found = [
        Program("reirrad", Path(sys.executable)),
        Program("pydicom", Path(sys.executable)),
    ]
    missing = {}
    for name in NAMES:
        folder = ENVIRONMENTS / name
        reason = _installed(name, folder)
        if reason is None:
            found.append(Program(name, folder / "bin" / "python"))
        else:
            missing[name] = reason
            print(f"{TITLES[name]} is left out: {reason}", flush=True)
    return found, missing


def _installed(name: str, folder: Path) -> str | None:
    """Make the environment if its list of packages is new; a reason if that fails."""
    wanted = (PEERS / f"{name}.txt").read_text()
    done = folder / "installed.txt"
    if done.is_file() and done.read_text() == wanted:
        return None
    python = _python(NEWER_PYTHON.get(name, (3, 11)))
    if python is None:
        least = ".".join(map(str, NEWER_PYTHON[name]))
        return f"it needs Python {least} or newer, and none was found"
    print(f"installing {TITLES[name]} ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    install = ["-m", "pip", "install", "--quiet", "-r", str(PEERS / f"{name}.txt")]
    for command in (
        [str(python), "-m", "venv", str(folder)],
        [str(folder / "bin" / "python"), *install],
    ):
        outcome = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=clean_environment(),
            check=False,
        )
        if outcome.returncode:
            lines = [x for x in outcome.stderr.splitlines() if x.startswith("ERROR")]
            return (lines or outcome.stderr.splitlines() or ["no reason given"])[-1]
    done.write_text(wanted)
    return None


def clean_environment() -> dict[str, str]:
    """The environment variables without this project's own Python path."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def _python(least: tuple[int, int]) -> Path | None:
    """This Python, or the oldest other one that is new enough."""
    if sys.version_info[:2] >= least:
        return Path(sys.executable)
    names = [f"python3.{minor}" for minor in range(least[1], least[1] + 4)]
    places = [path for name in names if (path := shutil.which(name))]
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for name in names:
        places += map(
            str, sorted(kept.glob(f"{name.removeprefix('python')}.*/bin/{name}"))
        )
    for place in places:
        works = subprocess.run([place, "--version"], capture_output=True, check=False)
        if works.returncode == 0:
            return Path(place)
    return None
