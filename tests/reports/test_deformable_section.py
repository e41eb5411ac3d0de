import json
from dataclasses import replace

import jsonschema

from reirrad.core.deformable_results import (
    ChangedVerdict,
    ComparedMetric,
    ComparedOverlap,
    ComparedPair,
    ComparedStructure,
    DeformableQuality,
    DeformableResult,
)
from reirrad.reports.blocks import Paragraph
from reirrad.reports.deformable_section import deformable_section
from reirrad.reports.document import report_document
from reirrad.reports.json_document import assessment_json, schema
from reirrad.reports.wording import NONE
from tests.reports.specimens import two_courses
from tests.reports.test_document import table_rows, texts

NUMBERS = {
    "dice": 0.9,
    "mean_distance_mm": 2.5,
    "hausdorff95_mm": 6.0,
    "centroid_distance_mm": 3.0,
}
QUALITY = DeformableQuality(
    longest_mm=12.3,
    outside_percent=0.0,
    jacobian_least=0.7,
    jacobian_largest=1.4,
    folded_percent=0.0,
    inverse_consistency_mean_mm=1.1,
    inverse_consistency_p95_mm=2.2,
    similarity_before=None,
    similarity_after=None,
    other_reading_mm=0.0,
    structures=(ComparedStructure("Liver", NUMBERS, {**NUMBERS, "dice": 0.98}),),
)
RESULT = DeformableResult(
    from_course=1,
    to_course=2,
    method="deformable",
    quality=QUALITY,
    verdict="review",
    reason="A reason.",
    metrics=(ComparedMetric("Duodenum", "Max[Gy]", 3.0, 71.2, 64.8, None),),
    pairs=(
        ComparedPair(
            1,
            2,
            {
                "2Gy": ComparedOverlap(100.0, 120.0, 90.0, 110.0),
                "50%": ComparedOverlap(1.0, 1.5, 0.0, 0.0),
            },
            "1B",
            "1A",
            "1B",
            "1A",
        ),
    ),
    changed_verdicts=(
        ChangedVerdict(
            structure="Duodenum",
            metric="D0.1cc[Gy]",
            quantity="EQD2",
            scope="cumulative",
            relation="<=",
            limit=70.0,
            level="mandatory",
            set="paper",
            rigid_value=71.0,
            rigid_verdict="exceeded",
            deformable_value=64.0,
            deformable_verdict="met",
        ),
    ),
    not_compared=("PTV (course 1)",),
)


def test_without_a_deformable_registration_there_is_no_section() -> None:
    assert deformable_section(two_courses()) is None
    anchors = [part.anchor for part in report_document(two_courses(), ()).sections]
    assert "deformable" not in anchors


def test_both_registrations_stand_side_by_side() -> None:
    part = deformable_section(replace(two_courses(), deformable=(RESULT,)))
    assert part is not None
    said = list(texts(part))
    assert "⚠ Review: A reason." in said
    assert any("reported result is the rigid one" in text for text in said)
    assert table_rows(part, 0)[0][:2] == ["12.3 mm", "0.70 to 1.40; folded 0.0 %"]
    assert table_rows(part, 0)[0][3] == "not available"
    assert table_rows(part, 1)[0][1] == "0.900 → 0.980"
    (changed,) = table_rows(part, 2)
    assert changed[2:] == ["exceeded, 71.0", "met, 64.0"]
    assert table_rows(part, 3)[-1][1:] == ["Type 1B", "Type 1A"]
    assert table_rows(part, 4) == [["Duodenum", "71.2", "64.8", NONE]]
    assert any("PTV (course 1)" in text for text in said)


def test_of_a_rejected_one_nothing_is_shown_but_why() -> None:
    rejected = replace(RESULT, verdict="rejected", metrics=(), pairs=())
    part = deformable_section(replace(two_courses(), deformable=(rejected,)))
    assert part is not None
    assert isinstance(part.blocks[-1], Paragraph)
    assert part.blocks[-1].text == "Nothing is computed from it."


def test_that_overlaps_are_not_compared_is_said() -> None:
    said = "Overlaps and types are not compared."
    for result, expected in ((RESULT, False), (replace(RESULT, pairs=()), True)):
        part = deformable_section(replace(two_courses(), deformable=(result,)))
        assert part is not None
        assert (said in texts(part)) is expected


def test_that_no_verdict_changes_is_said() -> None:
    same = replace(RESULT, changed_verdicts=())
    part = deformable_section(replace(two_courses(), deformable=(same,)))
    assert part is not None
    assert "No verdict that could be compared depends on the choice." in texts(part)


def test_the_json_satisfies_its_schema() -> None:
    failed = replace(RESULT, quality=None, verdict="rejected", metrics=(), pairs=())
    text = assessment_json(replace(two_courses(), deformable=(RESULT, failed)))
    document = json.loads(text)
    jsonschema.validate(document, schema())
    assert document["deformable"][0]["pairs"][0]["deformable_type"] == "1A"
