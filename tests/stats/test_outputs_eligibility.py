"""O8 to O12 counted by hand."""

from datetime import date

from reirrad.core.cohort.clinical_records import SystemicTherapy
from reirrad.core.cohort.records import Cohort
from reirrad.stats.outputs_eligibility import eligibility_outputs, systemic_during
from reirrad.stats.results import Output
from tests.stats.cohorts import COHORT, END, after, ask, counts, numbers, with_records


def output(number: int, cohort: Cohort = COHORT) -> Output:
    found = eligibility_outputs(ask(cohort))[number - 8]
    assert found.id == f"O{number}"
    return found


def test_o8_the_tree_decides_and_the_recorded_state_stands_beside_it() -> None:
    found = output(8)
    assert counts(found, "decision tree") == ({"repeat_oligorecurrence": 1}, 1, 3)
    assert counts(found, "as recorded") == ({"metachronous_oligorecurrence": 1}, 1, 3)
    assert found.notes == (
        "The state as recorded differs from the decision tree in 1 of 4 patients.",
    )


def test_o9_a_criterion_is_met_or_not_only_where_it_is_known() -> None:
    found = output(9)
    assert counts(found, "ECOG performance status") == ({"1": 1, "4": 1}, 2, 2)
    assert counts(found, "ECOG at most 3") == ({"ECOG at most 3": 1}, 2, 2)
    assert counts(found, "fewer than 5 lesions") == ({"fewer than 5 lesions": 1}, 1, 3)
    assert counts(found, "confirmed by histology")[1:] == (1, 3)


def test_o9_all_together_fail_with_the_first_that_fails() -> None:
    # A meets all; B has ECOG 4 though nothing else is known; C and D cannot be told.
    assert counts(output(9), "all of these") == ({"all of these": 1}, 2, 2)


def test_o10_no_record_is_not_read_as_no_therapy() -> None:
    found = output(10)
    assert counts(found, "first therapy") == ({"chemotherapy": 1}, 1, 3)
    # B's chemotherapy has no end, so that it went on.
    both = {"chemotherapy and immunotherapy": 1}
    assert counts(found, "kind after it") == (both, 1, 3)
    item = "recorded after the first re-irradiation"
    assert counts(found, item) == ({item: 1}, 4, 0)


def test_o10_a_therapy_that_ended_before_is_not_after() -> None:
    ended = SystemicTherapy(
        patient="B",
        number=1,
        start_date=date(2018, 1, 1),
        end_date=END,
        treatment="chemotherapy",
    )
    found = output(10, with_records(COHORT, ended))
    assert counts(found, "kind after it") == ({"immunotherapy": 1}, 1, 3)


def test_therapy_during_a_course_overlaps_it_by_a_day_at_least() -> None:
    def during(start: date, end: date | None) -> bool:
        therapy = SystemicTherapy(
            patient="A", start_date=start, end_date=end, treatment="targeted"
        )
        one = ask(with_records(COHORT, therapy)).patients[0]
        return systemic_during(one, one.first)

    assert during(date(2019, 1, 1), date(2020, 1, 1))
    assert during(END, None)
    assert not during(after(1), None)
    assert not during(date(2019, 1, 1), date(2019, 12, 31))


def test_o11_and_o12_gating() -> None:
    assert counts(output(11)) == ({"inspiration_hold": 1}, 1, 4)
    found = numbers(output(12), "cine imaging rate")
    assert (found.n, found.missing, found.mean) == (1, 4, 8.0)
    assert numbers(output(12), "boundary").n == 0
