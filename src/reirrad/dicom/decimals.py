"""Decimal strings as numbers, all of one element together.

The contours of a course hold a quarter of a million decimal strings. Each is read as
Python's ``float`` reads it, to the last bit.

References
----------
Clinger, How to read floating point numbers accurately, PLDI 1990: a whole number below
2^53 and a power of ten up to 22 are exact as floating-point numbers, so that their
product or quotient is rounded once and therefore correctly.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray

__all__ = ["plain_decimals"]

LARGEST_EXACT: Final = 2**53
MOST_DIGITS: Final = 15
LARGEST_POWER: Final = 22
POWERS: Final = np.array([float(f"1e{n}") for n in range(LARGEST_POWER + 1)])
NOT_PLAIN: Final = -1

SPACE, PLUS, MINUS, POINT, SEPARATOR = (ord(sign) for sign in " +-.\\")
ZERO, NINE, SMALL_E, LARGE_E = (ord(sign) for sign in "09eE")

Bytes = npt.NDArray[np.uint8]


def plain_decimals(content: bytes) -> FloatArray | None:
    """Numbers between backslashes, shape (n,).

    Returns
    -------
    ndarray or None
        None where one of them is missing, is written unusually, or needs more digits
        than are converted exactly here; that is no verdict on it.
    """
    values = np.empty(content.count(b"\\") + 1)
    ended = np.frombuffer(content + b"\\", np.uint8)
    return values if _filled(ended, values) else None


@compiled
def _filled(content: Bytes, values: FloatArray) -> bool:
    """Convert every number, each with a separator behind; stop at one not plain.

    Sign, digits and point, as nearly all are written, are read in this loop: that takes
    an eighth of the time of a call for each number.
    """
    at = 0
    for index in range(values.size):
        begin = at
        negative = content[at] == MINUS
        at += negative
        mantissa = n_digits = n_decimals = after_point = 0
        sign = content[at]
        while ZERO <= sign <= NINE or (sign == POINT and not after_point):
            if sign == POINT:
                after_point = 1
            else:
                mantissa = 10 * mantissa + (sign - ZERO)
                n_digits += 1
                n_decimals += after_point
            at += 1
            sign = content[at]
        if sign == SEPARATOR and 0 < n_digits <= MOST_DIGITS:
            value = mantissa / POWERS[n_decimals]
            values[index] = -value if negative else value
            at += 1
        else:
            at, values[index] = _number(content, begin)
        if at == NOT_PLAIN:
            return False
    return True


@compiled
def _number(content: Bytes, at: int) -> tuple[int, float]:
    """Where the next number begins, and the value of this one."""
    at = _after_spaces(content, at)
    negative = at < content.size and content[at] == MINUS
    at, mantissa, n_decimals = _mantissa(content, _after_sign(content, at))
    if at == NOT_PLAIN:
        return NOT_PLAIN, 0.0
    at, exponent = _exponent(content, at)
    power = exponent - n_decimals
    if at == NOT_PLAIN or abs(power) > LARGEST_POWER:
        return NOT_PLAIN, 0.0
    value = float(mantissa)
    value = value * POWERS[power] if power > 0 else value / POWERS[-power]
    at = _after_spaces(content, at)
    if at < content.size and content[at] != SEPARATOR:
        return NOT_PLAIN, 0.0
    return at + 1, -value if negative else value


@compiled
def _mantissa(content: Bytes, at: int) -> tuple[int, int, int]:
    """Where the digits end, their value without the point, and how many follow it."""
    mantissa, n_digits, n_decimals, after_point = 0, 0, 0, False
    while at < content.size:
        sign = content[at]
        if ZERO <= sign <= NINE:
            mantissa = 10 * mantissa + (sign - ZERO)
            n_digits += 1
            n_decimals += after_point
        elif sign == POINT and not after_point:
            after_point = True
        else:
            break
        if mantissa > LARGEST_EXACT:
            return NOT_PLAIN, 0, 0
        at += 1
    return (at if n_digits else NOT_PLAIN), mantissa, n_decimals


@compiled
def _exponent(content: Bytes, at: int) -> tuple[int, int]:
    """Where the exponent ends, and its value; 0 where there is none."""
    if at == content.size or (content[at] != SMALL_E and content[at] != LARGE_E):
        return at, 0
    at += 1
    negative = at < content.size and content[at] == MINUS
    begin = at = _after_sign(content, at)
    exponent = 0
    while at < content.size and ZERO <= content[at] <= NINE:
        exponent = 10 * exponent + (content[at] - ZERO)
        at += 1
        if exponent > 2 * LARGEST_POWER:
            return NOT_PLAIN, 0
    return (at if at > begin else NOT_PLAIN), -exponent if negative else exponent


@compiled
def _after_sign(content: Bytes, at: int) -> int:
    signed = at < content.size and (content[at] == PLUS or content[at] == MINUS)
    return at + 1 if signed else at


@compiled
def _after_spaces(content: Bytes, at: int) -> int:
    while at < content.size and content[at] == SPACE:
        at += 1
    return at
