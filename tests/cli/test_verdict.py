"""The short answer carries the deciding numbers and no patient."""

from dataclasses import replace
from pathlib import Path

import pytest

from reirrad.cli.verdict import verdict_lines
from reirrad.core.assessment import Assessment, OverlapVolume
from reirrad.workflows.result_files import is_withheld
from tests.reports.specimens import three_courses, two_courses, undetermined


def told(assessment: Assessment) -> str:
    return "\n".join(verdict_lines(assessment, Path("out/report.html")))


def line(text: str, label: str) -> str:
    return next(one for one in text.splitlines() if one.strip().startswith(label))


def with_overlap(organ_cc: float | None) -> Assessment:
    assessment = two_courses()
    (pair,) = assessment.pairs
    volumes = {"2Gy": OverlapVolume(organ_cc, 100.0)}
    return replace(assessment, pairs=(replace(pair, overlap=volumes),))


def test_the_answer_names_class_overlap_registration_and_report() -> None:
    assessment = two_courses()
    (pair,) = assessment.pairs
    text = told(assessment)

    assert pair.classification.resbrt_type in line(text, "re-SBRT type")
    assert pair.classification.estro_eortc in line(text, "ESTRO-EORTC")
    assert f"{pair.overlap['50%'].organ_cc:.1f} cc in Liver" in line(
        text, "Overlap 50%"
    )
    assert assessment.registrations[0].verdict in line(text, "Registration 1 to 2")
    assert line(text, "Report").endswith("out/report.html")


@pytest.mark.parametrize(
    ("volume_cc", "said"),
    [
        (None, "not available in Liver"),
        (0.0, "0.0 cc in Liver"),
        (0.04, "below 0.1 cc in Liver"),
        (12.345, "12.3 cc in Liver"),
    ],
)
def test_a_volume_is_rounded_for_people(volume_cc: float | None, said: str) -> None:
    assert said in line(told(with_overlap(volume_cc)), "Overlap 2Gy")


def test_the_authors_reading_is_told_where_it_differs() -> None:
    assessment = two_courses()
    (pair,) = assessment.pairs
    classes = replace(pair.classification, resbrt_type="1A", as_applied_type="2")
    other = replace(assessment, pairs=(replace(pair, classification=classes),))

    assert line(told(other), "re-SBRT type").endswith("1A, as applied by the authors 2")


def test_every_exceeded_constraint_is_listed() -> None:
    assessment = two_courses()
    exceeded = [one for one in assessment.constraints if one.verdict == "exceeded"]
    lines = [one for one in told(assessment).splitlines() if "exceeded:" in one]

    assert len(lines) == len(exceeded) > 0
    assert line(told(assessment), "Constraints").split()[1] == str(len(exceeded))
    for result, text in zip(exceeded, lines, strict=True):
        assert f"{result.structure} {result.quantity} {result.metric}" in text
        assert f"limit {result.relation} {result.limit:g}" in text


def test_warnings_are_listed_and_notes_counted() -> None:
    assessment = two_courses()
    text = told(assessment)

    for finding in assessment.findings:
        assert (finding.message in text) == (finding.severity != "info")


def test_no_patient_is_named() -> None:
    for assessment in (two_courses(), three_courses(), undetermined()):
        text = told(assessment)
        assert assessment.patient.name not in text
        assert assessment.patient.id not in text


def test_every_pair_of_three_courses_is_told() -> None:
    assessment = three_courses()
    heads = [one for one in told(assessment).splitlines() if one.startswith("Course ")]

    assert len(heads) == len(assessment.pairs) + len(assessment.united_pairs)
    assert any(head.startswith("Course 1 and 2 and course 3") for head in heads)


def test_a_withheld_verdict_says_so_first() -> None:
    assert is_withheld(undetermined())
    assert told(undetermined()).startswith("VERDICT WITHHELD")


def test_a_given_verdict_is_not_withheld() -> None:
    assert not is_withheld(two_courses())
    assert "WITHHELD" not in told(two_courses())
