"""Whether every object is of one patient."""

from collections.abc import Sequence

from reirrad.core.assessment import PatientIdentity
from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.elements import day, text

__all__ = ["normalised", "one_patient"]


def one_patient(found: Sequence[FoundObject], audit: Audit) -> PatientIdentity | None:
    """The patient of all objects.

    Objects that are not needed count as well: an export that holds anything of another
    person was made wrongly. Names and identifiers are compared, never told.

    Returns
    -------
    PatientIdentity or None
        As the first object with a Patient ID states it; None without objects and where
        there is more than one patient.
    """
    if not found:
        return None
    identified = [one for one in found if normalised(text(one.dataset, "PatientID"))]
    if not identified:
        audit.stop(
            "Patient ID (0010,0020) is empty in every object, so that nothing shows "
            "that they are of one patient. Export with an identifier or a pseudonym."
        )
        return None
    if len(identified) < len(found):
        audit.note(
            "patient-id-missing",
            "warning",
            "patient",
            f"{len(found) - len(identified)} of {len(found)} DICOM objects have no "
            f"Patient ID (0010,0020); that they are of one patient was not checked.",
        )
    first = identified[0]
    wanted = normalised(text(first.dataset, "PatientID"))
    for one in identified:
        if normalised(text(one.dataset, "PatientID")) != wanted:
            message = (
                f"There are two different Patient IDs (0010,0020) in {first.where} and "
                f"{one.where}. Give the objects of one patient only."
            )
            audit.stop(message)
            return None
    _compare(identified, audit)
    birth_date = day(first.dataset, "PatientBirthDate")
    return PatientIdentity(
        id=text(first.dataset, "PatientID"),
        name=text(first.dataset, "PatientName"),
        birth_date=None if birth_date is None else birth_date.isoformat(),
        sex=text(first.dataset, "PatientSex") or None,
    )


def _compare(identified: Sequence[FoundObject], audit: Audit) -> None:
    """Note names and birth dates that differ under one Patient ID."""
    for keyword, what in (
        ("PatientName", "Patient's Name (0010,0010)"),
        ("PatientBirthDate", "Patient's Birth Date (0010,0030)"),
    ):
        stated = [one for one in identified if normalised(text(one.dataset, keyword))]
        other = next(
            (
                one
                for one in stated
                if normalised(text(one.dataset, keyword))
                != normalised(text(stated[0].dataset, keyword))
            ),
            None,
        )
        if other is not None:
            audit.note(
                "patient-attributes-differ",
                "warning",
                "patient",
                f"{what} differs between {stated[0].where} and {other.where} although "
                f"the Patient ID is the same. Check that both are of one person.",
            )


def normalised(value: str) -> str:
    """Without case, padding and empty name components."""
    return " ".join(value.replace("^", " ").split()).casefold()
