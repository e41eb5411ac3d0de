"""What can still be given, from files to the report."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reirrad.core.assessment import Assessment
from reirrad.core.courses import Course, Delivery
from reirrad.core.isotoxic_results import IsotoxicPrescription, LargestPrescription
from reirrad.core.settings import Settings
from reirrad.core.structures import Role, Structure
from reirrad.phantoms.analytic import SliceStack, sphere_contours
from reirrad.reports.blocks import Table
from reirrad.reports.budget_section import budget_section, limiting_line
from reirrad.reports.json_document import assessment_json, schema
from reirrad.workflows.assess import assess
from tests.workflows.exports import FEW_DRAWS, course, write_patient

jsonschema = pytest.importorskip("jsonschema")


def assessed(folder: Path, settings: Settings | None = None) -> Assessment:
    return assess(
        [folder],
        settings=settings or FEW_DRAWS,
        with_views=False,
        progress=lambda _: None,
    )


STOMACH = Structure(
    4,
    "Stomach",
    "Stomach",
    Role.ORGAN,
    sphere_contours(
        np.array([0.0, -25.0, 0.0]),
        9.0,
        slices=SliceStack(spacing_mm=5.0),
        n_vertices=64,
    ),
    "1.2.3",
)


def two(*, scale: float = 1.0) -> tuple[Course, Course]:
    """Both targets near a stomach, in one frame."""
    first = course(1, target_x=-15, frame="1.2.3")
    second = course(2, target_x=15, frame="1.2.3")
    first = replace(first, image=None)
    second = replace(second, image=None, structures=(*second.structures, STOMACH))
    (delivery,) = second.deliveries
    doses = tuple(replace(d, values_gy=scale * d.values_gy) for d in delivery.doses)
    given = replace(second, deliveries=(Delivery(doses, delivery.n_fractions),))
    return first, given


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    return assessed(write_patient(tmp_path_factory.mktemp("budget"), *two()))


def planned(result: Assessment) -> IsotoxicPrescription:
    assert result.isotoxic is not None
    (own,) = (row for row in result.isotoxic.by_fractions if row.planned)
    return own


def largest(result: Assessment) -> LargestPrescription:
    found = planned(result).largest
    assert found is not None
    return found


def codes(result: Assessment) -> set[str]:
    return {finding.code for finding in result.findings}


@pytest.mark.slow
def test_the_scaled_plan_fed_back_meets_the_limit_with_equality(
    result: Assessment, tmp_path: Path
) -> None:
    """Through DICOM and a whole second assessment, within 0.1 Gy EQD2."""
    bound = largest(result)
    again = assessed(write_patient(tmp_path, *two(scale=bound.scale)))
    limit = bound.limiting
    scope = "cumulative" if limit.scope == "cumulative" else "course 2"
    (row,) = (
        r
        for r in again.constraints
        if (r.structure, r.metric, r.set, r.scope, r.level)
        == (limit.structure, limit.metric, limit.set, scope, limit.level)
        and r.limit == pytest.approx(limit.limit)
    )
    assert (limit.structure, limit.quantity) == ("Stomach", "EQD2")
    assert limit.metric.endswith("[Gy]"), "the test compares doses"
    assert row.value == pytest.approx(limit.limit, abs=0.1)
    assert largest(again).scale == pytest.approx(1.0, abs=0.003)


def test_the_budget_has_the_background_of_the_earlier_course(
    result: Assessment,
) -> None:
    assert result.budget is not None
    assert result.budget.new_course == 2
    assert result.budget.background_courses == (1,)
    assert result.budget.fractions == (1, 3, 5, 8)
    assert result.budget.withheld == ""
    (duodenum,) = (s for s in result.structures if s.name == "Duodenum")
    before = duodenum.courses[0].eqd2["D0.1cc[Gy]"]
    (row,) = (
        r
        for r in result.budget.organs
        if (r.structure, r.metric, r.quantity, r.level)
        == ("Duodenum", "D0.1cc[Gy]", "EQD2", "single")
        and r.alpha_beta_gy == duodenum.alpha_beta_gy
    )
    assert [f.background_eqd2_gy for f in row.by_fractions] == [before] * 4
    assert row.place is not None
    assert row.place.target == "PTV"


def test_only_evaluated_organs_are_respected_and_the_rest_is_named(
    result: Assessment,
) -> None:
    assert result.isotoxic is not None
    assert "Heart" in result.isotoxic.not_drawn
    assert "Stomach" not in result.isotoxic.not_drawn
    eight = next(r for r in result.isotoxic.by_fractions if r.n_fractions == 8)
    assert any("not limited by tg101 for 8 fractions" in t for t in eight.not_evaluated)


def test_the_assessment_fits_its_schema(result: Assessment) -> None:
    document = json.loads(assessment_json(result))
    jsonschema.validate(document, schema())
    assert document["isotoxic"]["by_fractions"][0]["planned"] is True
    assert document["budget"]["organs"]


def test_the_line_names_organ_limit_source_and_what_is_left(
    result: Assessment,
) -> None:
    line = limiting_line(result)
    limit = largest(result).limiting
    assert line.startswith(f"{limit.structure} limits course 2: ")
    assert f"({limit.set}, {limit.verification})" in line
    assert "in 5 fractions (planned: 50 Gy)" in line
    assert "organs not drawn" in line
    assert line.count(". ") == 0


def test_the_section_shows_every_number_of_fractions(result: Assessment) -> None:
    section = budget_section(result)
    table = next(b for b in section.blocks if isinstance(b, Table))
    first = [row.cells[0].text for row in table.rows if row.span == "no"]
    assert first[0] == "5, as planned"
    assert {"1", "3", "5", "8"} <= {text.strip("()") for text in first}


def test_a_rejected_registration_withholds_everything(tmp_path: Path) -> None:
    # Without images nothing relates the two frames.
    first, second = (
        replace(course(number, target_x=0.0), image=None) for number in (1, 2)
    )
    result = assessed(write_patient(tmp_path, first, second))
    assert result.budget is not None
    assert result.isotoxic is not None
    assert result.budget.withheld.startswith("course 1 cannot be related to course 2: ")
    assert result.budget.organs == ()
    assert result.isotoxic.by_fractions == ()
    assert result.reductions == ()
    assert result.hints == ()
    assert "budget-withheld" in codes(result)
    assert limiting_line(result).startswith("What can still be given is withheld")
    assert len(budget_section(result).blocks) == 1


@pytest.mark.slow
def test_two_organs_of_one_name_are_not_guessed(tmp_path: Path) -> None:
    first, second = two()
    twin = next(s for s in second.structures if s.name == "Duodenum")
    more = replace(twin, number=9, name="Duodenum 2")
    settings = replace(FEW_DRAWS, structures={"duodenum 2": "Duodenum"})
    folder = write_patient(
        tmp_path, first, replace(second, structures=(*second.structures, more))
    )
    result = assessed(folder, settings)
    assert result.budget is not None
    assert not any(row.structure == "Duodenum" for row in result.budget.organs)
    assert "Duodenum: several structures mean it" in planned(result).not_evaluated
    assert "budget-not-evaluated" in codes(result)


@pytest.mark.slow
def test_a_background_over_the_limit_is_said_with_the_organ(tmp_path: Path) -> None:
    first, second = two()
    (delivery,) = first.deliveries
    hot = tuple(replace(d, values_gy=3.0 * d.values_gy) for d in delivery.doses)
    first = replace(first, deliveries=(Delivery(hot, delivery.n_fractions),))
    result = assessed(write_patient(tmp_path, first, second))
    own = planned(result)
    assert own.largest is None
    assert own.exceeded_before
    assert "budget-exceeded-before" in codes(result)
    line = limiting_line(result)
    assert line.startswith("No dose meets every limit: ")
    assert "by the earlier courses alone" in line
    assert result.reductions
    assert np.isfinite([r.value for r in result.reductions]).all()
