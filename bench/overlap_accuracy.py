"""Error of volumes inside isodoses, against closed forms; a Markdown table.

Run from the root of the checkout: ``python bench/overlap_accuracy.py [PART ...]``; a
part is ``lenses``, ``flat`` or ``borders``, by default all three. Doses are on 3 mm
grids, organs on 3 mm slices; errors are in per cent, mean and largest.
"""

import sys
from collections.abc import Callable, Iterator

import numpy as np
from scipy.optimize import brentq
from scipy.spatial.transform import Rotation
from scipy.special import erfc

from reirrad.core import regions
from reirrad.core.dose import DoseGrid
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.regions import intersection, isodose_region, measured_volume
from reirrad.core.sampling import SamplePoints, sample
from reirrad.core.sections import sections_of
from reirrad.core.transforms import identity
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sphere_contours,
)
from reirrad.phantoms.closed_forms import cap_height_mm, cap_volume_cc, lens_distance_mm

Profile = Callable[[FloatArray], FloatArray]

FRAME = "2.25.1000000000000000000000023"
SEED = 20
POSITIONS = 20
RADIUS_MM = 25.0
PEAK_GY = 50.0
AXIAL: FloatArray = np.eye(3)
TILT: FloatArray = np.asarray(
    Rotation.from_euler("xyz", [17, -9, 31], degrees=True).as_matrix()
)
LENSES_CC = (1.0, 10.0)
DIRECTIONS = {
    "x": (1.0, 0.0, 0.0),
    "z": (0.0, 0.0, 1.0),
    "-z": (0.0, 0.0, -1.0),
    "between": (1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0),
}


def logistic(within_mm: float, level_gy: float = 20.0) -> Profile:
    """From 50 Gy to nothing, a level at the radius; 80 to 20 % within a distance."""
    slope_mm = within_mm / (2.0 * np.log(4.0))
    beyond = PEAK_GY / level_gy - 1.0
    return lambda r: PEAK_GY / (1.0 + beyond * np.exp((r - RADIUS_MM) / slope_mm))


def error_function(within_mm: float, level_gy: float) -> Profile:
    """The same with the shape of a blurred edge."""
    width_mm = within_mm / (2.0 * 0.5951161)
    middle = brentq(lambda x: 0.5 * erfc(x) - level_gy / PEAK_GY, -4.0, 4.0)
    return lambda r: 0.5 * PEAK_GY * erfc((r - RADIUS_MM) / width_mm + middle)


def gaussian() -> Profile:
    """20 Gy at the radius and 50 Gy at half of it."""
    square = (RADIUS_MM**2 * 0.75) / (2.0 * np.log(2.5))
    peak = 20.0 * np.exp(RADIUS_MM**2 / (2.0 * square))
    return lambda r: peak * np.exp(-(r**2) / (2.0 * square))


def straight(within_mm: float) -> Profile:
    """From 50 Gy to nothing along a straight line, 20 Gy at the radius."""
    per_mm = PEAK_GY / within_mm
    return lambda r: np.clip(20.0 - per_mm * (r - RADIUS_MM), 0.0, PEAK_GY)


FALLS: dict[str, tuple[Profile, float]] = {
    "Gaussian fall-off": (gaussian(), 20.0),
    "80 to 20 % within 11 mm": (logistic(11.0), 20.0),
    "80 to 20 % within 8.3 mm": (logistic(8.3), 20.0),
    "80 to 20 % within 5.5 mm": (logistic(5.5), 20.0),
    "80 to 20 % within 4.5 mm": (logistic(4.5), 20.0),
    **{
        f"5.5 mm, level {level} Gy": (logistic(5.5, level), float(level))
        for level in (2, 10, 15, 25, 30, 35, 40)
    },
    "5.5 mm, error function": (error_function(5.5, 20.0), 20.0),
    "the same, level 40 Gy": (error_function(5.5, 40.0), 40.0),
    "straight, all within 8 mm": (straight(8.0), 20.0),
    "straight, all within 12 mm": (straight(12.0), 20.0),
}
NOISE_PERCENT = (1.0, 2.0)
NOISY = ("Gaussian fall-off", "80 to 20 % within 8.3 mm", "80 to 20 % within 5.5 mm")


def main() -> None:
    parts = sys.argv[1:] or ["lenses", "flat", "borders"]
    for part in parts:
        {"lenses": lenses, "flat": flat, "borders": borders}[part]()


def ball(centre_mm: FloatArray, radius_mm: float) -> SamplePoints:
    """An organ with a closed form, drawn on slices."""
    contours = sphere_contours(
        centre_mm, radius_mm, slices=SliceStack(spacing_mm=3.0), n_vertices=128
    )
    structure = analytic_structure("organ", contours, frame_of_reference_uid=FRAME)
    return sample(sections_of(structure), centred=True)


def box(half_mm: float, axes: FloatArray = AXIAL) -> GridGeometry:
    """A 3 mm grid around the origin."""
    return box_geometry(
        [-half_mm] * 3,
        [half_mm] * 3,
        spacing_mm=(3.0, 3.0, 3.0),
        frame_of_reference_uid=FRAME,
        axes=axes,
    )


