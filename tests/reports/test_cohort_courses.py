from dataclasses import replace

from reirrad.reports.blocks import Row
from reirrad.reports.cohort_courses import (
    association_table,
    courses_table,
    doses_table,
    reporting_table,
    toxicity_seen,
    toxicity_table,
)
from reirrad.stats.cohort_results import ReportingItem, ToxicityRow
from tests.reports.cohort_specimen import (
    REFUSED,
    association,
    courses,
    toxicity,
)

DASH = "\N{EN DASH}"


def texts(rows: tuple[Row, ...]) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in rows]


def test_a_course_has_its_type_by_both_readings_and_its_overlaps() -> None:
    _, second, unknown = texts(courses_table(courses()).table.rows)
    assert second[:4] == ["PDDDDEEEEFFFF", "2", "1A", "2"]
    assert second[7:10] == ["27.8", "902", "0.0"]
    assert unknown[2:8] == [DASH] * 6


def test_prescriptions_of_lesions_stand_once_and_unknown_ones_are_dashes() -> None:
    first, second, unknown = texts(doses_table(courses()).table.rows)
    assert first[2] == "50/5 (100)"
    assert first[3] == f"35/5 (59.5); {DASH}/{DASH}"
    assert second[2] == DASH
    assert [row[4] for row in (first, second, unknown)] == ["yes", "no", DASH]


def test_toxicity_has_grades_denominator_and_interval() -> None:
    rows = texts(toxicity_table(toxicity()).table.rows)
    assert rows[0] == [
        *("any", "acute", "All", "2", "1", "0", "0", "0", "0", "3/18"),
        f"16.7 (3.6{DASH}41.4)",
    ]
    assert rows[1][-2:] == ["0/18", f"0.0 (0.0{DASH}18.5)"]
    assert rows[-1][-2:] == ["0/0", DASH]


def test_terms_that_happened_to_nobody_are_told_with_their_upper_limit() -> None:
    late = ToxicityRow("nausea", "late", "all", (0, 0, 0, 0, 0), 18, 0.0, 0.185302)
    rild = replace(late, term="classic RILD", window="any", ungraded=1)
    seen, sentences = toxicity_seen((*toxicity(), late, rild))
    assert rild in seen
    assert late not in seen
    assert f"No event, late: 0/18 (0.0{DASH}18.5 %) each for nausea." in sentences
    assert "Not recorded for any patient, acute: classic RILD." in sentences


def test_a_refused_relation_shows_its_reason_instead_of_numbers() -> None:
    found = (association(refused=False), association(refused=True))
    fitted, refused, reason = texts(association_table(found).table.rows)
    assert fitted[-3:] == ["10 Gy", "1.80 (1.05 to 3.90)", "0.031"]
    assert refused[-2:] == [DASH, DASH]
    assert reason == [REFUSED]


def test_an_item_is_complete_only_where_every_unit_has_it() -> None:
    items = (
        ReportingItem("Interval", "course", 20, 20, ""),
        ReportingItem("Therapy", "patient", 17, 18, ""),
        ReportingItem("Nothing to count", "patient", 0, 0, ""),
    )
    rows = reporting_table(items).table.rows
    assert [row.cells[2].tone for row in rows] == ["good", "warn", "warn"]
