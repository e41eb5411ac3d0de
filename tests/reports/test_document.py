from collections.abc import Iterator
from dataclasses import replace

from reirrad.core.assessment import Assessment
from reirrad.core.findings import Finding
from reirrad.core.review import Review
from reirrad.reports.blocks import (
    Document,
    Figure,
    Items,
    Paragraph,
    Section,
    Subheading,
    Table,
)
from reirrad.reports.document import report_document
from reirrad.reports.emphasis import leading_pair
from tests.reports.reviews import APPROVED, PHYSICIST
from tests.reports.specimens import (
    single_course,
    three_courses,
    two_courses,
    undetermined,
)

PICTURES = ("planes", "fusion", "dvh-1")


def built(assessment: Assessment) -> Document:
    return report_document(assessment, PICTURES)


def section(document: Document, anchor: str) -> Section:
    (found,) = (item for item in document.sections if item.anchor == anchor)
    return found


def texts(part: Section) -> Iterator[str]:
    for block in part.blocks:
        match block:
            case Table():
                for row in block.rows:
                    yield from (cell.text for cell in row.cells)
            case Items():
                yield from (item.text for item in block.items)
            case Paragraph() | Subheading():
                yield block.text
            case Figure():
                yield block.caption


def table_rows(part: Section, table: int = 0) -> list[list[str]]:
    found = [block for block in part.blocks if isinstance(block, Table)][table]
    return [[cell.text for cell in row.cells] for row in found.rows]


def test_the_front_page_gives_type_and_overlap() -> None:
    front = built(two_courses()).front
    assert (front.verdict.word, front.verdict.tone) == ("Type 1B", "verdict")
    values = {fact.label: fact.value for fact in front.facts}
    assert values == {
        "Ov2Gy in Liver": "412.6 cc",
        "Ov50% in Liver": "18.4 cc",
        "Constraints exceeded": "1",
        "Constraints not evaluable": "3",
    }


def test_the_worst_organ_comes_first() -> None:
    organs = built(two_courses()).front.organs
    assert organs is not None
    assert [row.cells[0].text for row in organs.rows] == [
        "Stomach",
        "Liver",
        "SpinalCord",
    ]
    assert organs.rows[0].cells[-1].text == "✗ exceeded"


def test_the_type_as_applied_is_shown_only_where_it_differs() -> None:
    assessment = two_courses()
    assert "As the authors applied it" not in {
        badge.label for badge in built(assessment).front.badges
    }
    (pair,) = assessment.pairs
    other = replace(pair.classification, as_applied_type="1B*")
    changed = replace(assessment, pairs=(replace(pair, classification=other),))
    words = {badge.label: badge.word for badge in built(changed).front.badges}
    assert words["As the authors applied it"] == "Type 1B*"


def test_a_withheld_verdict_shows_no_class_and_the_reason() -> None:
    front = built(undetermined()).front
    assert (front.verdict.word, front.verdict.tone) == ("VERDICT WITHHELD", "withheld")
    assert "Dice of 0.41" in front.verdict.detail
    words = {badge.label: badge.word for badge in front.badges}
    assert words == {
        "ESTRO-EORTC": "withheld",
        "Registration by its numbers": "✗ rejected",
    }


def test_a_verdict_withheld_for_want_of_the_organ_says_so() -> None:
    assessment = undetermined()
    accepted = replace(two_courses().registrations[0], verdict="accepted")
    (pair,) = assessment.pairs
    why = replace(pair.classification, reasons=("No structure is named Liver.",))
    detail = built(
        replace(
            assessment,
            registrations=(accepted,),
            pairs=(replace(pair, classification=why),),
        )
    ).front.verdict.detail
    assert "No structure is named Liver." in detail
    assert "related in space" not in detail


def test_values_that_are_none_are_said_in_words() -> None:
    front = built(undetermined()).front
    assert [fact.value for fact in front.facts[:2]] == ["not available"] * 2
    rows = table_rows(section(built(undetermined()), "overlap"))
    assert {row[2] for row in rows} == {"not available"}
    doses = table_rows(section(built(undetermined()), "doses"))
    sums = [row for row in doses if row[0] == "Cumulative EQD2"]
    assert sums
    assert all(set(row[1:]) == {"not available"} for row in sums)


def test_a_single_course_has_no_verdict() -> None:
    front = report_document(single_course(), ()).front
    assert front.verdict.word == "One course only"
    assert front.verdict.tone not in {"verdict", "withheld"}
    assert front.picture is None
    assert [item.text for item in front.warnings.items] == ["No errors or warnings."]


