"""Records of the registry for hypothesis: any values that their fields allow."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from reirrad.core.cohort.clinical_records import FollowUp
from reirrad.core.cohort.fields import Field, fields_of
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, SINGLE_KINDS, Cohort, cohort_of, kind_of

__all__ = ["cohorts", "field_values", "records"]

PSEUDONYMS = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z")
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1))
PRINTABLE = st.characters(codec="utf-8", exclude_categories=["C", "Z"])
TEXTS = st.text(PRINTABLE, min_size=1, max_size=20)
WHOLE = 2**31 - 1


def field_values(field: Field) -> st.SearchStrategy[Any]:
    """Values that a field allows, None where it is not required."""
    least, most = field.about.minimum, field.about.maximum
    allowed: dict[str, st.SearchStrategy[Any]] = {
        "date": DATES,
        "yes or no": st.booleans(),
        "choice": st.sampled_from(field.choices or ("none",)),
        "text": TEXTS
        if field.about.pattern.startswith("[^")
        else st.from_regex(rf"\A{field.about.pattern}\Z"),
        "whole number": st.integers(int(least or 0), int(most or 10**6)),
        "number": st.floats(least, most, allow_nan=False, allow_infinity=False),
    }
    values = allowed[field.type]
    return values if field.required else st.none() | values


@st.composite
def records(draw: st.DrawFn, kind: str, patient: str, number: int = 1) -> Record:
    """A record of one kind, of whatever values."""
    values = {field.name: draw(field_values(field)) for field in fields_of(KINDS[kind])}
    return KINDS[kind](patient=patient, number=number, **values)


@st.composite
def cohorts(draw: st.DrawFn) -> Cohort:
    """A few patients with a few records of any kind, which need not fit together."""
    made: list[Record] = []
    for patient in draw(st.lists(PSEUDONYMS, min_size=1, max_size=2, unique=True)):
        made.append(draw(records("patient", patient)))
        others = [kind for kind in KINDS if kind != "patient"]
        for kind in draw(st.lists(st.sampled_from(others), max_size=3, unique=True)):
            numbers = (
                {1}
                if kind in SINGLE_KINDS
                else draw(st.sets(st.integers(1, 10**6), min_size=1, max_size=2))
            )
            made += [draw(records(kind, patient, number)) for number in numbers]
    return cohort_of(one for one in made if not _is_empty(one))


def _is_empty(record: Record) -> bool:
    """A last contact of which nothing is known, which a flat table does not show."""
    return kind_of(record) == "followup" and record == FollowUp(patient=record.patient)
