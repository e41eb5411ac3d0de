from collections.abc import Sequence
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from reirrad.core.cohort.field_values import text_of
from reirrad.core.cohort.fields import fields_of
from reirrad.core.cohort.records import (
    KINDS,
    SINGLE_KINDS,
    Cohort,
    cohort_of,
    kind_of,
    records_of,
)
from reirrad.interchange.entries import Entry
from reirrad.knowledge.clinical_rules import load_clinical_rules
from reirrad.workflows.import_records import (
    change_faults,
    given_records,
    union_faults,
)
from tests.core.cohort.strategies import cohorts

RULES = load_clinical_rules()
TODAY = date(2026, 1, 1)
TYPED = st.sampled_from(
    ["", "0", "-1", "1e999", "yes", "2024-02-30", "9999-12-31", "1B*", "x\x00", "²"]
) | st.text(max_size=8)


def entry(kind: str, number: int, **texts: str) -> Entry:
    return Entry(kind, "P1", number, texts, kind, number + 1, "record_id")


@st.composite
def typed_entries(draw: st.DrawFn) -> list[Entry]:
    """Whatever people type, in the columns that there are."""
    entries = []
    for kind in draw(st.lists(st.sampled_from(list(KINDS)), max_size=4)):
        names = [field.name for field in fields_of(KINDS[kind])]
        texts = draw(st.dictionaries(st.sampled_from(names), TYPED, max_size=9))
        number = 1 if kind in SINGLE_KINDS else draw(st.integers(1, 3))
        entries.append(entry(kind, number, **texts))
    return entries


@settings(max_examples=100, deadline=None)
@given(entries=typed_entries())
def test_whatever_is_typed_is_a_record_or_a_fault(entries: Sequence[Entry]) -> None:
    given_ = given_records(entries, {}, RULES)
    faults = [
        *given_.faults,
        *union_faults(given_, {}, today=TODAY, rules=RULES),
    ]

    for one in entries:
        made = (one.kind, one.patient, one.number) in given_.records
        told = any((fault.sheet, fault.row) == (one.sheet, one.row) for fault in faults)
        assert made or told
    assert all(fault.problem and fault.allowed for fault in faults)


@settings(max_examples=30, deadline=None)
@given(cohort=cohorts())
def test_records_that_are_kept_already_bring_no_error(cohort: Cohort) -> None:
    registry = {
        (kind_of(one), one.patient, one.number): one for one in records_of(cohort)
    }
    entries = [
        Entry(
            kind,
            patient,
            number,
            {
                field.name: text_of(getattr(one, field.name))
                for field in fields_of(type(one))
            },
            kind,
            row,
            "record_id",
        )
        for row, ((kind, patient, number), one) in enumerate(registry.items(), start=2)
    ]

    given_ = given_records(entries, registry, RULES)

    assert given_.faults == ()
    assert cohort_of(given_.records.values()) == cohort
    assert list(change_faults(given_, registry)) == []
    assert {
        fault.severity
        for fault in union_faults(given_, registry, today=TODAY, rules=RULES)
    } <= {"warning"}


def test_a_course_that_cannot_be_read_makes_no_other_fault() -> None:
    entries = [
        entry("patient", 1),
        entry("course", 1, start_date="2020", reirradiation="no"),
        entry("course", 2, start_date="2022-01-01", reirradiation="yes"),
        entry("lesion", 1, course="1"),
    ]

    given_ = given_records(entries, {}, RULES)

    assert [fault.column for fault in given_.faults] == ["course_start_date"]
    assert list(union_faults(given_, {}, today=TODAY, rules=RULES)) == []
