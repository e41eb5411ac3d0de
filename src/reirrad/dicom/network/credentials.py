"""Who asks a DICOMweb server; never on the command line, in a URL or in a log."""

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reirrad.errors import InputError

__all__ = ["Credentials", "load_credentials"]

VARIABLES = {
    "user": "REIRRAD_DICOMWEB_USER",
    "password": "REIRRAD_DICOMWEB_PASSWORD",
    "token": "REIRRAD_DICOMWEB_TOKEN",
}
FORM = 'user = "..." and password = "...", or token = "..."'


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user with a password, or a bearer token; the other is empty."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def load_credentials(
    file: Path | None, environment: Mapping[str, str]
) -> Credentials | None:
    """Read credentials from a TOML file, else from the environment.

    Parameters
    ----------
    file
        With ``user`` and ``password``, or ``token``; only its owner may read it.
    environment
        With ``REIRRAD_DICOMWEB_USER`` and ``..._PASSWORD``, or ``..._TOKEN``.

    Returns
    -------
    Credentials or None
        None if there are none.

    Raises
    ------
    InputError
        If they are incomplete, or others can read the file.
    """
    if file is not None:
        return _checked(_from_file(file), f"--credentials {file}", FORM)
    values = {
        key: environment[name]
        for key, name in VARIABLES.items()
        if environment.get(name)
    }
    if not values:
        return None
    named = "user and password, or token"
    return _checked(values, f"environment {', '.join(VARIABLES.values())}", named)


def _checked(values: Mapping[str, str], where: str, form: str) -> Credentials:
    if set(values) not in ({"user", "password"}, {"token"}):
        msg = f"{where}: must give {form}, and nothing else."
        raise InputError(msg)
    if ":" in values.get("user", ""):
        msg = f"{where}: a user name cannot hold a colon."
        raise InputError(msg)
    return Credentials(**values)


def _from_file(file: Path) -> dict[str, str]:
    try:
        mode = file.stat().st_mode
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            msg = f"--credentials {file}: others can read it. Run: chmod 600 {file}"
            raise InputError(msg)
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"--credentials {file}: cannot be read ({error.strerror})."
        raise InputError(msg) from error
    except ValueError:
        # The parser's own message could quote a password.
        msg = f"--credentials {file}: is not TOML. Write {FORM}."
        raise InputError(msg) from None
    if not all(isinstance(value, str) and value for value in content.values()):
        msg = f"--credentials {file}: must give {FORM}, and nothing else."
        raise InputError(msg)
    return content
