"""Overlaps of an assessment beside those that a person entered."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reirrad.core.cohort.dose_records import Overlap
from reirrad.workflows.kept_records import completed, numbered

__all__ = ["entered_overlaps", "overlaps_beside"]


def overlaps_beside(
    found: Iterable[Overlap], kept: Sequence[Overlap]
) -> tuple[tuple[Overlap, ...], list[str]]:
    """Overlaps in the place of those of assessments, but not of a person's.

    What a person entered is completed, and only where the assessment says nothing
    else: a type beside the volumes of another measurement would be of neither. It
    stays without an assessment, so that the next one does not replace it either.

    Parameters
    ----------
    found
        Of the new assessment.
    kept
        All that the registry has of the patient.

    Returns
    -------
    records
        With their numbers.
    remarks
        A sentence for each value of the assessment that does not count.
    """
    entered = entered_overlaps(kept)
    records: list[Overlap] = []
    remarks: list[str] = []
    new: list[Overlap] = []
    for overlap in found:
        person = entered.get(_pair(overlap))
        if person is None:
            new.append(overlap)
        else:
            record, said = _beside(person, overlap)
            records.append(record)
            remarks += said
    replaced = [one for one in kept if one.assessment is not None or _is_empty(one)]
    in_place = numbered(new, replaced=replaced, kept=kept, like=_pair)
    return (*records, *in_place), remarks


def entered_overlaps(kept: Iterable[Overlap]) -> dict[tuple[int, int], Overlap]:
    """What a person entered of a pair of courses that no assessment has."""
    kept = tuple(kept)
    assessed = {_pair(one) for one in kept if one.assessment is not None}
    return {
        _pair(one): one
        for one in kept
        if one.assessment is None and _pair(one) not in assessed and not _is_empty(one)
    }


def _pair(overlap: Overlap) -> tuple[int, int]:
    return overlap.first, overlap.second


def _is_empty(overlap: Overlap) -> bool:
    """Whether it says nothing but of which courses it is."""
    return overlap == Overlap(
        patient=overlap.patient,
        number=overlap.number,
        first=overlap.first,
        second=overlap.second,
    )


def _beside(person: Overlap, found: Overlap) -> tuple[Overlap, list[str]]:
    own = replace(found, number=person.number, assessment=None)
    record, remarks = completed(person, own)
    if not remarks:
        return record, []
    if record != person:
        remarks.append(
            f"overlap {person.number}: what is empty stays so, as the assessment "
            f"differs. Correct it, or remove it and add the assessment again."
        )
    return person, remarks
