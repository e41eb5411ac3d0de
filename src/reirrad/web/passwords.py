"""Passwords as argon2id hashes."""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from reirrad.errors import InputError

__all__ = ["hashed", "is_right"]

SHORTEST = 12
LONGEST = 1000


def hashed(password: str) -> str:
    """The hash that is kept, with its own salt and parameters (RFC 9106).

    Raises
    ------
    InputError
        If the password is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        msg = f"A password has {SHORTEST} to {LONGEST} characters. Choose another one."
        raise InputError(msg)
    return PasswordHasher().hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Whether a password is the one of a hash.

    It takes as long where there is no such person: None as the hash.
    """
    if len(password) > LONGEST:
        return False
    try:
        PasswordHasher().verify(_nobodys() if kept is None else kept, password)
    except (InvalidHashError, VerificationError):
        return False
    return kept is not None


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return PasswordHasher().hash("nobody has this password")
