import pytest

from reirrad.core.review import Review
from reirrad.reports.blocks import Paragraph, Section, Table
from reirrad.reports.review_wording import (
    review_banner,
    review_lines,
    review_section,
    review_tone,
)
from reirrad.reports.wording import NONE
from tests.reports.reviews import ACCEPTED, APPROVED, REJECTED, SUPERSEDED

ACCEPTED_LINE = (
    "The registration was accepted by Anna Nowak (physicist) on 2026-03-06: Vessels "
    "agree in 2 mm."
)


@pytest.mark.parametrize(
    ("review", "banner", "tone"),
    [
        (Review(), "REGISTRATION NOT REVIEWED", "warn"),
        (REJECTED, "REGISTRATION REJECTED", "bad"),
        (ACCEPTED, "ASSESSMENT NOT APPROVED", "warn"),
        (APPROVED, None, "good"),
        (SUPERSEDED, "SUPERSEDED BY VERSION 5", "bad"),
    ],
)
def test_the_banner_is_gone_with_the_approval_only(
    review: Review, banner: str | None, tone: str
) -> None:
    assert review_banner(review) == banner
    assert review_tone(review) == tone


def test_a_single_course_has_no_registration_to_review() -> None:
    assert review_banner(Review(), registered=False) == "ASSESSMENT NOT APPROVED"
    assert "Nobody has looked" not in written(
        review_section(Review(), registered=False)
    )


@pytest.mark.parametrize(
    ("review", "lines"),
    [
        (
            Review(),
            ("The registration is unreviewed.", "The assessment is unreviewed."),
        ),
        (ACCEPTED, (ACCEPTED_LINE, "The assessment is unreviewed.")),
        (
            APPROVED,
            (
                ACCEPTED_LINE,
                "The assessment was approved by Paul Maß (physician) on 2026-03-07.",
            ),
        ),
        (
            SUPERSEDED,
            (
                ACCEPTED_LINE,
                (
                    "The assessment was approved by Paul Maß (physician) on "
                    "2026-03-07; it is superseded by version 5."
                ),
            ),
        ),
    ],
)
def test_the_lines_name_who_and_when(review: Review, lines: tuple[str, str]) -> None:
    assert review_lines(review) == lines


def test_a_rejection_is_said_with_its_reason() -> None:
    line = review_lines(REJECTED)[0]
    assert "was rejected by Anna Nowak" in line
    assert line.endswith("Vessels agree in 2 mm.")


def written(section: Section) -> str:
    words = []
    for block in section.blocks:
        if isinstance(block, Table):
            words += [cell.text for row in block.rows for cell in row.cells]
        elif isinstance(block, Paragraph):
            words.append(block.text)
    return " | ".join(words)


def test_the_record_has_a_row_for_each_signature() -> None:
    assert written(review_section(APPROVED)) == (
        "This is version 2 of the case. | "
        "Registration | ✓ accepted | Anna Nowak (physicist) | 2026-03-06 10:12 | "
        "Vessels agree in 2 mm. | "
        "Assessment | ✓ approved | Paul Maß (physician) | 2026-03-07 08:00 | "
        f"{NONE}"
    )


def test_the_record_says_what_nobody_signed() -> None:
    text = written(review_section(Review()))
    assert f"Registration | ⚠ unreviewed | {NONE} | {NONE} | {NONE}" in text
    assert "Nobody has looked at the registration." in text


def test_the_record_names_the_version_that_took_its_place() -> None:
    assert "✗ superseded by version 5" in written(review_section(SUPERSEDED))
