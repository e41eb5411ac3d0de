"""Reviews as people leave them."""

from reirrad.core.review import Review, Signature

__all__ = ["ACCEPTED", "APPROVED", "PHYSICIAN", "PHYSICIST", "REJECTED", "SUPERSEDED"]

PHYSICIST = Signature(
    "Anna Nowak", "physicist", "2026-03-06T10:12:13+00:00", "Vessels agree in 2 mm."
)
PHYSICIAN = Signature("Paul Maß", "physician", "2026-03-07T08:00:00+00:00", "")
REJECTED = Review("rejected", PHYSICIST, version=2)
ACCEPTED = Review("accepted", PHYSICIST, version=2)
APPROVED = Review("accepted", PHYSICIST, "approved", PHYSICIAN, version=2)
SUPERSEDED = Review("accepted", PHYSICIST, "superseded", PHYSICIAN, 5, version=2)
