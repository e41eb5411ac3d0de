"""The registration that a user gives as a text file of four by four numbers."""

import re
from pathlib import Path

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.core.transforms import is_rigid
from reirrad.errors import InputError

__all__ = ["read_matrix"]

LARGEST_FILE_BYTES = 100_000
SEPARATORS = re.compile(r"[\s,;\[\]()]+")


def read_matrix(path: Path) -> FloatArray:
    """Read a rigid 4x4 matrix from a text file.

    Four lines of four numbers, separated by spaces, tabs, commas or semicolons, with
    or without brackets; blank lines and what follows ``#`` are skipped. The matrix maps
    a point of the earlier course's frame into the reference course's frame, in mm and
    DICOM patient axes (L, P, S).

    Parameters
    ----------
    path
        The file that ``--registration`` names.

    Returns
    -------
    ndarray, shape (4, 4)

    Raises
    ------
    InputError
        If the file cannot be read, or holds something else than a rotation with a
        translation; one sentence says what and where.
    """
    rows = _numbers(_text(path), path)
    matrix = np.array(rows, dtype=np.float64)
    if is_rigid(matrix):
        return matrix
    msg = f"{path}: {_why_not_rigid(matrix)}"
    raise InputError(msg)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        msg = (
            f"{path}: the registration cannot be read ({reason}). Give the path of a "
            f"DICOM registration object or of a text file with a 4x4 matrix."
        )
        raise InputError(msg) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unexpected(str(path), "binary content") from error
    if len(content) > LARGEST_FILE_BYTES or "\0" in text:
        raise _unexpected(str(path), "a file of another kind")
    return text


def _numbers(text: str, path: Path) -> list[list[float]]:
    rows = []
    for line_number, line in enumerate(text.splitlines(), start=1):
        words = [word for word in SEPARATORS.split(line.split("#")[0]) if word]
        if not words:
            continue
        where = f"{path}, line {line_number}"
        try:
            row = [float(word) for word in words]
        except ValueError as error:
            raise _unexpected(where, "a word that is not a number") from error
        if len(row) != 4:
            found = f"{len(row)} numbers (decimals need a point, not a comma)"
            raise _unexpected(where, found)
        rows.append(row)
    if len(rows) != 4:
        raise _unexpected(str(path), f"{len(rows)} lines of numbers")
    return rows


def _unexpected(where: str, found: str) -> InputError:
    return InputError(
        f"{where}: a registration must be a DICOM registration object or a text file "
        f"with four lines of four numbers; found {found}."
    )


def _why_not_rigid(matrix: FloatArray) -> str:
    """Say in one sentence which property of a rigid matrix is missing."""
    rotation, last = matrix[:3, :3], [0.0, 0.0, 0.0, 1.0]
    if not np.all(np.isfinite(matrix)):
        return "the matrix holds a number that is not finite."
    if not np.allclose(matrix[3], last, rtol=0, atol=1e-9):
        transposed = np.allclose(matrix[:, 3], last, rtol=0, atol=1e-9)
        hint = " (the matrix looks transposed)" if transposed else ""
        return f"the last line must be 0 0 0 1{hint}, found {_listed(matrix[3])}."
    if np.linalg.det(rotation) < 0:
        return "the matrix is a mirror image; only a rotation is accepted."
    return (
        f"the matrix is not a rotation with a translation in mm: its first three "
        f"columns must have the lengths 1 1 1, at right angles to each other, and have "
        f"{_listed(np.linalg.norm(rotation, axis=0))}."
    )


def _listed(values: FloatArray) -> str:
    return " ".join(f"{value:g}" for value in values)
