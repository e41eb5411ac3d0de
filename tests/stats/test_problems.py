"""What contradicts itself is told, and what does not is not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reirrad.core.cohort.clinical_records import (
    FollowUp,
    Laboratory,
    Progression,
    Response,
    Toxicity,
)
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort, cohort_of
from reirrad.core.cohort.treatment_records import Course
from reirrad.stats.problems import gaps_of, problems_of
from tests.stats.cohorts import (
    COHORT,
    START,
    A,
    B,
    after,
    again,
    ask,
    first_course,
    liver,
    sample,
    with_records,
    with_two_assessments,
)


def problems(*records: Record) -> list[str]:
    found = problems_of(ask(cohort_of(records)))
    return [sentence.partition(": ")[2] for sentence in found]


def gaps(*records: Record) -> list[str]:
    found = gaps_of(ask(cohort_of(records)))
    return [sentence.partition(": ")[2] for sentence in found]


def changed(kind: type[Record], **values: Any) -> list[Record]:
    """Patient A with other values in the record of a kind."""
    return [replace(one, **values) if type(one) is kind else one for one in A]


SOUND = changed(type(again("A")), oligometastatic_state_reported=None)


def sound_but(*records: Record) -> list[str]:
    keys = {(type(one), one.number) for one in records}
    kept = [one for one in SOUND if (type(one), one.number) not in keys]
    return problems(*kept, *records)


def gaps_but(*records: Record) -> list[str]:
    keys = {(type(one), one.number) for one in records}
    kept = [one for one in SOUND if (type(one), one.number) not in keys]
    return gaps(*kept, *records)


def test_a_sound_patient_has_no_problem() -> None:
    assert problems(*SOUND) == []
    assert gaps(*SOUND) == []


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
    (found,) = gaps_but(Progression(patient="A", date=after(100), place="local"))
    assert found.startswith("local progression 1 does not say of which lesion")


def test_toxicity_of_a_patient_who_is_not_in_the_table_is_told() -> None:
    unasked = FollowUp(
        patient="A", last_contact_date=after(487), last_imaging_date=after(400)
    )
    raised: list[Laboratory] = [
        sample("A", number=1, date=START, value=30.0),
        sample("A", number=2, date=after(30), value=121.0),
    ]
    (found,) = gaps_but(unasked, *raised)
    assert found.startswith("toxicity or abnormal laboratory values are kept (1)")


def test_a_sample_whose_unit_cannot_be_converted_is_told() -> None:
    wrong = sample("A", date=after(30), value=900.0, unit="g/l")
    found = sound_but(wrong)
    assert any("cannot be converted" in sentence for sentence in found)


def test_what_keeps_figures_from_being_given_is_told() -> None:
    found = gaps_of(ask(COHORT))
    of_c = [sentence for sentence in found if sentence.startswith("C: ")]
    assert len(of_c) == 2
    assert "survival is missing" in of_c[0]
    assert "progression-free survival" in of_c[1]
    of_d = [sentence for sentence in found if sentence.startswith("D: ")]
    assert [sentence.partition(" has ")[2] for sentence in of_d] == [
        "no last day; its times to an event are missing.",
        "no lesion; outputs of lesions do not count it.",
        "no overlap.",
    ]
    (wrong,) = [one for one in problems_of(ask(COHORT)) if one.startswith("D: ")]
    assert "no course that started earlier" in wrong


def test_an_overlap_with_another_course_than_the_named_one_is_none() -> None:
    named = again("A", previous_course=3)
    kept = [one for one in SOUND if (type(one), one.number) != (type(named), 2)]
    found = gaps(*kept, named)
    assert "re-irradiation course 2 has no overlap with course 3, which it names." in (
        found
    )


def of_b(found: tuple[str, ...]) -> list[str]:
    return [one.removeprefix("B: ") for one in found if one.startswith("B: ")]


def third(**values: Any) -> Record:
    (course,) = (one for one in B if isinstance(one, Course) and one.number == 3)
    return replace(course, **values)


def with_first(**values: Any) -> Overlap:
    (found,) = (one for one in B if isinstance(one, Overlap) and one.number == 2)
    return replace(found, **values)


def test_a_named_course_that_lowers_the_type_is_told() -> None:
    """The overlap with the first makes it 1B, and the second is named."""
    higher = with_first(resbrt_type="1B", ov50_organ_cc=5.0, ov2gy_organ_cc=50.0)
    cohort = with_records(COHORT, third(previous_course=2), higher)
    said = [one for one in of_b(problems_of(ask(cohort))) if "it names" in one]
    assert "\n".join(said) == (
        "course 3 is type 1A beside course 2, which it names; its overlap with course "
        "1 makes it 1B and does not count. Empty previous_course to have every overlap "
        "count."
    )
    for sound in (
        with_records(COHORT, third(previous_course=2)),
        with_records(COHORT, higher),
    ):
        assert "it names" not in " ".join(of_b(problems_of(ask(sound))))


def test_an_unknown_type_that_could_be_the_highest_is_told() -> None:
    expected = (
        "re-irradiation course 3 has no type, as that of its overlap with course 1 is "
        "not determined and could be the highest."
    )
    for kind in ("undetermined", None):
        unknown = with_first(resbrt_type=kind)
        assert expected in of_b(gaps_of(ask(with_records(COHORT, unknown))))
    assert expected not in of_b(gaps_of(ask(COHORT)))


def test_an_overlap_that_nobody_measured_is_told() -> None:
    expected = (
        "re-irradiation course 3 has no overlap with course 1; its type is by the "
        "others alone."
    )
    lacking = [one for one in B if not (isinstance(one, Overlap) and one.number == 2)]
    assert expected in gaps(*lacking)
    assert expected not in gaps(*B)
    named = [one for one in lacking if one != third()]
    assert expected not in gaps(*named, third(previous_course=2))


def test_a_sum_of_too_few_courses_is_told() -> None:
    expected = (
        "no assessment sums every course up to re-irradiation course 3: course 1 is "
        "lacking, and no sum of fewer counts. Assess them together."
    )
    fewer, all_three = (
        liver("B", number=number, mean_gy=9.0, assessment=number) for number in (2, 1)
    )
    assert expected in of_b(gaps_of(ask(with_two_assessments(fewer))))
    told = of_b(gaps_of(ask(with_two_assessments(fewer, all_three))))
    assert expected not in told


def test_a_death_on_an_unknown_day_is_told_once() -> None:
    died = FollowUp(
        patient="A",
        death_cause="cancer",
        last_contact_date=after(487),
        toxicity_recorded=True,
    )
    (found,) = gaps_but(died)
    assert found.startswith("a cause of death is recorded and no date of death; ")
    assert gaps_but(replace(died, death_date=after(487), last_contact_date=None)) == []


def test_a_response_after_the_last_imaging_is_told() -> None:
    seen = FollowUp(
        patient="A",
        last_contact_date=after(487),
        last_imaging_date=after(59),
        toxicity_recorded=True,
    )
    (found,) = sound_but(seen)
    assert found == (
        "the last imaging is recorded as 2020-03-09, but a response was seen on "
        "2020-03-10; the later day counts."
    )
    assert sound_but(replace(seen, last_imaging_date=after(60))) == []


def test_a_new_lesion_beside_a_category_is_told_with_the_records_alone() -> None:
    seen = Response(
        patient="A", number=2, date=after(100), new_lesion=True, category="SD"
    )
    (found,) = sound_but(seen)
    assert found.endswith("a new lesion is progression by RECIST 1.1; expected PD.")


def test_toxicity_of_the_first_day_that_counts_as_baseline_is_told() -> None:
    first = Toxicity(patient="A", date=START, term="abdominal_pain", grade=2)
    (found,) = gaps_but(first)
    assert found == (
        "toxicity 1 (abdominal pain, grade 2) is of the first day of the "
        "re-irradiation and neither names a re-irradiation nor is attributed to it; it "
        "counts as baseline and is not in the toxicity table."
    )
    assert gaps_but(replace(first, course=2)) == []
    assert gaps_but(replace(first, date=START - timedelta(1))) == []


def test_courses_that_overlap_in_time_have_no_interval_and_this_is_told() -> None:
    first = replace(first_course("A"), end_date=START + timedelta(1))
    (found,) = gaps_but(first)
    assert found == (
        "re-irradiation course 2 began on 2020-01-01, and course 1 before it ended on "
        "2020-01-02; the interval between them is missing."
    )
    assert gaps_but(replace(first, end_date=START)) == []


def test_a_progression_by_the_sum_alone_is_told() -> None:
    grown = Response(
        patient="A",
        number=2,
        date=after(60),
        sum_of_diameters_mm=80.0,
        new_lesion=False,
    )
    (found,) = gaps_but(grown)
    assert found == (
        "the sum of diameters on 2020-03-10 is a progression, and none is recorded up "
        "to then; it counts as one."
    )
    assert gaps_but(replace(grown, date=after(100))) == []  # recorded that day


def test_a_recorded_progression_of_the_response_is_told_once_with_the_records() -> None:
    response = Response(patient="A", number=2, date=after(60), category="PD")
    (found,) = sound_but(response)
    assert "none is recorded up to this day; it counts as one" in found
    assert gaps_but(response) == []


def test_a_laboratory_value_that_cannot_be_graded_is_told() -> None:
    unknown = sample("A", date=after(30), value=900.0, upper_normal=None)
    (found,) = gaps_but(unknown)
    assert found.startswith(
        "the laboratory value of 2020-02-09 cannot be graded as alanine"
    )


def test_a_previous_course_that_is_not_there_is_told() -> None:
    lost = again("B", previous_course=9)
    others = [one for one in B if not (type(one) is type(lost) and one.number == 2)]
    found = problems(*others, lost)
    assert any("course 2, previous_course 9" in sentence for sentence in found)


def test_patients_without_reirradiation_are_not_judged() -> None:
    assert problems_of(ask(Cohort())) == gaps_of(ask(Cohort())) == ()
    told = (*problems_of(ask(COHORT)), *gaps_of(ask(COHORT)))
    assert not any(sentence.startswith("E") for sentence in told)
