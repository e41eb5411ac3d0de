"""How sure a small patient's assessment is, and every case in which nobody can say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reirrad.core.assessment import Assessment
from reirrad.core.sampling import sample
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import assessed_structure, structure_doses
from reirrad.core.transforms import RigidTransform
from reirrad.core.uncertainty import Uncertainty, VerdictUncertainty, no_spread
from reirrad.reports.json_document import assessment_json
from reirrad.workflows import robustness
from reirrad.workflows.assess import assess
from reirrad.workflows.pairs import PairQuestion, isodoses_by_course
from reirrad.workflows.place import place
from reirrad.workflows.settings import load_settings
from tests.workflows.exports import FRAMES, course, write_patient


def settings(
    *,
    registration_seed: int = 1,
    translation_mm: float | None = None,
    rotation_degrees: float | None = None,
) -> Settings:
    return replace(
        load_settings(None),
        registration_draws=32,
        registration_seed=registration_seed,
        translation_mm=translation_mm,
        rotation_degrees=rotation_degrees,
    )


def assessed(
    *paths: Path, asked: Settings, registration: Path | None = None
) -> Assessment:
    return assess(
        list(paths),
        settings=asked,
        registration=registration,
        with_views=False,
        progress=lambda _: None,
    )


def matrix_file(folder: Path, shift_mm: float) -> Path:
    matrix = np.eye(4)
    matrix[0, 3] = shift_mm
    transform = RigidTransform(matrix, FRAMES[1], FRAMES[2])
    np.savetxt(folder / "matrix.txt", transform.matrix)
    return folder / "matrix.txt"


@pytest.fixture(scope="module")
def touching(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Isodoses of half the prescription, 20.6 mm in radius, that just meet."""
    folder = tmp_path_factory.mktemp("touching")
    one = course(1, target_x=-20.6, frame="1.2.3")
    return write_patient(folder, one, course(2, target_x=20.6, frame="1.2.3"))


@pytest.fixture(scope="module")
def result(touching: Path) -> Assessment:
    return assessed(touching, asked=settings())


def test_a_class_on_the_edge_is_told_with_its_shares(result: Assessment) -> None:
    assert result.uncertainty is not None
    (pair,) = result.uncertainty.pairs
    assert set(pair.resbrt_type) == {"1A", "1B"}
    assert sum(pair.resbrt_type.values()) == pytest.approx(100.0)
    assert "of plausible registrations" in pair.sentence
    half = pair.overlap["50%"]
    assert half.low is not None
    assert half.high is not None
    assert half.low < half.high
    assert half.reported == result.pairs[0].overlap["50%"].organ_cc
    codes = {finding.code for finding in result.findings}
    assert "class-hangs-on-registration" in codes


def test_one_frame_is_not_taken_for_exact(result: Assessment) -> None:
    assert result.uncertainty is not None
    (accuracy,) = result.uncertainty.accuracies
    assert (accuracy.translation_mm, accuracy.rotation_degrees) == (3.0, 2.0)
    assert "one frame of reference" in accuracy.source


def test_every_structure_and_limit_has_its_spread(result: Assessment) -> None:
    found = result.uncertainty
    assert found is not None
    assert [s.name for s in found.structures] == [s.name for s in result.structures]
    for reported, drawn in zip(result.structures, found.structures, strict=True):
        for name, value in reported.cumulative.eqd2.items():
            assert drawn.eqd2[name].reported == value
    evaluated = [c for c in result.constraints if c.verdict != "not evaluable"]
    assert len(found.constraints) == len(evaluated) > 10
    for item, drawn_limit in zip(evaluated, found.constraints, strict=True):
        assert drawn_limit.value.reported == pytest.approx(item.value)
        assert drawn_limit.verdict == item.verdict
        assert (drawn_limit.met_percent or 0) + (
            drawn_limit.exceeded_percent or 0
        ) <= 100.0 + 1e-9
    assert {band.name for band in found.bands} == {s.name for s in result.structures}


def test_every_limit_and_metric_is_asked_in_26_directions(result: Assessment) -> None:
    assert result.uncertainty is not None
    for verdict in result.uncertainty.constraints:
        assert [one.shift_mm for one in verdict.shifted] == [3.0, 5.0]
        for one in verdict.shifted:
            assert 0 <= one.met_directions + one.exceeded_directions <= 26
    for structure in result.uncertainty.structures:
        near, far = (one.eqd2["Mean[Gy]"] for one in structure.shifted)
        assert near is not None
        assert far is not None
        assert far[1] - far[0] >= near[1] - near[0] >= 0.0


def test_near_maxima_grow_from_reading_to_reading(result: Assessment) -> None:
    duodenum = next(m for m in result.near_maxima if m.name == "Duodenum")
    for name, registered in duodenum.registered.items():
        assert registered is not None
        assert registered <= (duodenum.searched[name] or 0.0)
    assert duodenum.own_drawings == (1, 2)
    for organ in result.near_maxima:
        most = organ.sum_of_maxima["Max[Gy]"]
        assert most is not None
        assert most >= (organ.registered["Max[Gy]"] or 0.0)
    assert duodenum.worst_case
    assert duodenum.worst_case_limits
    for limit in duodenum.worst_case_limits:
        assert (limit.value or 0.0) >= (limit.registered or 0.0)
    assert {m.name for m in result.near_maxima} == {"Liver", "Duodenum"}
    liver = next(m for m in result.near_maxima if m.name == "Liver")
    assert not liver.worst_case
    assert not liver.worst_case_limits


