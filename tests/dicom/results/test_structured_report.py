"""The structured report, read back by a library that checks its template."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import highdicom
import pytest

from reirrad.core.assessment import OverlapVolume
from reirrad.dicom.results.concepts import metric_unit, site_of
from reirrad.dicom.results.measurement_groups import measurement_groups
from tests.dicom.results.cases import Case

Exported = Callable[[str], Case]


@pytest.fixture(scope="module")
def groups(exported: Exported) -> dict[str, Any]:
    """Measurement groups by their tracking identifier."""
    path = exported("axial").folder / "reirrad_SR.dcm"
    report: Any = highdicom.sr.srread(path)
    found = report.content.get_image_measurement_groups()
    by_name = {one.tracking_identifier: one for one in found}
    assert len(by_name) == len(found)
    return by_name


def values(group: Any) -> dict[str, float]:
    return {one.name.value: one.value for one in group.get_measurements()}


def classes(group: Any) -> dict[str, str]:
    found = group.get_qualitative_evaluations()
    return {one.name.value: one.value.meaning for one in found}


def test_overlap_and_class_are_those_of_the_assessment(
    exported: Exported, groups: dict[str, Any]
) -> None:
    (pair,) = exported("axial").assessment.pairs
    group = groups["Overlap of course 1 with course 2"]
    found = values(group)
    for code, level in (("OV2GY", "2Gy"), ("OV50", "50%")):
        expected = pair.overlap[level]
        assert found[f"{code}_TOTAL"] == pytest.approx(expected.total_cc, rel=1e-5)
        assert found[f"{code}_ORGAN"] == pytest.approx(expected.organ_cc, rel=1e-5)
    assert found["INTERVAL"] == pair.interval_days
    assert classes(group) == {
        "RESBRT_TYPE": pair.classification.resbrt_type,
        "RESBRT_APPLIED": pair.classification.as_applied_type,
        "ESTRO_EORTC": pair.classification.estro_eortc,
    }
    assert {one.unit.value for one in group.get_measurements()} == {"cm3", "d"}


def test_every_dose_metric_is_there_with_its_alpha_beta(
    exported: Exported, groups: dict[str, Any]
) -> None:
    liver = exported("axial").assessment.structures[0]
    cumulative = groups[f"{liver.name}: all courses"]
    found = values(cumulative)
    for metric, value in liver.cumulative.eqd2.items():
        assert value is not None
        bare = metric.split("[")[0]
        assert found[f"EQD2 {bare}"] == pytest.approx(value, rel=1e-5, abs=1e-9)
    for measured in cumulative.get_measurements():
        if measured.name.value.startswith("EQD2"):
            assert measured.method.value == "130130"
            (ratio,) = [
                one
                for one in measured[0].ContentSequence
                if one.RelationshipType == "INFERRED FROM"
            ]
            assert ratio.ConceptNameCodeSequence[0].CodeValue == "ALPHA_BETA"
            assert ratio.value == liver.alpha_beta_gy
    physical = values(groups[f"{liver.name}: course 1"])
    assert physical["128533"] == pytest.approx(
        liver.courses[0].physical["Mean[Gy]"], rel=1e-5
    )


def test_every_limit_has_its_verdict(
    exported: Exported, groups: dict[str, Any]
) -> None:
    constraints = exported("axial").assessment.constraints
    found = [group for name, group in groups.items() if name.startswith("Limit ")]
    assert len(found) == len(constraints) > 10
    for group, constraint in zip(found, constraints, strict=True):
        assert classes(group)["VERDICT"] == constraint.verdict
        assert classes(group)["VERIFICATION"] == constraint.verification
        assert values(group)["LIMIT"] == pytest.approx(constraint.limit)
        assert len(group.get_measurements()) == 1 + (constraint.value is not None)


def test_assumptions_are_told(exported: Exported, groups: dict[str, Any]) -> None:
    told = {
        item.TextValue
        for item in groups["Assumptions and findings"][0].ContentSequence
        if item.ValueType == "TEXT"
    }
    assert set(exported("axial").assessment.assumptions) <= told


def test_what_is_withheld_is_not_zero(exported: Exported) -> None:
    assessment = exported("axial").assessment
    (pair,) = assessment.pairs
    lost = dict.fromkeys(pair.overlap, OverlapVolume(None, None))
    withheld = replace(assessment, pairs=(replace(pair, overlap=lost),))
    (group,) = [
        one
        for one in measurement_groups(withheld)
        if one.tracking_identifier == "Overlap of course 1 with course 2"
    ]
    assert not [name for name in values(group) if name.startswith(("OV2GY", "OV50"))]


def test_own_codes_are_declared(exported: Exported) -> None:
    dataset = exported("axial").objects["SR"]
    declared = {
        item.CodingSchemeDesignator
        for item in dataset.CodingSchemeIdentificationSequence
    }
    assert declared == _designators(dataset)
    assert "99REIRRAD" in declared


def _designators(dataset: Any) -> set[str]:
    found: set[str] = set()

    def collect(_: Any, element: Any) -> None:
        if element.keyword == "CodingSchemeDesignator":
            found.add(element.value)

    for name in ("ConceptNameCodeSequence", "ContentSequence"):
        for item in dataset[name].value:
            item.walk(collect)
    return found


def test_a_side_is_the_laterality_of_its_organ() -> None:
    kidney = site_of("Kidney_L", "rene sn")
    assert kidney.value.meaning == "Kidney"
    assert kidney.laterality.meaning == "Left"
    assert site_of(None, "scar").value.scheme_designator == "99REIRRAD"


def test_a_metric_without_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="unit"):
        metric_unit("D95%")
