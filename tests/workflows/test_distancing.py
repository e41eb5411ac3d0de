from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.courses import Course
from reirrad.core.structures import Role
from reirrad.workflows.distancing import course_distances
from reirrad.workflows.settings import load_settings
from tests.workflows.exports import course
from tests.workflows.related import placed

SETTINGS = load_settings(None)


def two() -> tuple[Course, Course]:
    return course(1, target_x=-20.0), course(2, target_x=20.0)


def test_distances_and_intervals_of_the_latest_course() -> None:
    distances, findings = course_distances(placed(*two()), SETTINGS)
    assert findings == []
    by_name = {(one.other_kind, one.other): one for one in distances}
    older = next(one for (kind, _), one in by_name.items() if kind == "target")
    assert older.distance_mm == pytest.approx(40.0 - 18.0, abs=0.3)
    assert older.other_course == 1
    assert older.interval_days == 366
    duodenum = by_name["organ", "Duodenum"]
    assert duodenum.distance_mm == pytest.approx(np.hypot(20, 40) - 21.0, abs=0.3)
    assert duodenum.interval_days == 366
    liver = by_name["organ", "Liver"]
    assert liver.distance_mm == 0.0
    assert liver.shared_cc == pytest.approx(4 / 3 * np.pi * 0.9**3, rel=0.03)
    assert [one.distance_mm for one in distances] == sorted(
        one.distance_mm for one in distances
    )


def test_only_what_was_carried_over_is_uncertain() -> None:
    distances, _ = course_distances(placed(*two()), SETTINGS)
    for one in distances:
        assert one.plus_minus_mm == (3.0 if one.other_course == 1 else None)


def test_the_users_accuracy_counts() -> None:
    own = replace(SETTINGS, translation_mm=1.5)
    distances, _ = course_distances(placed(*two()), own)
    assert {one.plus_minus_mm for one in distances} == {None, 1.5}


def test_on_the_first_anatomy_the_new_target_is_what_was_carried_over() -> None:
    distances, _ = course_distances(placed(*two(), reference_course=1), SETTINGS)
    organs = [one for one in distances if one.other_kind == "organ"]
    assert organs
    assert all(one.target_course == 2 for one in distances)
    assert all(one.plus_minus_mm == 3.0 for one in organs)


def test_without_a_target_no_distance_is_given() -> None:
    one, other = two()
    organs = tuple(s for s in other.structures if s.role is Role.ORGAN)
    distances, findings = course_distances(
        placed(one, replace(other, structures=organs)), SETTINGS
    )
    assert distances == ()
    assert [f.code for f in findings] == ["distances-not-given"]
    assert "no GTV and no PTV" in findings[0].message


def test_a_rejected_registration_gives_no_distance_to_older_targets() -> None:
    distances, findings = course_distances(placed(*two(), off_mm=60.0), SETTINGS)
    assert findings == []
    assert {one.other_course for one in distances} == {2}


def test_a_new_course_that_is_not_related_has_no_distances() -> None:
    patient = placed(*two(), off_mm=60.0, reference_course=1)
    distances, findings = course_distances(patient, SETTINGS)
    assert distances == ()
    assert "cannot be related" in findings[0].message
