"""EQD2 and BED of doses that are the same everywhere: literal answers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from reirrad.core.assessment import Assessment
from reirrad.core.structures import Role, Structure
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
    sphere_contours,
)
from reirrad.phantoms.checks import Check
from reirrad.phantoms.plain_course import plain_course, uniform_dose
from reirrad.workflows.commissioning.front_door import (
    assessed,
    metrics_of,
    structure_named,
    written,
)
from reirrad.workflows.settings import load_settings

__all__ = ["examine_equieffective_dose"]

FRAME = "1.2.826.0.1.3680043.10.1511.1"
# Name, x of the centre, role, ratio of the settings, ratio of the shipped table.
STRUCTURES = (
    ("Liver", -45.0, Role.ORGAN, 4.0, 2.5),
    ("SpinalCord", -15.0, Role.ORGAN, 2.0, 2.0),
    ("Duodenum", 15.0, Role.ORGAN, 3.0, 3.0),
    ("GTV", 45.0, Role.GTV, 10.0, 10.0),
)
OWN_RATIOS = {"Liver": 4.0, "SpinalCord": 2.0, "default_oar": 3.0, "target": 10.0}
# EQD2 = D (d + r) / (2 + r), worked out by hand: r to 54 Gy in 3, 30 Gy in 6, the sum.
EQD2_GY = {
    2.0: (270.0, 52.5, 322.5),
    3.0: (226.8, 48.0, 274.8),
    4.0: (198.0, 45.0, 243.0),
    10.0: (126.0, 37.5, 163.5),
}
# BED = D (1 + d / 10) of the prescriptions, and their EQD2 for the same ratio.
PRESCRIPTION_BED_GY = (151.2, 45.0)
PRESCRIPTION_EQD2_GY = (126.0, 37.5)
METRICS = ("Mean[Gy]", "D98%[Gy]", "D0.1cc[Gy]")
TOLERANCE_GY = 0.001
BASIS = "arithmetic of the linear-quadratic model; only the dose scaling rounds"


def examine_equieffective_dose(folder: Path) -> Iterator[Check]:
    """54 Gy in 3 and 30 Gy in 6 fractions, everywhere, in tissues of four ratios."""
    geometry = box_geometry(
        [-80.0, -40.0, -40.0],
        [80.0, 40.0, 40.0],
        spacing_mm=(4.0, 4.0, 4.0),
        frame_of_reference_uid=FRAME,
    )
    courses = [
        plain_course(
            number,
            sampled_dose(uniform_dose(dose_gy), geometry),
            _structures(),
            prescription_gy=dose_gy,
            n_fractions=n_fractions,
        )
        for number, dose_gy, n_fractions in ((1, 54.0, 3), (2, 30.0, 6))
    ]
    written(folder, courses)
    plain = load_settings(None)
    result = assessed(folder, settings=replace(plain, alpha_beta_gy=OWN_RATIOS))
    for name, _, _, ratio, _ in STRUCTURES:
        yield from _equivalents(result, name, ratio)
    yield from _prescriptions(result)
    shipped = assessed(folder, settings=plain)
    for name, _, _, _, ratio in STRUCTURES:
        yield Check(
            f"{name}: alpha/beta without settings",
            ratio,
            structure_named(shipped, name).alpha_beta_gy,
            unit="Gy",
            basis="documented default (decision 0007)",
        )


def _structures() -> list[Structure]:
    return [
        analytic_structure(
            name,
            sphere_contours([x, 0.0, 0.0], 12.0, slices=SliceStack(3.0), n_vertices=64),
            frame_of_reference_uid=FRAME,
            number=number,
            role=role,
        )
        for number, (name, x, role, _, _) in enumerate(STRUCTURES, start=1)
    ]


def _equivalents(result: Assessment, name: str, ratio: float) -> Iterator[Check]:
    structure = structure_named(result, name)
    scopes: tuple[int | str, ...] = (1, 2, "cumulative")
    for scope, expected in zip(scopes, EQD2_GY[ratio], strict=True):
        words = "sum of both" if scope == "cumulative" else f"course {scope}"
        for metric in METRICS:
            yield Check(
                f"{name}, alpha/beta {ratio:g} Gy: EQD2 {metric}, {words}",
                expected,
                metrics_of(structure, scope, "EQD2")[metric],
                TOLERANCE_GY,
                "Gy",
                BASIS,
            )


def _prescriptions(result: Assessment) -> Iterator[Check]:
    for course, bed_gy, eqd2_gy in zip(
        result.courses, PRESCRIPTION_BED_GY, PRESCRIPTION_EQD2_GY, strict=True
    ):
        for what, expected, found in (
            ("BED", bed_gy, course.prescription.bed_gy),
            ("EQD2", eqd2_gy, course.prescription.eqd2_gy),
        ):
            yield Check(
                f"Prescription of course {course.number}: {what}, alpha/beta 10 Gy",
                expected,
                found,
                TOLERANCE_GY,
                "Gy",
                BASIS,
            )
