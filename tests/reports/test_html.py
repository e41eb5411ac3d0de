import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from reirrad.core.assessment import Assessment
from reirrad.reports.document import report_document
from reirrad.reports.figures import report_figures
from reirrad.reports.html import html_report
from tests.reports.specimens import two_courses, undetermined

VILE = "<script>alert('x')</script>&\"$"


def page(assessment: Assessment) -> str:
    pictures = report_figures(assessment)
    return html_report(report_document(assessment, pictures), pictures)


class Tags(HTMLParser):
    """Every tag with its attributes, and which of them were left open."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    parser.close()
    return parser


@pytest.fixture(scope="module")
def html() -> str:
    return page(two_courses())


def test_the_page_is_well_formed(html: str) -> None:
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert tags(html).open == []


def test_the_page_needs_no_network_and_no_script(html: str) -> None:
    for tag, attributes in tags(html).seen:
        assert tag not in {"script", "link", "iframe", "object"}
        source = attributes.get("src") or "data:"
        assert source.startswith("data:image/png;base64,") or source == "data:"
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"url\(|@import", html)


def test_every_link_has_its_target(html: str) -> None:
    seen = tags(html).seen
    targets = {attributes.get("id") for _, attributes in seen}
    links = [attributes["href"] for tag, attributes in seen if tag == "a"]
    assert len(links) == 11
    assert all((link or "").removeprefix("#") in targets for link in links)


def test_every_picture_has_words_in_its_place(html: str) -> None:
    images = [attributes for tag, attributes in tags(html).seen if tag == "img"]
    assert len(images) == 3
    assert all(attributes.get("alt") for attributes in images)


def test_names_from_files_are_text_and_never_markup() -> None:
    assessment = two_courses()
    vile = replace(
        assessment,
        patient=replace(assessment.patient, name=VILE, id=VILE),
        courses=tuple(
            replace(course, plan_label=VILE) for course in assessment.courses
        ),
        structures=tuple(
            replace(structure, name=VILE) for structure in assessment.structures
        ),
        constraints=tuple(
            replace(result, structure=VILE) for result in assessment.constraints
        ),
        organ=VILE,
    )
    written = page(vile)
    assert "<script" not in written
    assert "&lt;script&gt;" in written
    assert tags(written).open == []


def test_a_withheld_verdict_looks_different_and_names_no_type() -> None:
    written = page(undetermined())
    assert '<div class="verdict withheld">' in written
    assert '<div class="verdict verdict">' not in written
    assert not re.search(r"Type (1A|1B|2)|type [12]\b", written)


def test_the_footer_says_what_the_report_is_not(html: str) -> None:
    assert "Research and quality assurance. Not a medical device." in html
