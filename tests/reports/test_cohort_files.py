import fnmatch
import io
import json
import re
from dataclasses import replace
from xml.parsers.expat import ParserCreate

import pytest
from pypdf import PdfReader

from reirrad.reports.cohort_files import FIGURE_FILES, cohort_figures, cohort_files
from reirrad.reports.cohort_style import svg_bytes
from tests.reports.cohort_specimen import NO_RESULTS, cohort_results

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return cohort_files(cohort_results())


def test_all_products_are_there(files: dict[str, bytes]) -> None:
    assert {"report.html", "report.pdf", "results.json", "methods.txt"} <= set(files)
    figures = [name for name in files if name.startswith("figures/")]
    assert len(figures) == 12
    for name in figures:
        assert any(fnmatch.fnmatch(name, pattern) for pattern in FIGURE_FILES)
    assert "tables/table2_population.tex" in files
    assert "tables/table3_courses.tex" in files


def test_the_same_results_give_the_same_bytes(files: dict[str, bytes]) -> None:
    again = cohort_files(cohort_results())
    assert [name for name in files if files[name] != again[name]] == []


def test_the_page_needs_nothing_but_itself(files: dict[str, bytes]) -> None:
    page = files["report.html"].decode()
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page)
    assert page.count("<img") == 6
    assert "default-src 'none'" in page


def test_page_and_pdf_say_the_same_numbers(files: dict[str, bytes]) -> None:
    reader = PdfReader(io.BytesIO(files["report.pdf"]))
    pdf = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    page = " ".join(re.sub(r"<[^>]+>", " ", files["report.html"].decode()).split())
    for words in ("41.7 %", "Outcome at 12 months", "PAAAABBBBCCCC", "chi-square 1.23"):
        assert words in pdf
        assert words in page


def elements(content: bytes) -> list[str]:
    """Names of the elements of a well-formed document, the outermost first."""
    names: list[str] = []
    parser = ParserCreate()
    parser.StartElementHandler = lambda name, _: names.append(name)
    parser.ParseFile(io.BytesIO(content))
    return names


def test_the_pictures_are_whole(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        if name.endswith(".png"):
            assert content.startswith(b"\x89PNG")
        if name.endswith(".svg"):
            assert elements(content)[0] == "svg"
            assert b"<dc:date>" not in content


def test_the_results_are_complete_for_machines(files: dict[str, bytes]) -> None:
    results = cohort_results()
    written = json.loads(files["results.json"])
    assert written["format"] == "reirrad cohort results, version 1"
    assert written["n_patients"] == 18
    assert len(written["outputs"]) == len(results.outputs)
    curve = results.survival[0].curve
    assert curve is not None
    assert written["survival"][0]["curve"]["estimate"] == pytest.approx(
        list(curve.estimate), rel=1e-11
    )
    assert written["survival"][0]["at"][0]["estimate"] is None


def test_text_from_outside_is_never_markup() -> None:
    problem = "<script>alert(1)</script> & co"
    results = replace(NO_RESULTS, problems=(problem,))
    page = cohort_files(results)["report.html"].decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_an_empty_registry_still_gives_a_report() -> None:
    written = cohort_files(NO_RESULTS)
    assert not [name for name in written if name.startswith("figures/")]
    assert "nothing to report" in written["report.html"].decode()
    assert PdfReader(io.BytesIO(written["report.pdf"])).pages


def test_an_svg_does_not_depend_on_when_it_is_made() -> None:
    figure = cohort_figures(cohort_results())["overlap"]
    assert svg_bytes(figure) == svg_bytes(figure)
