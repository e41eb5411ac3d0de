import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from reirrad.phantoms.checks import Check, CheckGroup, Commissioning
from reirrad.reports.commissioning_record import commissioning_pdf, write_commissioning


def result(*, found: float = 10.0) -> Commissioning:
    checks = (
        Check("Ov50% in the organ", 10.0, found, 0.01, "cc", "0.1 % on 3 mm grids"),
        Check("class", "1A", "1A", basis="Table 1"),
    )
    other = CheckGroup(
        "Planning system: tps.csv",
        "Another program agrees.",
        (Check("Liver: Mean[Gy]", 5.0, 5.01, 0.05, "Gy", "1 %"),),
        0.0,
        remarks=("'Heart': the course has no such structure with contours.",),
        known=False,
    )
    return Commissioning(
        created="2025-06-01T12:34:56+02:00",
        installation=(("reirrad", "0.1.0"), ("Processor", "two cores")),
        groups=(CheckGroup("Overlap", "Lenses are known.", checks, 3.2), other),
    )


def words(pdf: bytes) -> list[str]:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return [" ".join(page.extract_text().split()) for page in pages]


@pytest.mark.parametrize("n_before", range(18, 60, 3))
def test_no_group_is_told_without_its_first_check(n_before: int) -> None:
    """Wherever on a page it begins."""

    def group(title: str, n_checks: int) -> CheckGroup:
        checks = (Check(f"{title} asked", 1.0, 1.0, 0.1, "cc", "exact"),) * n_checks
        return CheckGroup(title, f"{title} proves.", checks, 1.0)

    groups = (group("Before", n_before), group("After", 25))
    told = words(commissioning_pdf(replace(result(), groups=groups)))
    (page,) = [text for text in told if "2 After" in text and "PASS" not in text]
    assert "After proves." in page
    assert "After asked" in page


def test_the_first_page_is_what_is_signed() -> None:
    first = words(commissioning_pdf(result()))[0]
    for said in (
        "PASS",
        "All 2 checks against known answers hold.",
        "2025-06-01T12:34:56+02:00",
        "two cores",
        "Tested by: name",
        "Reviewed by: name",
        "Signature",
        "Not a medical device",
    ):
        assert said in first


def test_every_check_is_in_the_record_with_its_basis() -> None:
    rest = " ".join(words(commissioning_pdf(result()))[1:])
    assert "Ov50% in the organ 10.000 10.000 ± 0.010 cc holds a" in rest
    assert "a: 0.1 % on 3 mm grids" in rest
    assert "'Heart': the course has no such structure" in rest


def test_a_failure_is_large_and_marked() -> None:
    first, *rest = words(commissioning_pdf(result(found=10.5)))
    assert "FAIL" in first
    assert "1 of 2 checks do not hold. Do not use this installation" in first
    assert "10.500 ± 0.010 cc FAILS" in " ".join(rest)


def test_the_same_result_gives_the_same_bytes() -> None:
    assert commissioning_pdf(result()) == commissioning_pdf(result())


def test_the_record_for_programs_has_every_number(tmp_path: Path) -> None:
    write_commissioning(result(found=10.5), tmp_path)
    assert (tmp_path / "commissioning.pdf").read_bytes().startswith(b"%PDF")
    text = (tmp_path / "commissioning.json").read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["verdict"] == "FAIL"
    assert document["installation"]["Processor"] == "two cores"
    check = document["groups"][0]["checks"][0]
    assert (check["expected"], check["found"], check["holds"]) == (10.0, 10.5, False)


def test_what_is_not_a_number_is_null(tmp_path: Path) -> None:
    write_commissioning(result(found=float("nan")), tmp_path)
    text = (tmp_path / "commissioning.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert json.loads(text)["groups"][0]["checks"][0]["found"] is None
