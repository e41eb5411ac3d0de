"""Identifiers and names of patients in the one form in which they are compared."""

__all__ = ["normal_text"]


def normal_text(value: str) -> str:
    """A text without case, padding and empty name components."""
    return " ".join(value.replace("^", " ").split()).casefold()
