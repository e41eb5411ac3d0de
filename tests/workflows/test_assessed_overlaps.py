"""What a person entered of an overlap stays, and what an assessment said goes."""

from dataclasses import replace

from reirrad.core.cohort.dose_records import Overlap
from reirrad.workflows.assessed_overlaps import entered_overlaps, overlaps_beside

PERSON = Overlap(
    patient="P1", number=4, first=1, second=2, resbrt_type="1B", ov50_organ_cc=9.0
)
FOUND = Overlap(
    patient="P1",
    first=1,
    second=2,
    assessment=3,
    organ="Liver",
    ov50_organ_cc=9.0,
    ov2gy_organ_cc=50.0,
    resbrt_type="1B",
    as_applied_type="1B",
)


def test_what_an_assessment_said_is_replaced() -> None:
    older = replace(FOUND, number=7, assessment=1, resbrt_type="2")
    assert overlaps_beside([FOUND], [older]) == ((replace(FOUND, number=7),), [])


def test_what_a_person_left_empty_is_filled_where_all_else_agrees() -> None:
    filled = replace(FOUND, number=4, assessment=None)
    assert overlaps_beside([FOUND], [PERSON]) == ((filled,), [])


def test_nothing_is_filled_beside_another_measurement() -> None:
    """Else a type as applied of 2 would stand beside volumes of a 1B."""
    other = replace(FOUND, ov50_organ_cc=0.0, resbrt_type="2", as_applied_type="2")
    records, remarks = overlaps_beside([other], [PERSON])
    assert records == (PERSON,)
    assert [remark.partition(" stays ")[0] for remark in remarks] == [
        "overlap 4: ov50_organ_cc",
        "overlap 4: resbrt_type",
        "overlap 4: what is empty",
    ]


def test_an_overlap_without_any_value_was_not_entered() -> None:
    bare = Overlap(patient="P1", number=4, first=1, second=2)
    assert entered_overlaps([bare]) == {}
    assert overlaps_beside([FOUND], [bare]) == ((replace(FOUND, number=4),), [])


def test_beside_an_assessment_a_person_s_is_another_record() -> None:
    older = replace(FOUND, number=7, assessment=1)
    records, remarks = overlaps_beside([FOUND], [PERSON, older])
    assert (records, remarks) == ((replace(FOUND, number=7),), [])
    assert entered_overlaps([PERSON, older]) == {}
