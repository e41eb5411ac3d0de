"""What identifies an installation: program, libraries, machine."""

import hashlib
import os
import platform
import re
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path

__all__ = ["installation_facts"]

CPU_FILE = Path("/proc/cpuinfo")


def installation_facts() -> tuple[tuple[str, str], ...]:
    """Name and value of every fact, in the order in which they are shown.

    The fingerprint is taken of every source file and table of the program as installed:
    two installations with the same one run the same code and limits.
    """
    return (
        ("reirrad", metadata.version("reirrad")),
        ("Fingerprint of program and tables", _fingerprint()),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("Libraries", ", ".join(_libraries())),
        ("Operating system", platform.platform()),
        ("Computer", platform.node() or "unnamed"),
        ("Processor", f"{_processor()}, {os.cpu_count() or 1} logical cores"),
    )


def _libraries() -> list[str]:
    """Every library that the program needs, with its installed version."""
    needed = metadata.requires("reirrad") or []
    names = [
        re.split(r"[\s<>=!~;\[(]", requirement, maxsplit=1)[0]
        for requirement in needed
        if "extra ==" not in requirement
    ]
    return [f"{name} {_version(name)}" for name in sorted(names, key=str.casefold)]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name, file in sorted(_files(resources.files("reirrad"), "").items()):
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files(folder: Traversable, prefix: str) -> dict[str, Traversable]:
    """Every file below a folder but compiled ones, by its path."""
    found: dict[str, Traversable] = {}
    for entry in folder.iterdir():
        if entry.name == "__pycache__":
            continue
        name = f"{prefix}{entry.name}"
        if entry.is_dir():
            found |= _files(entry, f"{name}/")
        elif not entry.name.endswith((".pyc", ".nbi", ".nbc")):
            found[name] = entry
    return found


def _processor() -> str:
    """Name of the processor, where the system tells it."""
    try:
        text = CPU_FILE.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return named[1].strip() if named else platform.processor() or platform.machine()
