import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from reirrad.core.assessment import Assessment
from reirrad.reports.case_page import case_page
from reirrad.reports.document import report_document
from reirrad.reports.figures import report_figures
from reirrad.reports.html import html_report
from reirrad.reports.scene_files import PackedScene
from reirrad.reports.viewer_page import embedded_viewer
from tests.reports.specimens import two_courses, undetermined

VILE = "<script>alert('x')</script>&\"$"


SCENE = PackedScene({"name": VILE}, {"image-2.webp": b"one", "outlines.bin": b"two"})


def page(assessment: Assessment) -> str:
    pictures = report_figures(assessment)
    return html_report(report_document(assessment, pictures), pictures)


def viewer_page(assessment: Assessment) -> str:
    """The page with pictures to move through, above the same record."""
    document = report_document(assessment, ())
    viewer = embedded_viewer(case_page(assessment), SCENE)
    return html_report(document, {}, viewer)


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
    assert len(links) == len(report_document(two_courses(), ()).sections)
    assert all((link or "").removeprefix("#") in targets for link in links)


def test_every_picture_has_words_in_its_place(html: str) -> None:
    images = [attributes for tag, attributes in tags(html).seen if tag == "img"]
    assert len(images) == 3
    assert all(attributes.get("alt") for attributes in images)


def test_what_nobody_reviewed_says_so_first(html: str) -> None:
    assert html.index("REGISTRATION NOT REVIEWED") < html.index("Type 1B")


def test_the_page_with_pictures_runs_its_own_script_alone() -> None:
    html = viewer_page(two_courses())
    found = tags(html)
    assert found.open == []
    scripts = [attributes for tag, attributes in found.seen if tag == "script"]
    assert [item.get("type") for item in scripts] == [
        "application/json",
        "application/json",
        "text/plain",
        "text/plain",
        "module",
    ]
    assert not any("src" in item for item in scripts)
    (policy,) = (
        attributes["content"] or ""
        for tag, attributes in found.seen
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "'unsafe-inline'" not in policy.partition("style-src")[0]
    assert not any(
        name.startswith("on") or name == "style"
        for _, attributes in found.seen
        for name in attributes
    )


def test_the_record_below_the_pictures_is_whole() -> None:
    document = report_document(two_courses(), ())
    html = viewer_page(two_courses())
    ids = [attributes.get("id") for _, attributes in tags(html).seen]
    assert ids.index("viewer") < ids.index("record") < ids.index("summary")
    assert {section.anchor for section in document.sections} <= set(ids)
    assert html.index("<noscript>") < html.index('id="record"')


def test_names_from_files_are_text_and_never_markup() -> None:
    assessment = vile(two_courses())
    written = page(assessment)
    assert "<script" not in written
    assert "&lt;script&gt;" in written
    assert tags(written).open == []


def test_names_from_files_stay_inside_the_data_of_the_pictures() -> None:
    found = tags(viewer_page(vile(two_courses())))
    assert found.open == []
    assert sum(tag == "script" for tag, _ in found.seen) == 5


def vile(assessment: Assessment) -> Assessment:
    """With markup in every name that a file can bring."""
    return replace(
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


def test_a_withheld_verdict_looks_different_and_names_no_type() -> None:
    written = page(undetermined())
    assert '<div class="verdict withheld">' in written
    assert '<div class="verdict verdict">' not in written
    assert not re.search(r"Type (1A|1B|2)|type [12]\b", written)


def test_the_footer_says_what_the_report_is_not(html: str) -> None:
    assert "Research and quality assurance. Not a medical device." in html
