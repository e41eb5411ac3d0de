from dataclasses import replace

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
from tests.reports.reviews import (
    ACCEPTED,
    APPROVED,
    PHYSICIAN,
    PHYSICIST,
    REJECTED,
    SUPERSEDED,
)

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
    single = Review(registered=False)
    assert review_banner(single) == "ASSESSMENT NOT APPROVED"
    assert "Nobody has looked" not in written(review_section(single))
    assert f"Registration | none: one course | {NONE}" in written(
        review_section(single)
    )
    assert review_lines(single)[0] == "No registration: one course."
    signed = replace(single, assessment="approved", assessment_by=PHYSICIAN)
    assert review_banner(signed) is None


def test_a_newer_version_is_named_in_the_approval_of_an_older_one() -> None:
    beside = replace(APPROVED, newer=4)
    sentence = "Version 4 exists and is not approved."
    assert review_lines(beside)[-1] == sentence
    assert sentence in written(review_section(beside))
    superseded = replace(SUPERSEDED, newer=4)
    assert sentence not in review_lines(superseded)


def test_a_name_that_anybody_may_have_typed_is_no_role() -> None:
    typed = replace(PHYSICIST, role="", comment="")
    assert review_lines(Review("accepted", typed))[0] == (
        "The registration was accepted by Anna Nowak (name typed, nobody was signed "
        "in) on 2026-03-06."
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
