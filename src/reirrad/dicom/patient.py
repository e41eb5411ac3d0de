"""Whose objects they are."""

from collections.abc import Sequence

from reirrad.core.assessment import PatientIdentity
from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.elements import day, named, text

__all__ = ["one_patient"]


def one_patient(objects: Sequence[FoundObject], audit: Audit) -> PatientIdentity | None:
    """The patient of all objects.

    Different Patient IDs stop the import; different names or birth dates under one ID
    are a finding. Neither is quoted.

    Returns
    -------
    PatientIdentity or None
        None where there is no object, or more than one patient.
    """
    first: dict[str, FoundObject] = {}
    for one in objects:
        first.setdefault(text(one.dataset, "PatientID").casefold(), one)
    if not first:
        return None
    if len(first) > 1:
        listed = " and ".join(one.path for one in list(first.values())[:4])
        audit.stop(
            f"Two or more different patients: {named('PatientID')} differs between "
            f"{listed}. Give the courses of one patient; if it is the same person, "
            f"unify the identifiers first."
        )
        return None
    for keyword in ("PatientName", "PatientBirthDate"):
        values = {text(one.dataset, keyword).casefold().strip("^ ") for one in objects}
        if len(values - {""}) > 1:
            audit.note(
                "patient-details-differ",
                "warning",
                "patient",
                f"All objects have one Patient ID, but {named(keyword)} differs "
                f"between them. Make sure that they belong to one person.",
            )
    dataset = objects[0].dataset
    birth = day(dataset, "PatientBirthDate")
    if not text(dataset, "PatientID"):
        audit.stop(
            f"{named('PatientID')} is empty in every object, so that it is not certain "
            f"that they belong to one patient. Export with an identifier or pseudonym."
        )
    return PatientIdentity(
        id=text(dataset, "PatientID"),
        name=text(dataset, "PatientName"),
        birth_date=birth.isoformat() if birth else None,
        sex=text(dataset, "PatientSex") or None,
    )