def row(name: str, *errors: list[float]) -> None:
    cells = [f"{np.mean(np.abs(e)):.2f} ({np.max(np.abs(e)):.2f})" for e in errors]
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def lenses() -> None:
    """Two balls that share 1 or 10 cc along x, half of the grids oblique."""
    print("| lens | 1 cc, cubic | 1 cc | 10 cc, cubic | 10 cc |")
    print("| --- | --- | --- | --- | --- |")
    organ = ball(np.zeros(3), 100.0)
    for name, (profile, level_gy) in FALLS.items():
        row(name, *_lens_errors(organ, profile, level_gy=level_gy, noise=0.0))
    for name in NOISY:
        for percent in NOISE_PERCENT:
            profile, level_gy = FALLS[name]
            found = _lens_errors(
                organ, profile, level_gy=level_gy, noise=percent / 100.0
            )
            row(f"{name}, {percent:.0f} % noise", *found)


def _lens_errors(
    organ: SamplePoints, profile: Profile, *, level_gy: float, noise: float
) -> Iterator[list[float]]:
    corrected = regions.MOST_CORRECTED_VOXELS
    for lens_cc in LENSES_CC:
        apart_mm = lens_distance_mm(RADIUS_MM, lens_cc)
        for most in (0.0, corrected):
            regions.MOST_CORRECTED_VOXELS = most
            rng = np.random.default_rng(SEED)
            errors = []
            for number in range(POSITIONS):
                geometry = box(66.0, (AXIAL, TILT)[number % 2])
                middle = rng.uniform(-1.5, 1.5, 3)
                grids = [
                    _noisy(
                        profile(
                            _radii(geometry, middle + side * apart_mm / 2 * AXIAL[0])
                        ),
                        geometry,
                        noise,
                        rng,
                    )
                    for side in (-1, 1)
                ]
                shared = intersection(
                    *(
                        isodose_region(
                            [g], level_gy=level_gy, to_course=identity(FRAME)
                        )
                        for g in grids
                    )
                )
                found = measured_volume(organ, shared).volume_cc
                errors.append(100.0 * (found / lens_cc - 1.0))
            yield errors
    regions.MOST_CORRECTED_VOXELS = corrected


def _radii(geometry: GridGeometry, centre_mm: FloatArray) -> FloatArray:
    points = geometry.points_mm(np.moveaxis(np.indices(geometry.shape), 0, -1))
    return np.asarray(np.linalg.norm(points - centre_mm, axis=-1))


def _noisy(
    values: FloatArray, geometry: GridGeometry, noise: float, rng: np.random.Generator
) -> DoseGrid:
    """As of a Monte Carlo calculation.

    The noise is a share of the maximum there, falling with the root of the dose.
    """
    spread = noise * np.sqrt(values * PEAK_GY)
    values = values + spread * rng.standard_normal(values.shape)
    return DoseGrid(np.maximum(values, 0.0), geometry)


def flat() -> None:
    """A flat isodose that cuts 1 or 10 cc off a ball, along its surface."""
    print("\n| ball, radius | direction | 1 cc | 10 cc |\n| --- | --- | --- | --- |")
    geometry = box(99.0)
    points = geometry.points_mm(np.moveaxis(np.indices(geometry.shape), 0, -1))
    for radius_mm in (20.0, 40.0, 75.0):
        for name, direction in DIRECTIONS.items():
            found: list[list[float]] = []
            for cut_cc in LENSES_CC:
                rng, errors = np.random.default_rng(SEED), []
                height_mm = cap_height_mm(radius_mm, cut_cc)
                for _ in range(POSITIONS // 2):
                    centre = rng.uniform(-1.5, 1.5, 3)
                    along = (points - centre) @ np.array(direction)
                    values = 60.0 - 0.5 * (along + radius_mm - height_mm)
                    errors.append(
                        _error(
                            ball(centre, radius_mm),
                            [DoseGrid(np.maximum(values, 0.0), geometry)],
                            level_gy=60.0,
                            expected_cc=cut_cc,
                        )
                    )
                found.append(errors)
            row(f"{radius_mm:.0f} mm | {name}", *found)


def borders() -> None:
    """A dose that ends within a ball, alone and beside one that goes on."""
    print("\n| ball, radius | one grid | two grids |\n| --- | --- | --- |")
    for radius_mm in (20.0, 40.0):
        rng = np.random.default_rng(SEED)
        found: tuple[list[float], list[float]] = ([], [])
        for number in range(POSITIONS):
            axes = (AXIAL, TILT)[number % 2]
            edge_mm = rng.uniform(-0.6, 0.6) * radius_mm
            ending = box_geometry(
                [-60.2, -60.4, edge_mm - 121.5],
                [60.0, 60.0, edge_mm - 1.5],
                spacing_mm=(3.0, 3.0, 3.0),
                frame_of_reference_uid=FRAME,
                axes=axes,
            )
            on = box(60.0, axes)
            expected_cc = cap_volume_cc(radius_mm, radius_mm + edge_mm)
            organ = ball(np.zeros(3), radius_mm)
            alone = [DoseGrid(np.full(ending.shape, 24.0), ending)]
            beside = [
                DoseGrid(np.full(ending.shape, 12.0), ending),
                DoseGrid(np.full(on.shape, 12.0), on),
            ]
            for errors, grids in zip(found, (alone, beside), strict=True):
                errors.append(
                    _error(organ, grids, level_gy=20.0, expected_cc=expected_cc)
                )
        row(f"{radius_mm:.0f} mm", *found)


def _error(
    organ: SamplePoints,
    grids: list[DoseGrid],
    *,
    level_gy: float,
    expected_cc: float,
) -> float:
    region = isodose_region(grids, level_gy=level_gy, to_course=identity(FRAME))
    found = measured_volume(organ, region).volume_cc
    return 100.0 * (found / expected_cc - 1.0)


if __name__ == "__main__":
    main()
