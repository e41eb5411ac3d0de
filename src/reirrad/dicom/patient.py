"""Which patient the objects are of."""

from collections.abc import Sequence

from reirrad.core.assessment import PatientIdentity
from reirrad.core.identity_text import normal_text
from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.elements import day, text

__all__ = ["by_patient", "check_one_patient", "identity"]


def by_patient(found: Sequence[FoundObject]) -> dict[str, list[FoundObject]]:
    """Objects by Patient ID, in the order of their files; names decide nothing.

    Objects without a Patient ID are under the empty text, unless there is one Patient
    ID only: then they are with it.
    """
    groups: dict[str, list[FoundObject]] = {}
    for one in found:
        groups.setdefault(normal_text(text(one.dataset, "PatientID")), []).append(one)
    if len(groups) == 2 and "" in groups:
        (patient_id,) = groups.keys() - {""}
        return {patient_id: list(found)}
    return groups


def check_one_patient(found: Sequence[FoundObject], audit: Audit) -> None:
    """Make it a problem if objects are of several patients, or of nobody known.

    Objects that are not needed count as well: an export that holds anything of another
    person was made wrongly. Names and identifiers are compared, never told.
    """
    groups = by_patient(found)
    identified = [group[0] for patient_id, group in groups.items() if patient_id]
    if found and not identified:
        audit.stop(
            "Patient ID (0010,0020) is empty in every object, so that nothing shows "
            "that they are of one patient. Export with an identifier or a pseudonym."
        )
    if len(identified) > 1:
        count = "two" if len(identified) == 2 else str(len(identified))
        audit.stop(
            f"There are {count} different Patient IDs (0010,0020) in "
            f"{' and '.join(one.where for one in identified[:2])}. Give the objects of "
            f"one patient only."
        )


def identity(found: Sequence[FoundObject], audit: Audit) -> PatientIdentity | None:
    """The patient of objects that have one Patient ID, or none.

    Returns
    -------
    PatientIdentity or None
        As the first object with a Patient ID states it; None if there is none.
    """
    identified = [one for one in found if normal_text(text(one.dataset, "PatientID"))]
    if not identified:
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
        stated = [one for one in identified if normal_text(text(one.dataset, keyword))]
        other = next(
            (
                one
                for one in stated
                if normal_text(text(one.dataset, keyword))
                != normal_text(text(stated[0].dataset, keyword))
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
