import math
from dataclasses import replace

import pytest

from reirrad.core.landmarks import LandmarkPair
from reirrad.errors import StoreError
from reirrad.store.database import Store
from reirrad.store.landmarks import landmark_set, landmarks, save_landmarks
from reirrad.store.trail import events
from tests.store.specimens import new_case

PAIR = LandmarkPair("portal bifurcation", 1, (0.1, -1 / 3, 1e9), (0.2, 0.0, -7.5))


def test_the_set_saved_last_counts(store: Store) -> None:
    case = new_case(store)
    assert landmarks(store, case.id) == ()
    save_landmarks(store, case.id, "anna", [PAIR])
    assert landmarks(store, case.id) == (PAIR,)
    save_landmarks(store, case.id, "anna", [])
    assert landmarks(store, case.id) == ()
    saved = [e.detail for e in events(store, case.id) if e.action == "landmarks saved"]
    assert saved == [{"pairs": 1}, {"pairs": 0}]


def test_one_label_may_stand_in_several_courses(store: Store) -> None:
    case = new_case(store)
    other = LandmarkPair(PAIR.label, 2, PAIR.earlier_mm, PAIR.reference_mm)
    save_landmarks(store, case.id, "anna", [PAIR, other])
    assert landmarks(store, case.id) == (PAIR, other)


def test_a_pair_keeps_the_frames_of_its_points(store: Store) -> None:
    case = new_case(store)
    there = replace(PAIR, frames=("1.2.1", "1.2.2"))
    back = replace(PAIR, frames=("1.2.2", "1.2.1"))
    save_landmarks(store, case.id, "anna", [there, back])
    assert landmarks(store, case.id) == (there, back)


def test_every_fault_is_said_at_once(store: Store) -> None:
    case = new_case(store)
    wrong = LandmarkPair(" ", 1, (math.nan, 0.0, 0.0), (0.0, math.inf, 0.0))
    with pytest.raises(StoreError) as refused:
        save_landmarks(store, case.id, "anna", [PAIR, PAIR, wrong])
    assert len(refused.value.problems) == 3
    assert landmarks(store, case.id) == ()


def test_too_many_pairs_are_refused(store: Store) -> None:
    case = new_case(store)
    many = [
        LandmarkPair(str(number), 1, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
        for number in range(201)
    ]
    with pytest.raises(StoreError, match="at most 200"):
        save_landmarks(store, case.id, "anna", many)


def test_landmarks_need_their_case(store: Store) -> None:
    with pytest.raises(StoreError, match="no case"):
        save_landmarks(store, "0" * 16, "anna", [PAIR])


def test_a_set_that_was_changed_from_an_older_one_is_refused(store: Store) -> None:
    case = new_case(store)
    assert landmark_set(store, case.id) == 0
    save_landmarks(store, case.id, "anna", [PAIR], based_on=0)
    first = landmark_set(store, case.id)
    save_landmarks(store, case.id, "anna", [], based_on=first)
    with pytest.raises(StoreError, match="anna saved landmarks of this case at"):
        save_landmarks(store, case.id, "bert", [PAIR], based_on=first)
    with pytest.raises(StoreError, match="Nothing was saved"):
        save_landmarks(store, case.id, "bert", [PAIR], based_on=0)
    assert landmarks(store, case.id) == ()
