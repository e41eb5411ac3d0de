"""Classes of re-irradiation just on either side of each edge, and intervals."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from reirrad.core.assessment import Assessment
from reirrad.phantoms.checks import Check
from reirrad.phantoms.closed_forms import lens_distance_mm
from reirrad.workflows.commissioning.front_door import assessed, written
from reirrad.workflows.commissioning.overlaps import (
    RADIUS_2_MM,
    RADIUS_50_MM,
    LensCase,
    lens_courses,
)
from reirrad.workflows.settings import load_settings

__all__ = ["examine_classes"]

GAP_MM = 0.4
SHARED_CC = 0.05
STEEP = ((60.0, 10.0), (25.0, 20.0), (2.0, 24.0))
TABLE_1 = "Table 1 of Chiloiro et al. 2024, strict reading"
POLICY = "overlap of the 2 Gy isodoses of up to 30 cc counts as none (contract)"
ESTRO = "decision tree of Andratschke et al. 2022"
# 2023-03-01 to 2023-12-31 has 305 days; 2024 is a leap year.
FIRST_DAY, SECOND_DAY, DAYS_BETWEEN = date(2023, 3, 1), date(2024, 3, 1), 366


def examine_classes(folder: Path) -> Iterator[Check]:
    """Ask for the class where overlaps are known to be barely there, or barely not."""
    yield from _edge_of_50_percent(folder)
    yield from _edge_of_2_gy(folder)
    yield from _policy_edge(folder)
    yield from _half_dose_alone(folder)
    yield from _outside_the_organ(folder)


def _asked(folder: Path, case: LensCase) -> Assessment:
    return assessed(written(folder, lens_courses(case)))


def _strict(subject: str, expected: str, result: Assessment) -> Check:
    found = result.pairs[0].classification.resbrt_type
    return Check(subject, expected, found, basis=TABLE_1)


def _applied(subject: str, expected: str, result: Assessment) -> Check:
    found = result.pairs[0].classification.as_applied_type
    return Check(subject, expected, found, basis=POLICY)


def _category(subject: str, expected: str, result: Assessment) -> Check:
    found = result.pairs[0].classification.estro_eortc
    return Check(subject, expected, found, basis=ESTRO)


def _edge_of_50_percent(folder: Path) -> Iterator[Check]:
    apart = LensCase(2.0 * RADIUS_50_MM + GAP_MM)
    result = _asked(folder / "1A", apart)
    yield _strict(f"50 % isodoses {GAP_MM:g} mm apart", "1A", result)
    yield _category("2 Gy isodoses overlap", "type 1", result)
    touching = LensCase(lens_distance_mm(RADIUS_50_MM, SHARED_CC))
    result = _asked(folder / "1B", touching)
    yield _strict(f"50 % isodoses share {SHARED_CC:g} cc", "1B", result)


def _edge_of_2_gy(folder: Path) -> Iterator[Check]:
    apart = LensCase(2.0 * RADIUS_2_MM + GAP_MM)
    courses = lens_courses(apart)
    courses = [
        replace(courses[0], start_date=FIRST_DAY),
        replace(courses[1], start_date=SECOND_DAY),
    ]
    written(folder / "2", courses)
    result = assessed(folder / "2")
    yield _strict(f"2 Gy isodoses {GAP_MM:g} mm apart", "2", result)
    yield _category(
        "no overlap, target in the same organ", "repeat organ irradiation", result
    )
    yield Check(
        "Interval over a leap day",
        DAYS_BETWEEN,
        result.pairs[0].interval_days,
        unit="days",
        basis="calendar",
    )
    concerned = replace(load_settings(None), oar_concern=True)
    yield _category(
        "no overlap, but concern about cumulative dose",
        "type 2",
        assessed(folder / "2", settings=concerned),
    )
    touching = LensCase(lens_distance_mm(RADIUS_2_MM, SHARED_CC))
    result = _asked(folder / "barely 1A", touching)
    yield _strict(f"2 Gy isodoses share {SHARED_CC:g} cc", "1A", result)


def _policy_edge(folder: Path) -> Iterator[Check]:
    for volume_cc, applied in ((29.8, "2"), (30.2, "1A")):
        case = LensCase(lens_distance_mm(RADIUS_2_MM, volume_cc))
        result = _asked(folder / f"policy {applied}", case)
        yield _strict(f"Ov2Gy {volume_cc:g} cc, strict", "1A", result)
        yield _applied(f"Ov2Gy {volume_cc:g} cc, as applied", applied, result)


def _half_dose_alone(folder: Path) -> Iterator[Check]:
    """Half the dose overlaps where 2 Gy does not, or does not count: 1B*."""
    low = LensCase(
        lens_distance_mm(30.0, 0.5),
        radius_at=((3.0, 15.0), (2.0, 25.0), (1.5, 30.0)),
        prescription_gy=3.0,
        n_fractions=1,
    )
    result = _asked(folder / "low dose", low)
    yield _strict("50 % of 3 Gy overlaps, 2 Gy does not", "1B*", result)
    steep = LensCase(lens_distance_mm(20.0, 0.5), radius_at=STEEP)
    result = _asked(folder / "steep", steep)
    yield _strict("steep dose, Ov2Gy below 30 cc, strict", "1B", result)
    yield _applied("steep dose, Ov2Gy below 30 cc, as applied", "1B*", result)


def _outside_the_organ(folder: Path) -> Iterator[Check]:
    case = LensCase(
        lens_distance_mm(RADIUS_50_MM, 10.0),
        organ_centre_x_mm=95.0,
        organ_radius_mm=30.0,
    )
    result = _asked(folder / "outside", case)
    yield _strict("overlap, but none of it in the organ", "2", result)
    yield _category("overlap outside the organ", "type 1", result)
