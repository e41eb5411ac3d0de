"""O18 and O19 counted by hand; a limit that was not evaluated is never met."""

from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.records import Cohort
from reirrad.stats.outputs_organs import organ_outputs
from reirrad.stats.results import Output
from tests.stats.cohorts import (
    COHORT,
    B,
    ask,
    assessment,
    counts,
    limit,
    liver,
    numbers,
    row,
    with_records,
)

CUMULATIVE = "Duodenum, D0.1cc EQD2 <= 35 Gy, cumulative [1]"
AGAIN = "Duodenum, D0.1cc <= 35 Gy, re-irradiation [1]"
BEFORE = "Duodenum, D0.1cc <= 35 Gy, previous course [1]"


def output(number: int, cohort: Cohort) -> Output:
    found = organ_outputs(ask(cohort))[number - 18]
    assert found.id == f"O{number}"
    return found


def test_o18_previous_own_and_cumulative_dose_of_each_reirradiation() -> None:
    doses = [
        liver("A", number=1, course=1, quantity="physical", mean_gy=4.0),
        liver("A", number=2, course=2, quantity="physical", mean_gy=3.0),
        liver("A", number=3, mean_gy=9.0, alpha_beta_gy=2.5),
        liver("B", number=1, course=2, quantity="physical", mean_gy=5.0),
    ]
    found = output(18, with_records(COHORT, *doses))
    before = numbers(found, "previous course, physical")
    # B's course 2 is a re-irradiation, and the course before its course 3.
    assert (before.n, before.missing, before.mean) == (2, 3, 4.5)
    assert numbers(found, "re-irradiation, physical").mean == 4.0
    together = numbers(found, "cumulative, EQD2")
    assert (together.n, together.missing, together.mean) == (1, 4, 9.0)
    assert numbers(found, "cumulative, physical").n == 0
    assert found.notes == (
        "Where the liver less GTV was not measured, the whole liver stands for it.",
        "alpha/beta of the liver for EQD2: 2.5 Gy.",
    )


def test_o18_takes_the_liver_less_gtv_and_the_newest_assessment() -> None:
    doses = [
        liver("A", number=1, assessment=1, organ="Liver-GTV", mean_gy=7.0),
        liver("A", number=2, assessment=2, organ="Liver-GTV", mean_gy=8.0),
        liver("A", number=3, assessment=2, mean_gy=99.0),
    ]
    found = output(18, with_records(COHORT, *doses))
    assert numbers(found, "cumulative, EQD2").mean == 8.0
    assert found.notes == ("For some EQD2 of the liver alpha/beta is not recorded.",)


def test_o18_a_sum_belongs_to_the_latest_course_of_its_assessment() -> None:
    rows = [one for one in B if isinstance(one, Overlap)]
    assessed = [
        Overlap(
            patient="B",
            number=one.number,
            first=one.first,
            second=one.second,
            assessment=1 if one.second == 2 else 2,
            resbrt_type=one.resbrt_type,
        )
        for one in rows
    ]
    doses = [
        liver("B", number=1, assessment=1, mean_gy=6.0),
        liver("B", number=2, assessment=2, mean_gy=11.0),
    ]
    found = output(18, with_records(COHORT, *assessed, *doses))
    assert numbers(found, "cumulative, EQD2", "1B").mean == 6.0
    assert numbers(found, "cumulative, EQD2", "1A").mean == 11.0


def test_o19_each_scope_of_a_limit_is_a_line_of_its_own() -> None:
    checks = [
        limit("A", number=1, course=1),
        limit("A", number=2, course=2, verdict="exceeded"),
        limit("A", number=3, quantity="EQD2", verdict="not evaluable"),
    ]
    found = output(19, with_records(COHORT, *checks))
    assert counts(found, BEFORE) == ({"met": 1}, 1, 4)
    assert counts(found, AGAIN) == ({"exceeded": 1}, 1, 4)
    assert counts(found, CUMULATIVE) == ({"not evaluable": 1}, 1, 4)
    assert row(found, CUMULATIVE, "1B").stratum == "1B"


def test_o19_of_several_checks_the_worst_counts_and_met_needs_all() -> None:
    met, unknown, exceeded = "met", "not evaluable", "exceeded"
    for verdicts, expected in (
        ((met, met), met),
        ((met, unknown), unknown),
        ((exceeded, unknown), exceeded),
        ((met, exceeded), exceeded),
    ):
        checks = [
            limit("A", number=n, course=2, assessment=1, verdict=verdict)
            for n, verdict in enumerate(verdicts, start=1)
        ]
        found = output(19, with_records(COHORT, *checks))
        assert counts(found, AGAIN) == ({expected: 1}, 1, 4)


def test_o19_of_several_assessments_the_newest_counts() -> None:
    made = [
        assessment("A", number=1, created_at="2026-11-28T18:00:00Z"),
        assessment("A", number=2, created_at="2026-11-28T09:00:00Z"),
    ]
    checks = [
        limit("A", number=1, course=2, assessment=1, verdict="met"),
        limit("A", number=2, course=2, assessment=2, verdict="exceeded"),
    ]
    found = output(19, with_records(COHORT, *made, *checks))
    assert counts(found, AGAIN) == ({"met": 1}, 1, 4)


def test_o19_doses_of_organs_again_and_cumulative() -> None:
    doses = [
        liver(
            "A",
            number=1,
            organ="Duodenum",
            course=2,
            quantity="physical",
            d0_1cc_gy=20.0,
            mean_gy=5.0,
        ),
        liver("A", number=2, organ="Duodenum", d0_1cc_gy=60.0),
    ]
    found = output(19, with_records(COHORT, *doses))
    again = numbers(found, "Duodenum, D0.1cc, re-irradiation, physical")
    assert (again.n, again.missing, again.mean) == (1, 4, 20.0)
    assert numbers(found, "Duodenum, D0.1cc, cumulative, EQD2").mean == 60.0
    assert numbers(found, "Duodenum, mean, cumulative, EQD2").n == 0


def test_o19_without_checks_has_no_lines() -> None:
    assert output(19, COHORT).rows == ()
