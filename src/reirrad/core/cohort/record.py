"""What every record of the registry has."""

from dataclasses import dataclass

__all__ = ["Record"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record: whose it is, and its number among the patient's records of its kind."""

    patient: str
    number: int = 1
