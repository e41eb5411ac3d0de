"""Loops that are compiled to machine code, where a loop is the honest form.

A compiled function keeps its machine code beside the source, or in the user's cache
folder where that cannot be written, so that it is compiled once per installation. It
holds no lock while it runs: threads of one process compute side by side.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

__all__ = ["compiled"]

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays when it is first called.

    Sums keep the order in which they are written, so that results are the same on every
    processor; division by zero gives infinity or NaN, as numpy's does.
    """
    try:
        loop = numba.njit(function, cache=True, nogil=True, error_model="numpy")
    except RuntimeError:
        # No folder at all can be written: compile anew in each process.
        loop = numba.njit(function, nogil=True, error_model="numpy")
    return cast("Function", loop)
