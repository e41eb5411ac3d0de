"""Strategies for records whose fields hold anything that is allowed, or nothing."""

from datetime import date
from typing import Any

import hypothesis.strategies as st

from reirrad.core.cohort.fields import Field, fields_of
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, SINGLE_KINDS, Cohort, cohort_of

__all__ = ["any_cohort"]

NUMBERS = ("course", "lesion", "plan", "assessment", "first", "second", "index")
DAYS = st.dates(date(2019, 1, 1), date(2022, 12, 31))


def _value(field: Field) -> st.SearchStrategy[Any]:
    """A value that is allowed; numbers of records stay small, so that they meet."""
    limits = field.about
    if field.name in NUMBERS or field.name.endswith("_course"):
        allowed: st.SearchStrategy[Any] = st.integers(1, 3)
    elif field.type == "date":
        allowed = DAYS
    elif field.type == "number":
        allowed = st.floats(limits.minimum or 0.0, min(limits.maximum or 1e4, 1e4))
    elif field.type == "whole number":
        allowed = st.integers(
            int(limits.minimum or 0), int(min(limits.maximum or 60, 60))
        )
    elif field.type == "yes or no":
        allowed = st.booleans()
    elif field.type == "choice":
        allowed = st.sampled_from(field.choices)
    else:
        allowed = st.sampled_from(("Liver", "Duodenum"))
    return allowed if field.required else st.none() | allowed


def _records(patient: str, kind: str) -> st.SearchStrategy[list[Record]]:
    record = KINDS[kind]
    values = st.fixed_dictionaries(
        {field.name: _value(field) for field in fields_of(record)}
    )
    most = 1 if kind in SINGLE_KINDS else 3
    return st.lists(values, max_size=most).map(
        lambda found: [
            record(patient=patient, number=number, **one)
            for number, one in enumerate(found, start=1)
        ]
    )


@st.composite
def any_cohort(draw: st.DrawFn) -> Cohort:
    """A cohort of three patients at most."""
    patients = draw(st.sampled_from((("P",), ("P", "Q"), ("P", "Q", "R"))))
    return cohort_of(
        record
        for patient in patients
        for kind in KINDS
        for record in draw(_records(patient, kind))
    )
