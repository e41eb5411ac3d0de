import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reirrad.core.assessment import Assessment
from reirrad.core.findings import Finding
from reirrad.core.review import UNREVIEWED, Review
from reirrad.reports.document import report_document
from reirrad.reports.figures import report_figures
from reirrad.reports.pdf import pdf_report
from reirrad.reports.wording import TIMES
from tests.reports.reviews import APPROVED, REJECTED, SUPERSEDED
from tests.reports.specimens import (
    PATIENT_ID,
    single_course,
    three_courses,
    two_courses,
    undetermined,
)


def pdf(assessment: Assessment, review: Review = UNREVIEWED) -> bytes:
    pictures = report_figures(assessment)
    return pdf_report(report_document(assessment, pictures, review), pictures)


def pages(written: bytes) -> list[str]:
    """Text of every page, with white space made single."""
    reader = pytest.importorskip("pypdf").PdfReader(io.BytesIO(written))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def crowded() -> Assessment:
    """More of everything than a page was made for."""
    assessment = three_courses()
    name = "PRV_of_an_organ_with_a_rather_long_name_5mm"
    structures = tuple(
        replace(assessment.structures[1], name=f"{name}_{number}")
        for number in range(30)
    )
    constraints = tuple(
        replace(assessment.constraints[2], structure=structure.name)
        for structure in structures
    )
    findings = tuple(
        Finding("grid-cut", "warning", f"course {number}", "The dose grid ends. " * 60)
        for number in range(12)
    )
    courses = tuple(
        replace(course, plan_label="LIVER_S7_with_a_long_label" * 3)
        for course in assessment.courses
    )
    patient = replace(assessment.patient, name="Longname" * 12)
    return replace(
        assessment,
        structures=structures,
        constraints=constraints,
        findings=findings,
        courses=courses,
        patient=patient,
    )


def test_a_pdf_opens_and_embeds_its_font() -> None:
    written = pdf(two_courses())
    assert written.startswith(b"%PDF-")
    assert b"DejaVuSans" in written
    assert b"/FontFile2" in written


def test_page_one_holds_verdict_numbers_and_warning() -> None:
    first, *rest = pages(pdf(two_courses()))
    for words in (
        "Type 1B",
        "Żółć, Maëlle",
        PATIENT_ID,
        "412.6 cc",
        "1283.4 cc",
        "18.4 cc",
        "✗ exceeded",
        "⚠ review",
        "type 1",
        f"50 Gy in 5 {TIMES} 10 Gy",
        "343 days (11.3 months)",
        "Dice of 0.71",
    ):
        assert words in first
    assert 4 <= len(rest) <= 6


@pytest.mark.parametrize(
    "specimen",
    [
        two_courses,
        three_courses,
        undetermined,
        single_course,
        pytest.param(crowded, marks=pytest.mark.slow),
    ],
)
def test_the_front_page_is_one_page(specimen: Callable[[], Assessment]) -> None:
    first, second, *_ = pages(pdf(specimen()))
    assert "Re-SBRT type" in first
    assert "Overlap and type of re-irradiation" not in first
    assert "Overlap and type of re-irradiation" in second


def test_every_page_names_patient_date_purpose_and_number() -> None:
    found = pages(pdf(two_courses()))
    for number, text in enumerate(found, start=1):
        assert f"Patient {PATIENT_ID} · 2026-03-05" in text
        assert "Not a medical device." in text
        assert f"Page {number} of {len(found)}" in text


@pytest.mark.parametrize(
    ("review", "words"),
    [
        (UNREVIEWED, "REGISTRATION NOT REVIEWED"),
        (REJECTED, "REGISTRATION REJECTED"),
        (SUPERSEDED, "SUPERSEDED BY VERSION 5"),
    ],
)
def test_what_does_not_count_says_so_twice_on_every_page(
    review: Review, words: str
) -> None:
    for text in pages(pdf(two_courses(), review)):
        assert text.count(words) == 2


def pieces(page: Any) -> list[str]:
    """Text of a page in the order in which it is painted."""
    found: list[str] = []
    page.extract_text(visitor_text=lambda text, *_: found.append(text.strip()))
    return [text for text in found if text]


def test_what_is_written_across_lies_under_the_numbers() -> None:
    reader = pytest.importorskip("pypdf").PdfReader(io.BytesIO(pdf(two_courses())))
    for page in reader.pages:
        first, second, *rest = pieces(page)
        assert first == second == "REGISTRATION NOT REVIEWED"
        assert len(rest) > 5


def test_an_approved_report_has_nothing_across_it() -> None:
    found = pages(pdf(two_courses(), APPROVED))
    assert "approved by Paul Maß (physician) on 2026-03-07" in found[0]
    assert not re.search(
        "NOT REVIEWED|NOT APPROVED|REJECTED|SUPERSEDED", " ".join(found)
    )


@pytest.mark.parametrize("review", [REJECTED, APPROVED, SUPERSEDED])
def test_signatures_leave_the_front_page_one_page(review: Review) -> None:
    assert review.registration_by is not None
    long = replace(review.registration_by, comment="The liver edge is off. " * 80)
    _, second, *_ = pages(pdf(three_courses(), replace(review, registration_by=long)))
    assert "Overlap and type of re-irradiation" in second


def test_a_withheld_verdict_names_no_type_on_any_page() -> None:
    found = pages(pdf(undetermined()))
    assert "VERDICT WITHHELD" in found[0]
    assert "not available" in found[0]
    assert not re.search(r"Type (1A|1B|2)|type [12]\b", " ".join(found))


def test_the_same_assessment_gives_the_same_bytes() -> None:
    assert pdf(undetermined()) == pdf(undetermined())


def test_markup_in_a_name_is_printed_as_it_stands() -> None:
    assessment = two_courses()
    vile = replace(assessment.patient, name="<b>&amp;</b><font>$x$")
    first, *_ = pages(pdf(replace(assessment, patient=vile)))
    assert "<b>&amp;</b><font>$x$" in first


def test_letters_that_the_font_lacks_become_a_box() -> None:
    assessment = two_courses()
    patient = replace(assessment.patient, name="山田\x07")
    first, *_ = pages(pdf(replace(assessment, patient=patient)))
    assert "□□" in first
