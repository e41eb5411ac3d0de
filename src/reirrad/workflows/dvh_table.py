"""A planning system's histograms or metrics as the CSV that a user writes."""

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reirrad.core.dvh import is_metric
from reirrad.dicom.dvh_sequence import PlanningDvh
from reirrad.errors import InputError

__all__ = ["VOLUME", "DvhTable", "read_dvh_table"]

VOLUME = "volume[cc]"
CURVE = ("structure", "dose_gy", "volume_cc")
METRICS = ("structure", "metric", "value")
LARGEST_FILE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class DvhTable:
    """Content of a CSV: histograms, or metrics of structures by their drawn names."""

    histograms: tuple[PlanningDvh, ...]
    metrics: Mapping[str, Mapping[str, float]]


def read_dvh_table(path: Path) -> DvhTable:
    """Read a CSV of cumulative histograms, or of metrics.

    The first line names the columns: ``structure,dose_gy,volume_cc`` for points of
    cumulative histograms, or ``structure,metric,value`` for metrics in their TG-263
    spelling (``Mean[Gy]``, ``D0.1cc[Gy]``, ``V20Gy[cc]``) and ``volume[cc]``.

    Raises
    ------
    InputError
        With one sentence for every line that cannot be used.
    """
    rows = _rows(path)
    if not rows:
        raise InputError(_wrong_columns(path, []))
    columns = tuple(rows[0])
    if columns == CURVE:
        return DvhTable(_histograms(path, rows[1:]), {})
    if columns == METRICS:
        return DvhTable((), _metrics(path, rows[1:]))
    raise InputError(_wrong_columns(path, rows[0]))


def _rows(path: Path) -> list[list[str]]:
    """Lines split at commas, or at semicolons where the first line has any."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            msg = f"{path}: is larger than 50 MB, which is no DVH table."
            raise InputError(msg)
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        msg = f"{path}: cannot be read ({reason}). Check the path."
        raise InputError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path}: is not text in UTF-8. Save the table as CSV UTF-8."
        raise InputError(msg) from error
    delimiter = ";" if ";" in content.partition("\n")[0] else ","
    lines = csv.reader(content.splitlines(), delimiter=delimiter)
    return [[cell.strip() for cell in row] for row in lines if any(row)]


def _wrong_columns(path: Path, found: list[str]) -> str:
    return (
        f"{path}: the first line must be {','.join(CURVE)} or {','.join(METRICS)}, "
        f"found {','.join(found)[:80] or 'nothing'}. See docs/commissioning.md."
    )


def _histograms(path: Path, rows: Iterable[list[str]]) -> tuple[PlanningDvh, ...]:
    problems: list[str] = []
    points: dict[str, list[tuple[float, float]]] = {}
    for line, row in enumerate(rows, start=2):
        values = [_number(cell) for cell in row[1:]]
        if len(row) != 3 or not row[0] or None in values:
            problems.append(_bad_line(path, line, "a name, a dose and a volume"))
            continue
        dose, volume = values
        points.setdefault(row[0], []).append((dose or 0.0, volume or 0.0))
    histograms = []
    for name, pairs in points.items():
        dose_gy, volume_cc = np.array(pairs, dtype=np.float64).T
        fault = _curve_fault(dose_gy, volume_cc)
        if fault:
            problems.append(f"{path}: {name}: {fault}.")
            continue
        if dose_gy[0] > 0:
            dose_gy = np.concatenate([[0.0], dose_gy])
            volume_cc = np.concatenate([volume_cc[:1], volume_cc])
        histograms.append(PlanningDvh(None, name, dose_gy, volume_cc, in_cc=True))
    if problems or not histograms:
        raise InputError(*(problems or [f"{path}: holds no histogram."]))
    return tuple(histograms)


def _curve_fault(
    dose_gy: np.typing.NDArray[np.float64], volume_cc: np.typing.NDArray[np.float64]
) -> str:
    if len(dose_gy) < 2 or dose_gy.min() < 0 or volume_cc.min() < 0:
        return "two or more points with dose and volume of 0 or more are needed"
    if np.any(np.diff(dose_gy) <= 0):
        return "doses must rise from line to line"
    if np.any(np.diff(volume_cc) > 0) or volume_cc[0] == 0:
        return "volumes of a cumulative histogram must fall with dose, from above 0"
    if volume_cc[-1] > 0.01 * volume_cc[0]:
        return "the histogram must reach 1 % of the volume or less; it is cut short"
    return ""


def _metrics(path: Path, rows: Iterable[list[str]]) -> dict[str, dict[str, float]]:
    problems: list[str] = []
    metrics: dict[str, dict[str, float]] = {}
    for line, row in enumerate(rows, start=2):
        value = _number(row[2]) if len(row) == 3 else None
        if len(row) != 3 or not row[0] or value is None:
            problems.append(_bad_line(path, line, "a name, a metric and a value"))
        elif row[1] != VOLUME and not is_metric(row[1]):
            problems.append(
                f"{path}: line {line}: {row[1]!r} is not a metric such as Mean[Gy], "
                f"D98%[Gy], D0.1cc[Gy], V20Gy[cc] or {VOLUME}."
            )
        elif row[1] in metrics.setdefault(row[0], {}):
            problems.append(f"{path}: line {line}: {row[0]} has {row[1]} twice.")
        else:
            metrics[row[0]][row[1]] = value
    if problems or not metrics:
        raise InputError(*(problems or [f"{path}: holds no metric."]))
    return metrics


def _bad_line(path: Path, line: int, expected: str) -> str:
    return (
        f"{path}: line {line}: must hold {expected}, numbers of 0 or more with a "
        f"decimal point."
    )


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
