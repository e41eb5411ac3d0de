"""A whole assessment in one file, from which the same reports can be made again.

The file is gzip of one line of JSON and, after it, the arrays one behind the other,
little-endian. Numbers come back exactly; nothing in the file is ever run as a program.
What other systems are given (``exportable``) and what the viewer draws (``scene``) are
files of their own and are left out.
"""

import gzip
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_origin, get_type_hints

import cattrs
import numpy as np
import numpy.typing as npt

from reirrad.core.assessment import Assessment
from reirrad.errors import StoreError

__all__ = ["keep", "kept"]

FORMAT = "reirrad assessment"
FORMAT_VERSION = 1
LEFT_OUT = frozenset({"exportable", "scene"})
ARRAY_KEY = "array"
# Written by this machine, but read by whoever finds it: plain numbers only.
KINDS = frozenset("fiub")


def keep(assessment: Assessment, path: Path) -> None:
    """Write an assessment; the same one gives the same bytes.

    Parameters
    ----------
    assessment
        Any.
    path
        File, which is replaced if it is there.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    arrays: list[npt.NDArray[Any]] = []
    content = _packed(assessment, arrays)
    header = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "software": assessment.software.version,
        "arrays": [
            {"dtype": item.dtype.str, "shape": list(item.shape)} for item in arrays
        ],
        "assessment": content,
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    parts = [text.encode("utf-8", "surrogatepass"), b"\n"]
    parts += [item.tobytes() for item in arrays]
    path.write_bytes(gzip.compress(b"".join(parts), compresslevel=6, mtime=0))


def kept(path: Path) -> Assessment:
    """Read an assessment that `keep` wrote.

    Raises
    ------
    StoreError
        If the file is not there, damaged, of another kind or of another version.
    """
    line, _, data = _unpacked(path).partition(b"\n")
    try:
        header = json.loads(line.decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise _refused(path, "is not a kept assessment") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise _refused(path, "is not a kept assessment")
    if header["format_version"] != FORMAT_VERSION:
        raise _refused(
            path,
            f"is of version {header['format_version']!r}, and this program reads "
            f"version {FORMAT_VERSION}",
        )
    try:
        arrays = _arrays(header["arrays"], data)
        return _converter(arrays).structure(header["assessment"], Assessment)
    except (cattrs.BaseValidationError, LookupError, TypeError, ValueError) as error:
        made_by = header.get("software", "an unknown version")
        raise _refused(
            path, f"does not hold what this version asks for; reirrad {made_by} made it"
        ) from error


def _unpacked(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except FileNotFoundError as error:
        raise _refused(path, "is not there") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _refused(path, "is damaged") from error


def _refused(path: Path, why: str) -> StoreError:
    return StoreError(f"{path}: the file {why}. Make a new version of the assessment.")


def _packed(value: Any, arrays: list[npt.NDArray[Any]]) -> Any:
    """The value with a number in place of every array, which is put aside."""
    if isinstance(value, np.ndarray):
        little = value.astype(value.dtype.newbyteorder("<"), copy=False)
        arrays.append(little)
        return {ARRAY_KEY: len(arrays) - 1}
    if is_dataclass(value):
        value = {
            field.name: getattr(value, field.name)
            for field in fields(value)
            if field.name not in LEFT_OUT
        }
    if isinstance(value, Mapping):
        return {str(key): _packed(item, arrays) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_packed(item, arrays) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _arrays(
    described: Sequence[Mapping[str, Any]], data: bytes
) -> list[npt.NDArray[Any]]:
    arrays = []
    start = 0
    for item in described:
        dtype, shape = np.dtype(item["dtype"]), tuple(item["shape"])
        if dtype.kind not in KINDS:
            msg = f"arrays of {dtype} are not kept"
            raise ValueError(msg)
        count = math.prod(shape)
        found = np.frombuffer(data, dtype, count, offset=start).reshape(shape)
        arrays.append(found.astype(dtype.newbyteorder("="), copy=False))
        start += count * dtype.itemsize
    if start != len(data):
        msg = f"{len(data)} bytes of arrays, {start} expected"
        raise ValueError(msg)
    return arrays


def _converter(arrays: Sequence[npt.NDArray[Any]]) -> cattrs.Converter:
    """What makes values of what JSON holds, as the types of the fields demand."""
    converter = cattrs.Converter()

    def value_of_fields(content: Mapping[str, Any], kind: Any) -> Any:
        types = _types(kind)
        _require_fields(content, kind)
        return kind(
            **{
                name: converter.structure(item, types[name])
                for name, item in content.items()
            }
        )

    def array(content: Mapping[str, int], _: Any) -> npt.NDArray[Any]:
        found: npt.NDArray[Any] = arrays[content[ARRAY_KEY]]
        return found

    converter.register_structure_hook_func(is_dataclass, value_of_fields)
    converter.register_structure_hook_func(_is_array, array)
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(int, _number)
    return converter


def _require_fields(content: Mapping[str, Any], kind: Any) -> None:
    expected = {field.name for field in fields(kind)} - LEFT_OUT
    if content.keys() != expected:
        differing = ", ".join(sorted(content.keys() ^ expected))
        msg = f"{kind.__name__} has other fields: {differing}"
        raise ValueError(msg)


@cache
def _types(kind: type) -> Mapping[str, Any]:
    """Types of the fields, those that a class writes of itself as text included."""
    return get_type_hints(kind)


def _is_array(kind: Any) -> bool:
    return kind is np.ndarray or get_origin(kind) is np.ndarray


def _number(value: Any, kind: type) -> Any:
    """A number as it was, which may be whole where it need not be; a key is text."""
    if isinstance(value, str):
        return kind(value)
    if isinstance(value, int | float):
        return value
    msg = f"expected a number, found {value!r}"
    raise ValueError(msg)
