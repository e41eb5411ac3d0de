from dataclasses import replace

from reirrad.reports.blocks import Figure, Paragraph, Section, Table
from reirrad.reports.cohort_captions import endpoint_key
from reirrad.reports.cohort_document import (
    MOST_ROWS,
    CohortDocument,
    cohort_document,
    cohort_tables,
)
from reirrad.stats.cohort_results import CohortResults
from reirrad.stats.results import AtHorizon, Output, OutputRow, Share, Shares
from tests.reports.cohort_specimen import NO_RESULTS, cohort_results, many_patients

PICTURES = (
    "overall_survival",
    "progression_free_survival",
    "local_progression",
    "swimmer",
    "overlap",
    "dose_response_01",
)


def section(document: CohortDocument, anchor: str) -> Section:
    (found,) = [one for one in document.sections if one.anchor == anchor]
    return found


def paragraphs(part: Section) -> str:
    return " ".join(b.text for b in part.blocks if isinstance(b, Paragraph))


def test_sections_stand_in_the_order_in_which_they_are_read() -> None:
    document = cohort_document(cohort_results(), PICTURES)
    assert [one.anchor for one in document.sections] == [
        "answer",
        "population",
        "courses",
        "survival",
        "by-group",
        "patients",
        "overlap",
        "toxicity",
        "limits",
        "treatment",
        "adaptation",
        "reporting",
        "problems",
        "methods",
        "definitions",
    ]
    assert document.header == "18 patients · 20 courses · 25 lesions"


def test_the_head_counts_units_completeness_and_contradictions() -> None:
    facts = {one.label: one for one in cohort_document(cohort_results(), ()).facts}
    assert [facts[name].value for name in ("Patients", "Courses", "Lesions")] == [
        "18",
        "20",
        "25",
    ]
    assert facts["Reporting items"].value == "1 of 3"
    assert facts["Problems"].tone == "warn"
    assert facts["Follow-up, months"].detail == (
        "median of 14 patients, reverse Kaplan-Meier"
    )


def test_only_figures_that_could_be_drawn_are_shown() -> None:
    document = cohort_document(cohort_results(), ("swimmer",))
    shown = [
        block.key
        for part in document.sections
        for block in part.blocks
        if isinstance(block, Figure)
    ]
    assert shown == ["swimmer"]


def test_contradictions_are_announced_on_the_first_page() -> None:
    results = cohort_results()
    assert "1 contradiction and 2 gaps in the registry" in paragraphs(
        section(cohort_document(results, ()), "answer")
    )
    consistent = cohort_document(replace(results, problems=(), gaps=()), ())
    assert paragraphs(section(consistent, "answer")).count("contradiction") == 0
    lacking = cohort_document(replace(results, problems=()), ())
    assert "2 gaps in the registry" in paragraphs(section(lacking, "answer"))
    assert "problems" not in [one.anchor for one in consistent.sections]


def test_an_empty_registry_says_so_and_prints_no_figure_or_table() -> None:
    document = cohort_document(NO_RESULTS, ())
    assert "nothing to report" in paragraphs(document.sections[0])
    assert not any(
        isinstance(block, Table | Figure)
        for part in document.sections
        for block in part.blocks
    )


def test_every_time_that_was_asked_for_has_its_answer() -> None:
    results = cohort_results()
    later = AtHorizon(24.0, None, None, None, 0, "nobody")
    survival = tuple(replace(one, at=(*one.at, later)) for one in results.survival)
    tables = cohort_tables(replace(results, survival=survival))
    assert {
        "outcome_12_months",
        "outcome_24_months",
        "outcome_12_months_by_group",
        "outcome_24_months_by_group",
    } <= set(tables)


def test_a_large_cohort_is_shortened_in_the_report_and_whole_in_the_files() -> None:
    results = many_patients(1000)
    courses = section(cohort_document(results, ("swimmer",)), "courses")
    lengths = [len(b.rows) for b in courses.blocks if isinstance(b, Table)]
    assert lengths == [MOST_ROWS, MOST_ROWS]
    assert "The first 100 of 1000 lines; all are in tables/table3_courses.csv." in (
        paragraphs(courses)
    )
    assert len(cohort_tables(results)["table3_courses"].table.rows) == 1000
    (swimmer,) = section(cohort_document(results, ("swimmer",)), "patients").blocks
    assert isinstance(swimmer, Figure)
    assert "40 of 1000 patients" in swimmer.caption


def test_the_caption_tells_how_many_patients_have_no_line_and_why() -> None:
    def caption(results: CohortResults) -> str:
        document = cohort_document(results, ("swimmer",))
        (swimmer,) = section(document, "patients").blocks
        assert isinstance(swimmer, Figure)
        return swimmer.caption

    results = cohort_results()  # 18 patients, 10 lines
    assert "8 patients of 18 without a line: the last day" in caption(results)
    assert "without a line" not in caption(replace(results, n_patients=10))


def test_the_caption_of_a_curve_names_units_events_and_missing() -> None:
    document = cohort_document(cohort_results(), ("overall_survival",))
    (figure,) = section(document, "survival").blocks
    assert isinstance(figure, Figure)
    assert "14 patients, 4 events, 1 missing" in figure.caption
    assert "fewer than 5 at risk" in figure.caption


def test_names_of_files_are_plain() -> None:
    assert endpoint_key("progression-free survival") == "progression_free_survival"


def test_limits_that_every_course_keeps_are_counted_and_not_listed() -> None:
    results = cohort_results()

    def verdicts(item: str, met: int, exceeded: int) -> OutputRow:
        shares = (
            Share("met", met, met + exceeded, 0.0, 1.0),
            Share("exceeded", exceeded, met + exceeded, 0.0, 1.0),
        )
        return OutputRow("all", item, "", Shares(shares, 0))

    rows = (verdicts("kept", 5, 0), verdicts("passed", 4, 1), verdicts("asked", 0, 0))
    limits = Output("O19", "Limits", "course", "", rows, ())
    document = cohort_document(replace(results, outputs=(limits,)), ())
    (section,) = [one for one in document.sections if one.anchor == "limits"]
    (table,) = [one for one in section.blocks if isinstance(one, Table)]
    assert [row.cells[0].text for row in table.rows] == ["passed", "asked"]
    (sentence,) = [one for one in section.blocks if isinstance(one, Paragraph)]
    assert sentence.text.startswith("1 more limit was met by every course")
