"""The registration that a user gives as a text file of four by four numbers."""

import re
from pathlib import Path

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.core.transforms import is_rigid
from reirrad.errors import InputError

__all__ = ["read_matrix"]

LARGEST_FILE_BYTES = 100_000


def read_matrix(path: Path) -> FloatArray:
    """Read a rigid 4x4 matrix from a text file.

    Four lines of four numbers, separated by spaces, tabs, commas or semicolons, with
    or without brackets; blank lines and what follows ``#`` are skipped. The matrix maps
    a point of the earlier course's frame into the later course's frame, in mm and DICOM
    patient axes (L, P, S).

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
    raise InputError(f"{path}: {_why_not_rigid(matrix)}")


def _text(path: Path) -> str:
    try:
        if path.is_file() and path.stat().st_size > LARGEST_FILE_BYTES:
            raise InputError(f"{path}: {_EXPECTED}, found a file of another kind.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: {_EXPECTED}, found binary content.") from error
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise InputError(
            f"{path}: the registration cannot be read ({reason.lower()}). Give the "
            f"path of a DICOM registration object or of a text file with a 4x4 matrix."
        ) from error


_EXPECTED = (
    "a registration must be a DICOM registration object or a text file with four "
    "lines of four numbers"
)


def _numbers(text: str, path: Path) -> list[list[float]]:
    rows = []
    for line_number, line in enumerate(text.splitlines(), start=1):
        words = re.split(r"[\s,;\[\]()]+", line.split("#")[0])
        filled = [word for word in words if word]
        if not filled:
            continue
        where = f"{path}, line {line_number}"
        try:
            row = [float(word) for word in filled]
        except ValueError as error:
            raise InputError(
                f"{where}: {_EXPECTED}, found a word that is not a number."
            ) from error
        if len(row) != 4:
            raise InputError(
                f"{where}: {_EXPECTED}, found {len(row)} numbers in this line. "
                f"Decimals need a point, not a comma."
            )
        rows.append(row)
    if len(rows) != 4:
        raise InputError(f"{path}: {_EXPECTED}, found {len(rows)} lines.")
    return rows


def _why_not_rigid(matrix: FloatArray) -> str:
    """Say in one sentence which property of a rigid matrix is missing."""
    if not np.all(np.isfinite(matrix)):
        return "the matrix holds a number that is not finite."
    if not np.allclose(matrix[3], [0, 0, 0, 1], rtol=0, atol=1e-9):
        if np.allclose(matrix[:, 3], [0, 0, 0, 1], rtol=0, atol=1e-9):
            return (
                "the last line must be 0 0 0 1; the matrix looks transposed: the "
                "translation belongs in the last column."
            )
        return f"the last line must be 0 0 0 1, found {_listed(matrix[3])}."
    lengths = np.linalg.norm(matrix[:3, :3], axis=0)
    if not np.allclose(lengths, 1.0, rtol=0, atol=1e-3):
        return (
            f"the matrix scales lengths by {_listed(lengths)} along x, y and z; only a "
            f"rotation with a translation in mm is accepted."
        )
    if np.linalg.det(matrix[:3, :3]) < 0:
        return "the matrix mirrors left and right; only a rotation is accepted."
    return "the first three columns are not at right angles, so it is not a rotation."


def _listed(values: FloatArray) -> str:
    return " ".join(f"{value:g}" for value in values)
