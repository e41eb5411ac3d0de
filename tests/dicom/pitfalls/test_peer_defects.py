"""Defects found in other programs: 1, 2, 4, 5, 12 and 13, on whole assessments."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reirrad.core.courses import Course
from reirrad.core.radiobiology import eqd2
from reirrad.core.settings import Settings
from reirrad.core.structures import Role, Structure
from reirrad.errors import SettingsError
from reirrad.phantoms.analytic import SliceStack, sphere_contours
from reirrad.reports.json_document import assessment_json
from reirrad.workflows.assess import assess
from reirrad.workflows.settings import load_settings
from tests.workflows.exports import FEW_DRAWS, course, write_patient

pytestmark = pytest.mark.slow

GTV_CENTRE = (20.0, 0.0, 0.0)


def with_gtv(one: Course, *, backwards: bool = False) -> Course:
    """A course with a tumour in its liver, its structures in either order."""
    contours = sphere_contours(
        np.array(GTV_CENTRE), 7.0, slices=SliceStack(spacing_mm=5.0), n_vertices=64
    )
    gtv = Structure(9, "GTV", "GTV", Role.GTV, contours, one.frame_of_reference_uid)
    structures = (*one.structures, gtv)
    return replace(one, structures=structures[::-1] if backwards else structures)


def pair(*, start: date = date(2024, 3, 1), backwards: bool = False) -> list[Course]:
    return [
        course(1, target_x=-20, frame="1.2.3", start=date(2023, 3, 1)),
        with_gtv(
            course(2, target_x=20, frame="1.2.3", start=start), backwards=backwards
        ),
    ]


def assessed(
    folder: Path,
    courses: Iterable[Course],
    *,
    settings: Settings | None = None,
    with_views: bool = False,
) -> Any:
    result = assess(
        [write_patient(folder, *courses)],
        settings=settings or FEW_DRAWS,
        with_views=with_views,
        progress=lambda _: None,
    )
    return json.loads(assessment_json(result))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return assessed(tmp_path_factory.mktemp("plain"), pair())


def by_name(document: Any) -> dict[str, Any]:
    return {one["name"]: one for one in document["structures"]}


def numbers(document: Any) -> Any:
    """What is said of overlaps, structures and limits, whatever the order."""
    limits = sorted(document["constraints"], key=json.dumps)
    return document["pairs"], by_name(document), limits


def test_defect_01_a_tumour_in_the_liver_keeps_its_own_ratio(result: Any) -> None:
    structures = by_name(result)
    for name, ratio in (("GTV", 10.0), ("Liver", 2.5)):
        assert structures[name]["alpha_beta_gy"] == ratio
        for given in structures[name]["courses"]:
            for metric in ("Max[Gy]", "D50%[Gy]", "D98%[Gy]"):
                expected = eqd2(
                    given["physical"][metric], n_fractions=5, alpha_beta_gy=ratio
                )
                assert given["eqd2"][metric] == pytest.approx(expected, rel=1e-4)


def test_defect_02_no_dose_is_forgiven_with_time(result: Any, tmp_path: Path) -> None:
    later = assessed(tmp_path, pair(start=date(2026, 3, 1)))
    assert later["pairs"][0]["interval_days"] > 3 * 365
    for name, one in by_name(result).items():
        assert by_name(later)[name]["cumulative"] == one["cumulative"]


def test_defect_02_a_model_of_recovery_must_be_known(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[recovery]\nmodel = "half after a year"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"recovery\.model"):
        load_settings(file)


def test_defect_04_what_is_shown_changes_no_number(result: Any, tmp_path: Path) -> None:
    shown = assessed(tmp_path, pair(), with_views=True)
    assert numbers(shown) == numbers(result)


def test_defect_05_an_automatic_registration_is_repeatable_and_measured(
    tmp_path: Path,
) -> None:
    courses = [course(1, target_x=-20), course(2, target_x=20, offset_mm=15)]
    first, second = (assessed(tmp_path / name, courses) for name in "ab")
    assert first["registrations"] == second["registrations"]
    (registration,) = first["registrations"]
    assert registration["method"] == "rigid"
    for name in ("similarity_before", "similarity_after", "translation_mm"):
        assert registration["quality"][name] is not None
    assert registration["quality"]["similarity_metric"]


def test_defect_12_ratios_have_defaults_and_no_region_hides_another(
    result: Any, tmp_path: Path
) -> None:
    assert load_settings(None).alpha_beta_gy == {}
    assert all(one["alpha_beta_gy"] > 0 for one in result["structures"])
    other_order = assessed(tmp_path, pair(backwards=True))
    names = [one["name"] for one in other_order["structures"]]
    assert names != [one["name"] for one in result["structures"]]
    assert by_name(other_order) == by_name(result)


def test_defect_13_the_interval_ends_with_the_later_course(result: Any) -> None:
    expected = (date(2024, 3, 1) - date(2023, 3, 1)).days
    assert result["pairs"][0]["interval_days"] == expected
