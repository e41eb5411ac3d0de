"""Pseudonyms: the same for the same Patient ID, and of no use without the key."""

import base64
import hashlib
import hmac
import re

from reirrad.core.identity_text import normal_text

__all__ = ["fingerprint_of", "is_key_made", "is_pseudonym", "pseudonym_of"]

LENGTH = 12
ALLOWED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
KEY_MADE = re.compile(rf"P[A-Z2-7]{{{LENGTH}}}")
OF_FINGERPRINT = b"reirrad: which key this is"


def pseudonym_of(patient_id: str, key: bytes) -> str:
    """Pseudonym of a patient: HMAC-SHA256 of the Patient ID, shortened to 60 bits.

    Parameters
    ----------
    patient_id
        Patient ID of the clinic; case and padding do not count, as where the files of
        one patient are put together.
    key
        Secret of this registry.
    """
    digest = hmac.new(key, normal_text(patient_id).encode(), hashlib.sha256).digest()
    return "P" + base64.b32encode(digest).decode("ascii")[:LENGTH]


def fingerprint_of(key: bytes) -> str:
    """What tells one key from another, and does not tell the key: 64 hex digits."""
    digest = hmac.new(key, OF_FINGERPRINT, hashlib.sha256).digest()
    return hashlib.sha256(digest).hexdigest()


def is_key_made(text: str) -> bool:
    """Whether a text has the form that `pseudonym_of` gives."""
    return KEY_MADE.fullmatch(text) is not None


def is_pseudonym(text: str) -> bool:
    """Whether a text may stand for a patient: letters, digits, - and _, 32 at most."""
    return ALLOWED.fullmatch(text) is not None
