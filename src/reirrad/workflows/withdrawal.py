"""Patients who withdrew: removed, and not brought in again unawares."""

from reirrad.errors import InputError
from reirrad.store.database import Store
from reirrad.store.registry import removed_patients

__all__ = ["WITHDRAWN", "require_not_withdrawn", "withdrawn_patients"]

WITHDRAWN = "withdrawn"
"""Reason of a removal."""


def withdrawn_patients(store: Store) -> frozenset[str]:
    """Patients who were removed as withdrawn, and are not in the registry."""
    removed = removed_patients(store)
    return frozenset(one for one, reason in removed.items() if reason == WITHDRAWN)


def require_not_withdrawn(store: Store, patient: str) -> None:
    """Refuse a patient who was removed as withdrawn.

    Raises
    ------
    InputError
        If this one was.
    """
    if patient in withdrawn_patients(store):
        msg = (
            f"patient {patient} was removed from the registry as withdrawn. Leave the "
            f"patient out, or give --readmit to `reirrad cohort add` if there is a new "
            f"consent."
        )
        raise InputError(msg)
