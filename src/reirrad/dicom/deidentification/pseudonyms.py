"""Replacements that a secret key decides: same key and value, same replacement.

Without the key a replacement can neither be computed nor undone. With it, values that
are few enough to be tried (a Patient ID) can be found again, which is why the key is as
confidential as the objects.

References
----------
RFC 2104 (HMAC); DICOM PS3.5, annex B.2 (UIDs derived from a UUID).
"""

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass

from pydicom.config import IGNORE
from pydicom.uid import UID

__all__ = ["KEY_BYTES", "Pseudonyms"]

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Everything that is replaced by something of its own.

    Parameters
    ----------
    key
        32 random bytes.
    """

    key: bytes

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            msg = f"a key has {KEY_BYTES} bytes, found {len(self.key)}"
            raise ValueError(msg)

    def uid(self, original: str) -> str:
        """Another UID, or the same one if the standard itself defines it."""
        if not original or _is_of_the_standard(original):
            return original
        digest = self._digest("uid", original)
        return f"2.25.{uuid.UUID(bytes=digest[:16], version=4).int}"

    def patient_id(self, patient: str) -> str:
        """Another Patient ID."""
        return f"ANON{self._letters('patient', patient, 12)}"

    def text(self, original: str) -> str:
        """A text of 16 characters that fits every short text and code string.

        Two attributes that named the same thing still do: case and outer blanks make no
        difference.
        """
        return f"CLEANED_{self._letters('text', original.strip().casefold(), 8)}"

    def shift_days(self, patient: str, shortest: int, longest: int) -> int:
        """Days by which every date of a patient goes back."""
        digest = self._digest("shift", patient)
        return shortest + int.from_bytes(digest, "big") % (longest - shortest + 1)

    def _letters(self, kind: str, original: str, count: int) -> str:
        return base64.b32encode(self._digest(kind, original)).decode("ascii")[:count]

    def _digest(self, kind: str, original: str) -> bytes:
        message = f"{kind}\0{original}".encode("utf-8", "surrogatepass")
        return hmac.new(self.key, message, hashlib.sha256).digest()


def _is_of_the_standard(uid: str) -> bool:
    """Whether it is listed in DICOM PS3.6: SOP classes, transfer syntaxes and so on."""
    known = UID(uid, validation_mode=IGNORE)
    return bool(known.name != known)
