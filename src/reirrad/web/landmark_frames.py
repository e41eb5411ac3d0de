"""Landmarks belong to the images they were marked in, whatever a course is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reirrad.core.landmarks import LandmarkPair, target_registration_errors_mm
from reirrad.core.transforms import RigidTransform
from reirrad.store.cases import Version
from reirrad.web.problems import RefusedError

__all__ = ["Fitting", "error_mm", "fitting", "framed", "not_used", "shown_version"]


@dataclass(frozen=True, slots=True)
class Fitting:
    """Pairs that lie in a version's frames of reference, and those that do not."""

    pairs: tuple[LandmarkPair, ...]
    others: tuple[LandmarkPair, ...]


def shown_version(versions: Sequence[Version], number: int | None) -> Version | None:
    """The version that was asked for, or the newest that is done.

    Raises
    ------
    RefusedError
        If the one that was asked for is not there.
    """
    if number is None:
        done = [one for one in versions if one.summary is not None]
        return done[-1] if done else None
    for one in versions:
        if one.number == number:
            return one
    raise RefusedError(404, f"This case has no version {number}.")


def fitting(pairs: Sequence[LandmarkPair], version: Version | None) -> Fitting:
    """Sort pairs by whether they were marked in the version's images."""
    fits = [
        pair.frames is not None and pair.frames == _frames(pair.course, version)
        for pair in pairs
    ]
    return Fitting(
        tuple(pair for pair, one in zip(pairs, fits, strict=True) if one),
        tuple(pair for pair, one in zip(pairs, fits, strict=True) if not one),
    )


def framed(pair: LandmarkPair, version: Version | None) -> LandmarkPair:
    """A pair with the frames of the images it was marked in.

    Raises
    ------
    RefusedError
        If the version is not assessed, or has no such course.
    """
    frames = _frames(pair.course, version)
    if frames is None:
        raise RefusedError(
            409,
            f"Landmark {pair.label!r} is of course {pair.course}, which no assessed "
            f"version shows. Load the page again.",
        )
    return replace(pair, frames=frames)


def error_mm(pair: LandmarkPair, version: Version | None) -> float | None:
    """How far the version's registration misses a pair; None where there is none."""
    frames = _frames(pair.course, version)
    for item in _summary(version).get("registrations", []):
        if frames and item["course"] == pair.course and item["matrix"] is not None:
            transform = RigidTransform(np.array(item["matrix"]), *frames)
            return float(target_registration_errors_mm([pair], transform)[0])
    return None


def not_used(others: Sequence[LandmarkPair]) -> list[str]:
    """What a person reads of pairs that do not fit."""
    return [
        f"Landmark {pair.label!r} is not used: it was marked in images that this "
        f"version does not register as course {pair.course} and reference course. It "
        f"is kept."
        for pair in others
    ]


def _frames(course: int, version: Version | None) -> tuple[str, str] | None:
    summary = _summary(version)
    frames: Mapping[str, str] = summary.get("frames", {})
    here, there = str(course), str(summary.get("reference_course"))
    return (frames[here], frames[there]) if {here, there} <= frames.keys() else None


def _summary(version: Version | None) -> Mapping[str, Any]:
    return (version.summary if version else None) or {}
