"""What contradicts itself is told, and what does not is not."""

from dataclasses import replace
from typing import Any

import pytest

from reirrad.core.cohort.clinical_records import (
    FollowUp,
    Laboratory,
    Progression,
    Response,
)
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort, cohort_of
from reirrad.stats.problems import problems_of
from tests.stats.cohorts import COHORT, START, A, B, after, again, ask, sample


def problems(*records: Record) -> list[str]:
    found = problems_of(ask(cohort_of(records)))
    return [sentence.partition(": ")[2] for sentence in found]


def changed(kind: type[Record], **values: Any) -> list[Record]:
    """Patient A with other values in the record of a kind."""
    return [replace(one, **values) if type(one) is kind else one for one in A]


SOUND = changed(type(again("A")), oligometastatic_state_reported=None)


def sound_but(*records: Record) -> list[str]:
    keys = {(type(one), one.number) for one in records}
    kept = [one for one in SOUND if (type(one), one.number) not in keys]
    return problems(*kept, *records)


def test_a_sound_patient_has_no_problem() -> None:
    assert problems(*SOUND) == []


def test_the_state_that_the_tree_does_not_give_is_told() -> None:
    (found,) = problems(*A)
    assert "reported metachronous_oligorecurrence" in found
    assert "repeat_oligorecurrence" in found


def test_what_lies_after_death_is_told() -> None:
    died = FollowUp(patient="A", death_date=after(50), toxicity_recorded=True)
    found = sound_but(died)
    assert any("after death on" in sentence for sentence in found)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"ov2gy_organ_cc": 0.0}, "make it 2"),
        ({"ov50_organ_cc": 4.0}, "make it 1B"),
        ({"ov2gy_organ_cc": 20.0, "resbrt_type": "2"}, "is type 2 (strict)"),
        (
            {"ov2gy_organ_cc": 20.0},
            "is type 1A (as applied, up to 30 cc count as none)",
        ),
    ],
)
def test_a_type_that_the_volumes_do_not_give_is_told(
    values: dict[str, Any], expected: str
) -> None:
    (overlap,) = [one for one in A if isinstance(one, Overlap)]
    found = sound_but(replace(overlap, **values))
    assert any(expected in sentence for sentence in found)


def test_an_undetermined_type_contradicts_nothing() -> None:
    (overlap,) = [one for one in A if isinstance(one, Overlap)]
    unknown = replace(
        overlap, resbrt_type="undetermined", as_applied_type="undetermined"
    )
    assert sound_but(unknown) == []


def test_a_recorded_response_that_the_sums_do_not_give_is_told() -> None:
    response = Response(
        patient="A",
        number=2,
        date=after(60),
        sum_of_diameters_mm=20.0,
        new_lesion=False,
        category="SD",
    )
    (found,) = sound_but(response)
    assert found == (
        "response on 2020-03-10 is recorded as SD, but the sums of diameters make it "
        "PR; the recorded one counts."
    )


def test_a_local_progression_of_no_lesion_is_told_where_there_are_several() -> None:
    found = sound_but(Progression(patient="A", date=after(100), place="local"))
    assert any("does not say of which lesion" in sentence for sentence in found)


def test_toxicity_of_a_patient_who_is_not_in_the_table_is_told() -> None:
    unasked = FollowUp(
        patient="A", last_contact_date=after(487), last_imaging_date=after(400)
    )
    raised: list[Laboratory] = [
        sample("A", number=1, date=START, value=30.0),
        sample("A", number=2, date=after(30), value=121.0),
    ]
    (found,) = sound_but(unasked, *raised)
    assert found.startswith("toxicity or abnormal laboratory values are kept (1)")


def test_a_sample_whose_unit_cannot_be_converted_is_told() -> None:
    wrong = sample("A", date=after(30), value=900.0, unit="g/l")
    found = sound_but(wrong)
    assert any("cannot be converted" in sentence for sentence in found)


def test_what_keeps_figures_from_being_given_is_told() -> None:
    found = problems_of(ask(COHORT))
    of_c = [sentence for sentence in found if sentence.startswith("C: ")]
    assert len(of_c) == 2
    assert "survival is missing" in of_c[0]
    assert "progression-free survival" in of_c[1]
    of_d = [sentence for sentence in found if sentence.startswith("D: ")]
    assert "no course that started earlier" in of_d[0]
    assert [sentence.partition(" has ")[2] for sentence in of_d[1:]] == [
        "no last day; its times to an event are missing.",
        "no lesion; outputs of lesions do not count it.",
        "no overlap recorded.",
    ]


def test_a_previous_course_that_is_not_there_is_told() -> None:
    lost = again("B", previous_course=9)
    others = [one for one in B if not (type(one) is type(lost) and one.number == 2)]
    found = problems(*others, lost)
    assert any("course 2, previous_course 9" in sentence for sentence in found)


def test_patients_without_reirradiation_are_not_judged() -> None:
    assert problems_of(ask(Cohort())) == ()
    assert not any(sentence.startswith("E") for sentence in problems_of(ask(COHORT)))