def test_three_courses_lead_with_the_last_against_all_before() -> None:
    assessment = three_courses()
    leading = leading_pair(assessment)
    assert leading is not None
    assert (leading.earlier, leading.second) == ((1, 2), 3)
    front = built(assessment).front
    assert "course 3 after courses 1 and 2" in front.verdict.label
    assert front.pairs is not None
    assert len(front.pairs.rows) == 4


def test_without_a_united_pair_the_neighbouring_course_leads() -> None:
    leading = leading_pair(replace(three_courses(), united_pairs=()))
    assert leading is not None
    assert (leading.first, leading.second) == (2, 3)


def test_one_withheld_pair_among_several_is_named() -> None:
    assessment = three_courses()
    (withheld,) = undetermined().pairs
    front = built(replace(assessment, pairs=(withheld, *assessment.pairs[1:]))).front
    assert front.pairs is not None
    row = [cell.text for cell in front.pairs.rows[0].cells]
    assert row == [
        "Course 2 after course 1",
        "VERDICT WITHHELD",
        "not available",
        "not available",
    ]


def test_constraints_stand_exceeded_first_and_the_unknown_in_one_sentence() -> None:
    part = section(built(two_courses()), "constraints")
    verdicts = [row[4] for row in table_rows(part)]
    assert verdicts == ["✗ exceeded", "✓ met", "✓ met", "✓ met"]
    last = list(texts(part))[-1]
    assert last.startswith("3 constraints not evaluable")
    assert "(its value is not known: Bowel_Small D0.1cc, Duodenum D0.1cc, " in last
    assert last.endswith("Kidney_L D0.1cc).")


def test_every_object_stands_below_what_it_is_linked_to_and_says_how() -> None:
    rows = table_rows(section(built(two_courses()), "audit"))

    assert [row[0].count("\u00a0") for row in rows] == [0, 4, 8, 8, 12] * 2
    assert [row[1] for row in rows[:5]] == [
        "by patient ID",
        "by date",
        "by reference",
        "by frame of reference",
        "by reference",
    ]
    assert rows[4][0].endswith("MR, 100 slice(s)")
    assert rows[4][2] == "course1/MR_001.dcm"


def test_image_series_are_counted_not_listed() -> None:
    rows = table_rows(section(built(two_courses()), "audit"), 1)
    assert rows[0][0] == "1 RT Dose file refused"
    assert "RELATIVE" in rows[0][1]
    assert rows[1][0] == "224 CT Image files used"
    assert rows[1][2].endswith("and 221 more")
    assert len(rows) == 6


def test_findings_stand_errors_first() -> None:
    rows = table_rows(section(built(undetermined()), "findings"))
    assert [row[0] for row in rows] == ["✗ error", "⚠ warning", "information"]


def test_many_warnings_are_cut_short_on_the_front_page_only() -> None:
    long = "The dose grid ends inside the isodose. " * 20
    findings = tuple(
        Finding(f"code-{number}", "warning", f"course {number}", long)
        for number in range(9)
    )
    document = built(replace(two_courses(), findings=findings))
    items = document.front.warnings.items
    assert len(items) == 4
    assert items[-1].text == "6 more findings under Findings."
    assert all(len(item.text) < 320 for item in items)
    assert long in set(texts(section(document, "findings")))


def test_a_section_says_so_where_it_has_nothing_to_tell() -> None:
    document = report_document(
        replace(single_course(), assumptions=(), registrations=()), ()
    )
    assert all(section.blocks for section in document.sections)
    assert "No registration was needed." in texts(section(document, "registration"))


def test_what_nobody_reviewed_is_written_across_every_page() -> None:
    document = built(two_courses())
    assert document.banner == "REGISTRATION NOT REVIEWED"
    assert document.front.review is not None
    assert [item.text for item in document.front.review.items] == [
        "The registration is unreviewed.",
        "The assessment is unreviewed.",
    ]
    assert "⚠ unreviewed" in set(texts(section(document, "review")))


def test_an_approved_record_names_who_signed() -> None:
    document = report_document(two_courses(), PICTURES, APPROVED)
    assert document.banner is None
    assert document.front.review is not None
    assert {item.tone for item in document.front.review.items} == {"good"}
    said = set(texts(section(document, "review")))
    assert {"Anna Nowak (physicist)", "Paul Maß (physician)"} <= said
    assert "Vessels agree in 2 mm." in said


def test_a_long_comment_stands_whole_in_the_record_only() -> None:
    comment = "The dome of the liver is off. " * 40
    rejected = Review("rejected", replace(PHYSICIST, comment=comment))
    document = report_document(two_courses(), PICTURES, rejected)
    assert document.front.review is not None
    assert all(len(item.text) < 300 for item in document.front.review.items)
    assert comment in set(texts(section(document, "review")))


def test_a_single_course_has_no_registration_to_review() -> None:
    assert built(single_course()).banner == "ASSESSMENT NOT APPROVED"
