"""Which patient the objects are of."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date

from reirrad.core.assessment import PatientIdentity
from reirrad.core.identity_text import normal_text
from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.elements import day, named, text
from reirrad.dicom.identity import parsed_day

__all__ = ["by_patient", "check_one_patient", "identity", "note_birth_after"]


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
            f"Patient ID (0010,0020); that they are of this patient was only checked "
            f"by the names, birth dates and sexes that they state.",
        )
    first = identified[0]
    _compare(identified, audit)
    _refuse_strangers(identified, found, audit)
    birth_date = day(first.dataset, "PatientBirthDate")
    return PatientIdentity(
        id=text(first.dataset, "PatientID"),
        name=text(first.dataset, "PatientName"),
        birth_date=None if birth_date is None else birth_date.isoformat(),
        sex=text(first.dataset, "PatientSex") or None,
    )


def note_birth_after(
    patient: PatientIdentity | None, start_dates: Iterable[date | None], audit: Audit
) -> None:
    """Note a birth date after the start of a course: one of them is wrong."""
    born = None if patient is None else patient.birth_date
    first = min((day for day in start_dates if day is not None), default=None)
    if born is not None and first is not None and first < date.fromisoformat(born):
        audit.note(
            "birth-after-course",
            "warning",
            "patient",
            f"{named('PatientBirthDate')} is later than the start of a course, "
            f"{first}. One of them is wrong, or was replaced; check the dates of the "
            f"courses.",
        )


def _compare(identified: Sequence[FoundObject], audit: Audit) -> None:
    """Note what differs under one Patient ID."""
    for keyword in (
        "PatientName",
        "PatientBirthDate",
        "PatientSex",
        "IssuerOfPatientID",
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
                f"{named(keyword)} differs between {stated[0].where} and {other.where} "
                f"although the Patient ID is the same. Check that both are of one "
                f"person.",
            )


def _refuse_strangers(
    identified: Sequence[FoundObject], found: Sequence[FoundObject], audit: Audit
) -> None:
    """Refuse objects without Patient ID that state another person than the others.

    They are compared with every object that has a Patient ID and states the same
    attribute, else with the first of their own kind.
    """
    known = {id(one) for one in identified}
    without_id = [one for one in found if id(one) not in known]
    for keyword, may_agree in (
        ("PatientName", _names_may_agree),
        ("PatientBirthDate", _dates_may_agree),
        ("PatientSex", _sexes_may_agree),
    ):
        references = _first_of_each(identified, keyword)
        strangers = _first_of_each(without_id, keyword)
        if not references:
            references = dict(list(strangers.items())[:1])
        for value, one in strangers.items():
            if not any(may_agree(value, other) for other in references):
                reference = next(iter(references.values()))
                audit.stop(
                    f"{one.where}: has no Patient ID (0010,0020), and its "
                    f"{named(keyword)} contradicts that of {reference.where}. Give the "
                    f"objects of one patient only, exported with their Patient ID."
                )


def _first_of_each(
    found: Sequence[FoundObject], keyword: str
) -> dict[str, FoundObject]:
    """The first object that states each value of an attribute."""
    first: dict[str, FoundObject] = {}
    for one in found:
        value = text(one.dataset, keyword)
        if value:
            first.setdefault(value, one)
    return first


def _names_may_agree(left: str, right: str) -> bool:
    """Whether names can be of one person, however they are written.

    Order, case, punctuation and accents say nothing, and one may leave out parts of the
    other. Of names in several scripts (components after "=") one must agree.
    """
    return any(
        one <= other or other <= one
        for one in _scripts(left)
        for other in _scripts(right)
    )


def _scripts(name: str) -> list[set[str]]:
    """The words of a name in each script that it is written in."""
    plain = unicodedata.normalize("NFKD", normal_text(name))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    written = [set(re.findall(r"\w+", script)) for script in plain.split("=")]
    return [words for words in written if words] or [set()]


def _dates_may_agree(left: str, right: str) -> bool:
    """Whether two dates are the same, or one of them is none."""
    one, other = (parsed_day(value.replace(".", "")) for value in (left, right))
    return one is None or other is None or one == other


def _sexes_may_agree(left: str, right: str) -> bool:
    """Whether nothing speaks against one person: "O" is anything."""
    return {normal_text(left), normal_text(right)} != {"m", "f"}
