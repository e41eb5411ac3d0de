import pytest

from reirrad.errors import InputError
from reirrad.web.passwords import hashed, is_right
from tests.web.applications import HASHED, PASSWORD


def test_only_the_very_password_is_right() -> None:
    assert HASHED.startswith("$argon2id$")
    assert is_right(PASSWORD, HASHED)
    assert not is_right(f"{PASSWORD} ", HASHED)
    assert not is_right("", HASHED)
    assert not is_right("x" * 100_000, HASHED)


def test_nobody_has_no_password() -> None:
    assert not is_right("nobody has this password", None)


def test_a_damaged_hash_lets_nobody_in() -> None:
    assert not is_right(PASSWORD, "$argon2id$damaged")


@pytest.mark.parametrize("password", ["short", "x" * 11, "x" * 1001])
def test_a_password_has_a_certain_length(password: str) -> None:
    with pytest.raises(InputError, match="12 to 1000"):
        hashed(password)
