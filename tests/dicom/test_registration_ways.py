"""Every way between two courses counts, and all of them must agree."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.transforms import RigidTransform
from reirrad.dicom.audit import FoundObject
from reirrad.dicom.registration_ways import disagreeing_ways, registrations_between
from reirrad.dicom.spatial_registration import SpatialRegistration
from tests.dicom.exports import ROOT, CourseExport, course_export, found_object
from tests.dicom.exports import registration as registration_object
from tests.dicom.pitfalls.dose_cases import fate, surveyed


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> FoundObject:
    dataset = registration_object("1.2.1", "1.1", "1.2", np.eye(4).tolist())
    return found_object(tmp_path_factory.mktemp("reg"), dataset)


def moved(x: float, degrees: float = 0.0) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0, x], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def link(
    found: FoundObject, start: str, end: str, matrix: np.ndarray | None = None
) -> SpatialRegistration:
    matrix = np.eye(4) if matrix is None else matrix
    return SpatialRegistration(found, RigidTransform(matrix, start, end))


def simple_ways(
    edges: Sequence[tuple[str, str]], start: str, goals: set[str]
) -> Iterator[set[int]]:
    """Edges of every way that meets no frame twice, by trying all of them."""
    waiting: list[tuple[str, frozenset[str], frozenset[int]]]
    waiting = [(start, frozenset({start}), frozenset())]
    while waiting:
        frame, seen, used = waiting.pop()
        if frame in goals:
            yield set(used)
        for n, ends in enumerate(edges):
            if frame in ends:
                (other,) = set(ends) - {frame}
                if other not in seen:
                    waiting.append((other, seen | {other}, used | {n}))


PAIRS = [(a, b) for a in "ABCDEF" for b in "ABCDEF" if a != b]


@given(
    edges=st.lists(st.sampled_from(PAIRS), max_size=9),
    frames=st.sets(st.sampled_from("ABCDEF"), max_size=3),
)
def test_a_registration_is_needed_exactly_if_a_way_leads_over_it(
    found: FoundObject, edges: list[tuple[str, str]], frames: set[str]
) -> None:
    links = [link(found, *ends) for ends in edges]
    needed: set[int] = set()
    for start in frames:
        for way in simple_ways(edges, start, frames - {start}):
            needed |= way
    kept = registrations_between(links, frames)
    assert [id(one) for one in kept] == [id(links[n]) for n in sorted(needed)]


PLACES = {name: moved(11.0 * n, 7.0 * n) for n, name in enumerate("ABCDEF")}


def true_link(found: FoundObject, start: str, end: str) -> SpatialRegistration:
    """A registration as all frames truly lie."""
    return link(found, start, end, PLACES[end] @ np.linalg.inv(PLACES[start]))


@given(edges=st.lists(st.sampled_from(PAIRS), max_size=12))
def test_ways_that_are_all_true_agree(
    found: FoundObject, edges: list[tuple[str, str]]
) -> None:
    assert disagreeing_ways([true_link(found, *ends) for ends in edges]) == ()


@given(
    wrong=st.integers(0, 3),
    shift_mm=st.floats(0.6, 50.0),
    backwards=st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_one_false_registration_on_a_ring_is_noticed_wherever_it_is(
    found: FoundObject, wrong: int, shift_mm: float, backwards: list[bool]
) -> None:
    ring = ["AB", "BC", "CD", "DA"]
    links = [
        true_link(found, *(ends[::-1] if back else ends))
        for ends, back in zip(ring, backwards, strict=True)
    ]
    true = links[wrong].transform
    links[wrong] = link(
        found, true.from_frame, true.to_frame, moved(shift_mm) @ true.matrix
    )
    (problem,) = disagreeing_ways(links)
    said = re.search(r"differently, by ([0-9.]+) mm", problem)
    assert said is not None
    assert float(said[1]) == pytest.approx(shift_mm, abs=0.0501)


@pytest.mark.parametrize(
    ("matrix", "agrees"),
    [
        (moved(0.4), True),
        (moved(0.6), False),
        (moved(0.0, 0.09), True),
        (moved(0.0, 0.2), False),
    ],
)
def test_ways_agree_to_the_tolerance_of_two_objects(
    found: FoundObject, matrix: np.ndarray, *, agrees: bool
) -> None:
    links = [
        link(found, "A", "B"),
        link(found, "B", "C"),
        link(found, "A", "C", matrix),
    ]
    assert (disagreeing_ways(links) == ()) is agrees


# --- in an export ---------------------------------------------------------------------


@pytest.fixture
def courses() -> tuple[CourseExport, CourseExport]:
    return course_export(1), course_export(2)


def add(export: CourseExport, name: str, ends: tuple[str, str], x: float) -> None:
    uid = f"{ROOT}.9.{len(export.objects)}"
    export.objects[name] = registration_object(uid, *ends, moved(x).tolist())


def test_a_way_around_that_contradicts_is_refused_naming_its_objects(
    courses: tuple[CourseExport, CourseExport], tmp_path: Path
) -> None:
    first, second = courses
    add(first, "direct.dcm", (first.frame, second.frame), 0.0)
    add(first, "there.dcm", (first.frame, "1.2.9"), 30.0)
    add(first, "back.dcm", ("1.2.9", second.frame), 0.0)
    (problem,) = surveyed(tmp_path, first, second).problems
    for name in ("direct.dcm", "there.dcm", "back.dcm", "30.0 mm"):
        assert name in problem


@pytest.mark.parametrize(("x", "agrees"), [(0.0, True), (4.0, False)])
def test_two_ways_of_equal_length_are_both_used_and_compared(
    courses: tuple[CourseExport, CourseExport],
    tmp_path: Path,
    x: float,
    *,
    agrees: bool,
) -> None:
    first, second = courses
    for name, frame, shift in (("p", "1.2.8", 0.0), ("q", "1.2.9", x)):
        add(first, f"{name}1.dcm", (first.frame, frame), shift)
        add(first, f"{name}2.dcm", (frame, second.frame), 0.0)
    result = surveyed(tmp_path, first, second)
    for name in ("p1.dcm", "p2.dcm", "q1.dcm", "q2.dcm"):
        assert fate(result, name) == ("used", "relates the courses in space")
    assert (result.problems == ()) is agrees


def test_a_registration_beside_every_way_says_why_it_is_ignored(
    courses: tuple[CourseExport, CourseExport], tmp_path: Path
) -> None:
    first, second = courses
    add(first, "direct.dcm", (first.frame, second.frame), 5.0)
    # A ring that hangs on one course and does not close.
    add(first, "r1.dcm", (second.frame, "1.2.8"), 0.0)
    add(first, "r2.dcm", ("1.2.8", "1.2.9"), 0.0)
    add(first, "r3.dcm", ("1.2.9", second.frame), 99.0)
    result = surveyed(tmp_path, first, second)
    assert result.problems == ()
    assert fate(result, "direct.dcm")[0] == "used"
    for name in ("r1.dcm", "r2.dcm", "r3.dcm"):
        status, reason = fate(result, name)
        assert status == "ignored"
        assert "no way from the frame of reference of one course" in reason
