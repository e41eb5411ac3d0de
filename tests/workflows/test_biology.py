import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reirrad.core.assessment import Assessment
from reirrad.core.radiobiology import bed
from reirrad.core.settings import Settings
from reirrad.reports.json_document import assessment_json, schema
from reirrad.workflows.assess import assess
from reirrad.workflows.settings import load_settings
from tests.store.sameness import kept_again, reports, same
from tests.workflows.exports import course, write_patient
from tests.workflows.tissues import EVEN, Organ, outcome

SETTINGS = load_settings(None)


def assessed(folder: Path, settings: Settings) -> Assessment:
    return assess(
        [folder], settings=settings, with_views=False, progress=lambda _: None
    )


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tissue")
    one = course(1, target_x=-10, frame="1.2.3", dose_gy=60.0)
    two = course(2, target_x=10, frame="1.2.3", dose_gy=40.0)
    return write_patient(folder, one, two)


@pytest.fixture(scope="module")
def plain(patient: Path) -> Assessment:
    return assessed(patient, SETTINGS)


@pytest.fixture(scope="module")
def switched_on(patient: Path) -> Assessment:
    return assessed(
        patient,
        replace(SETTINGS, recovery_model="michigan", linear_quadratic_linear=True),
    )


def test_the_switches_leave_every_reported_number_as_it_is(
    plain: Assessment, switched_on: Assessment
) -> None:
    assert repr(switched_on.constraints) == repr(plain.constraints)
    for one, other in zip(switched_on.structures, plain.structures, strict=True):
        assert one.cumulative == other.cumulative
        assert one.courses == other.courses
    assert assessment_json(_bare(switched_on)) == assessment_json(_bare(plain))


def test_all_of_it_can_be_kept_and_reported_again(
    switched_on: Assessment, tmp_path: Path
) -> None:
    again = kept_again(switched_on, tmp_path)
    same(switched_on, again)
    for part in ("budget", "isotoxic", "recovery", "models", "uncertainty"):
        assert getattr(again, part), part
    first = reports(switched_on, tmp_path / "first")
    assert reports(again, tmp_path / "second") == first


def _bare(assessment: Assessment) -> Assessment:
    """Without what the switches are meant to change."""
    budget = assessment.budget
    assert budget is not None
    organs = tuple(
        replace(
            row,
            by_fractions=tuple(replace(f, recovered=None) for f in row.by_fractions),
        )
        for row in budget.organs
    )
    return replace(
        assessment,
        created="",
        budget=replace(budget, organs=organs),
        recovery=None,
        alpha_beta_sensitivity=None,
        assumptions=(),
        findings=(),
    )


def test_recovery_stands_beside_the_budget(
    plain: Assessment, switched_on: Assessment
) -> None:
    def gains(assessment: Assessment) -> list[float]:
        assert assessment.budget is not None
        return [
            f.recovered.dose_gy - f.dose_gy
            for row in assessment.budget.organs
            for f in row.by_fractions
            if f.recovered is not None
            and f.recovered.dose_gy is not None
            and f.dose_gy is not None
        ]

    assert gains(plain) == []
    assert max(gains(switched_on)) > 0.0
    assert min(gains(switched_on)) >= 0.0


def test_own_metrics_stand_among_those_of_the_range(plain: Assessment) -> None:
    assert plain.alpha_beta_sensitivity is not None
    cumulative = {s.name: s.cumulative.eqd2 for s in plain.structures}
    for one in plain.alpha_beta_sensitivity.structures:
        own = next(r for r in one.ratios if r.alpha_beta_gy == one.own_alpha_beta_gy)
        for name, value in own.eqd2.items():
            assert cumulative[one.structure][name] == value


def test_recovered_doses_are_below_the_reported_ones(switched_on: Assessment) -> None:
    assert switched_on.recovery is not None
    cumulative = {s.name: s.cumulative.eqd2 for s in switched_on.structures}
    assert {s.structure for s in switched_on.recovery.structures} == {
        "Liver",
        "Duodenum",
    }
    for one in switched_on.recovery.structures:
        full, recovered = cumulative[one.structure]["Mean[Gy]"], one.eqd2["Mean[Gy]"]
        assert full is not None
        assert recovered is not None
        assert recovered < full


def test_local_control_is_told_by_prescription_and_coverage(plain: Assessment) -> None:
    assert plain.models is not None
    by_subject = {(c.course, c.subject): c for c in plain.models.local_control}
    assert set(by_subject) == {
        (1, "prescription"),
        (1, "PTV D95%"),
        (2, "prescription"),
        (2, "PTV D95%"),
    }
    first, second = by_subject[1, "prescription"], by_subject[2, "prescription"]
    assert (first.bed_gy, first.above, first.control_percent) == (132.0, True, 93.0)
    assert (second.bed_gy, second.above, second.control_percent) == (72.0, False, 65.0)
    target = by_subject[1, "PTV D95%"]
    quality = plain.courses[0].plan_quality.targets[0]
    assert target.dose_gy == quality.metrics["D95%[Gy]"]
    assert target.dose_gy is not None
    assert target.bed_gy == pytest.approx(
        float(bed(target.dose_gy, n_fractions=5, alpha_beta_gy=10.0))
    )


def test_the_probit_is_of_one_course_and_an_illustration(plain: Assessment) -> None:
    assert plain.models is not None
    probits = [m for m in plain.models.normal_liver if m.illustration]
    assert [m.scope for m in probits] == ["course 1", "course 2"]
    for one, summary in zip(probits, plain.courses, strict=True):
        assert summary.plan_quality.normal_liver is not None
        assert one.dose_gy == summary.plan_quality.normal_liver.mean_gy


def test_the_json_of_both_satisfies_the_schema(
    plain: Assessment, switched_on: Assessment
) -> None:
    for assessment in (plain, switched_on):
        document = json.loads(assessment_json(assessment))
        Draft202012Validator(schema()).validate(document)


def test_what_is_withheld_satisfies_the_schema(plain: Assessment) -> None:
    unknown = outcome(
        replace(SETTINGS, recovery_model="michigan", linear_quadratic_linear=True),
        Organ("SpinalCord", {1: None, 2: [5.0] * 4}),
        Organ("Liver", {1: None, 2: EVEN}),
    ).biology
    assessment = replace(
        plain,
        recovery=unknown.recovery,
        alpha_beta_sensitivity=unknown.alpha_beta_sensitivity,
        cord_rules=unknown.cord_rules,
        models=unknown.models,
    )
    document = json.loads(assessment_json(assessment))
    assert document["cord_rules"][0]["criteria_verdict"] == "not evaluable"
    assert document["recovery"]["structures"][0]["eqd2"]["Mean[Gy]"] is None
    Draft202012Validator(schema()).validate(document)