@pytest.mark.slow
def test_a_seed_gives_the_same_numbers_in_one_thread_and_in_many(
    touching: Path, result: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robustness, "processors", lambda: 1)
    again = assessed(touching, asked=settings())
    assert assessment_json(replace(again, created="")) == assessment_json(
        replace(result, created="")
    )


@pytest.mark.slow
def test_another_seed_gives_other_draws(touching: Path, result: Assessment) -> None:
    other = assessed(touching, asked=settings(registration_seed=2))
    assert other.uncertainty is not None
    assert result.uncertainty is not None
    assert other.uncertainty.structures != result.uncertainty.structures
    assert other.structures[0].cumulative == result.structures[0].cumulative


@pytest.mark.slow
def test_exact_registrations_leave_every_reported_value(touching: Path) -> None:
    exact = assessed(touching, asked=settings(translation_mm=0.0, rotation_degrees=0.0))
    found = exact.uncertainty
    assert found is not None
    assert found.accuracies[0].source.startswith("shift: settings; rotation: settings")
    spreads = [spread for s in found.structures for spread in s.eqd2.values()]
    spreads += [limit.value for limit in found.constraints]
    (pair,) = found.pairs
    spreads += pair.overlap.values()
    for spread in spreads:
        if spread.median is not None:
            assert spread.median == pytest.approx(spread.reported, rel=1e-9, abs=1e-9)
            assert (spread.low, spread.high) == pytest.approx(
                (spread.median, spread.median), rel=1e-9, abs=1e-9
            )
    assert pair.resbrt_type == {exact.pairs[0].classification.resbrt_type: 100.0}
    assert all(
        c.met_percent == (100.0 if c.verdict == "met" else 0.0)
        for c in found.constraints
    )


def test_one_course_has_nothing_that_could_be_off() -> None:
    asked = settings()
    patient = place(
        [course(1, target_x=0)],
        asked,
        reference_course=1,
        known=lambda *_: None,
        progress=lambda _: None,
    )
    organ = sample(patient.organ.sections, centred=True)
    question = PairQuestion(patient, isodoses_by_course(patient), organ, asked, ())
    alone = robustness.robustness(question)
    placed = patient.structures[0]
    doses = structure_doses(placed, patient.placed, [1])
    answer = alone.of_structure(placed, doses, assessed_structure(placed, doses), {})
    assert answer.drawn is None
    assert answer.near is None
    found = robustness.uncertainty(alone, [answer], pairs=(), constraints=())
    assert found.draws == 0
    assert "one course only" in found.reason
    given = (*found.pairs, *found.structures, *found.constraints, *found.bands)
    assert not given
    answers = [answer] * len(patient.structures)
    assert robustness.near_maxima(patient, answers, ()) == ()
    assert robustness.robustness_findings(found) == []


@pytest.mark.slow
def test_a_rejected_registration_has_no_draws_but_a_sum_of_maxima(
    tmp_path: Path,
) -> None:
    one, two = course(1, target_x=-20), course(2, target_x=20, offset_mm=15)
    patient = write_patient(tmp_path, one, two)
    wrong = assessed(
        patient, asked=settings(), registration=matrix_file(tmp_path, -60.0)
    )
    assert wrong.uncertainty is not None
    assert wrong.uncertainty.draws == 0
    assert "could be related" in wrong.uncertainty.reason
    liver = next(m for m in wrong.near_maxima if m.name == "Liver")
    assert set(liver.registered.values()) == {None}
    assert set(liver.searched.values()) == {None}
    assert liver.own_drawings == (1, 2)
    assert all((value or 0.0) > 50.0 for value in liver.sum_of_maxima.values())


@pytest.mark.slow
def test_of_three_courses_the_one_that_is_lost_takes_no_part(tmp_path: Path) -> None:
    courses = (
        course(1, target_x=-20, frame="1.2.3"),
        course(2, target_x=20, frame="1.2.3"),
        replace(course(3, target_x=0, offset_mm=500.0, frame="1.2.9"), image=None),
    )
    patient = write_patient(tmp_path, *courses)
    found = assess(
        [patient],
        settings=settings(),
        reference_course=2,
        with_views=False,
        progress=lambda _: None,
    ).uncertainty
    assert found is not None
    assert [a.course for a in found.accuracies] == [1]
    by_pair = {(p.earlier, p.second): p for p in found.pairs}
    assert by_pair[(1,), 2].resbrt_type
    for lost in (((1,), 3), ((2,), 3), ((1, 2), 3)):
        pair = by_pair[lost]
        assert pair.resbrt_type == {}
        assert pair.overlap["2Gy"].median is None
        assert pair.reason.startswith("No draws: ")
    assert all(s.reason and s.eqd2["Mean[Gy]"].low is None for s in found.structures)


@pytest.mark.parametrize(
    ("met", "exceeded", "words"),
    [
        (60.0, 40.0, "met in 60 %."),
        (60.0, 0.0, "met in 60 %, not known in 40 %."),
        (60.0, 30.0, "met in 60 %, not known in 10 %."),
    ],
)
def test_draws_without_a_value_are_told_from_those_with_another_verdict(
    met: float, exceeded: float, words: str
) -> None:
    verdict = VerdictUncertainty(
        structure="SpinalCord",
        metric="D1cc[Gy]",
        quantity="EQD2",
        scope="cumulative",
        alpha_beta_gy=2.0,
        relation="<=",
        limit=50.0,
        level="single",
        set="tabled",
        verdict="met",
        value=no_spread(20.0),
        met_percent=met,
        exceeded_percent=exceeded,
    )
    (found,) = robustness.robustness_findings(
        Uncertainty(draws=10, seed=1, constraints=(verdict,))
    )
    assert found.code == "limit-hangs-on-registration"
    assert found.message.endswith(words)
