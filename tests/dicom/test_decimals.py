import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.dicom.decimals import plain_decimals


def same_bits(left: float, right: float) -> bool:
    return left == right and math.copysign(1, left) == math.copysign(1, right)


@given(st.text("0123456789+-.eE ", min_size=1, max_size=16))
def test_whatever_is_converted_is_what_float_makes_of_it(written: str) -> None:
    found = plain_decimals(written.encode())
    if found is not None:
        assert found.shape == (1,)
        assert same_bits(float(found[0]), float(written))


@given(
    sign=st.sampled_from(["", "-", "+", " -", "  "]),
    before=st.text("0123456789", min_size=1, max_size=8),
    after=st.text("0123456789", max_size=7),
    exponent=st.sampled_from(["", " ", "e3", "E-05", "e+07  "]),
)
def test_up_to_fifteen_digits_are_converted_to_the_last_bit(
    sign: str, before: str, after: str, exponent: str
) -> None:
    written = f"{sign}{before}.{after}{exponent}"
    found = plain_decimals(written.encode())
    assert found is not None
    assert same_bits(float(found[0]), float(written))


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=40), st.integers(0, 9))
def test_numbers_come_in_the_order_in_which_they_stand(
    values: list[float], decimals: int
) -> None:
    written = [f"{value:.{decimals}f}" for value in values]
    found = plain_decimals("\\".join(written).encode())
    np.testing.assert_array_equal(found, [float(one) for one in written])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_is_written_in_full_is_exact_or_left_alone(
    value: float,
) -> None:
    found = plain_decimals(repr(value).encode())
    assert found is None or same_bits(float(found[0]), value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" ",
        b".",
        b"-",
        b"1\\\\3",
        b"1\\",
        b"\\1",
        b"1 2",
        b"1,5",
        b"1.2.3",
        b"--1",
        b"1e",
        b"1e+",
        b"1e400",
        b"1e-23",
        b"nan",
        b"inf",
        b"1_0",
        b"0x1",
        b"1\0",
        b"\t1",
        b"9007199254740993",
        b"0.12345678901234567",
    ],
)
def test_what_is_not_plain_is_left_to_others(content: bytes) -> None:
    assert plain_decimals(content) is None


def test_the_largest_whole_number_that_is_exact_is_converted() -> None:
    found = plain_decimals(b"9007199254740992\\-9007199254740992\\1e22\\-0")
    assert found is not None
    assert found.tolist() == [2.0**53, -(2.0**53), 1e22, 0.0]
    assert math.copysign(1, found[3]) == -1
