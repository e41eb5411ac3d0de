"""Time to read one course, and its ratio to a plain pydicom reader in the same run.

``python bench/reading.py [FOLDER]`` reads FOLDER, one course as DICOM; without it, a
course made here: 100 MR slices of 300 x 300, 15 structures with about 86,000 contour
points and a dose of 150 x 150 x 100 in 32 bit.

The plain reader parses every file, takes the pixels of images and dose, and converts
every contour as pydicom does by itself. reirrad's time is that of `survey`: hashes and
audit of every file, all checks, image stack, structures and dose. Both take turns; the
medians count. What preparing the dose for look-ups takes is told apart.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
from pydicom import dcmread

from reirrad.core.assessment import PatientIdentity
from reirrad.core.courses import Course, Delivery, Prescription
from reirrad.core.dose import DoseGrid
from reirrad.core.geometry import GridGeometry
from reirrad.core.images import Image
from reirrad.core.structures import Contour, Role, Structure
from reirrad.dicom.write_course import write_course
from reirrad.workflows.gather import survey
from reirrad.workflows.settings import load_settings

RUNS = 9
LIMIT_S = 0.2
LIMIT_RATIO = 5.0
FRAME = "2.25.1000000000000000000000021"
N_STRUCTURES, SLICES_EACH, POINTS_EACH = 15, 29, 199
COLD = """
import sys, time
from pathlib import Path
from reirrad.workflows.gather import survey
from reirrad.workflows.settings import load_settings
settings = load_settings(None)
started = time.perf_counter()
survey([Path(sys.argv[1])], settings)
print(time.perf_counter() - started)
"""


def made_course() -> Course:
    rng = np.random.default_rng(15)
    image = rng.integers(0, 1200, (100, 300, 300)).astype(np.float32)
    dose = rng.uniform(0.0, 20.0, (100, 150, 150))
    dose[40:60, 60:90, 60:90] = 50.0
    return Course(
        number=1,
        start_date=date(2024, 1, 8),
        plan_label="reading",
        frame_of_reference_uid=FRAME,
        prescription=Prescription(50.0, 5, "bench"),
        deliveries=(Delivery((DoseGrid(dose, grid((100, 150, 150), 3.0)),), 5),),
        structures=tuple(made_structure(n) for n in range(1, N_STRUCTURES + 1)),
        image=Image(image, grid((100, 300, 300), 1.5), "MR"),
    )


def grid(shape: tuple[int, int, int], spacing_mm: float) -> GridGeometry:
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2], affine[3, 3] = 3.0, *[spacing_mm] * 2, 1.0
    affine[:3, 3] = -223.5, -223.5, -148.5
    return GridGeometry(shape, affine, FRAME)


def made_structure(number: int) -> Structure:
    """A wavy tube, so that contour numbers have all their digits."""
    angle = np.linspace(0.0, 2 * np.pi, POINTS_EACH, endpoint=False)
    contours = []
    for k in range(SLICES_EACH):
        radius_mm = 20.0 + 3.0 * np.sin(5 * angle + k) + number
        x_mm, y_mm = radius_mm * np.cos(angle), radius_mm * np.sin(angle)
        z_mm = np.full(POINTS_EACH, -148.5 + 3.0 * (k + 30))
        contours.append(Contour(np.column_stack([x_mm, y_mm, z_mm])))
    name = "Liver" if number == 1 else f"Part_{number}"
    return Structure(number, name, None, Role.ORGAN, tuple(contours), FRAME)


def plain_reader(folder: Path) -> int:
    """Read every file with pydicom alone; how many contour points there were."""
    n_points = 0
    for path in sorted(folder.rglob("*.dcm")):
        dataset = dcmread(path)
        if "PixelData" in dataset:
            _ = dataset.pixel_array
        for group in dataset.get("ROIContourSequence", []):
            for contour in group.get("ContourSequence", []):
                n_points += len(contour.ContourData) // 3
    return n_points


def seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def cold_s(folder: Path) -> float:
    """The first course that a new process reads, after its imports."""
    answer = subprocess.run(
        [sys.executable, "-c", COLD, folder], check=True, capture_output=True, text=True
    )
    return float(answer.stdout)


def report(folder: Path) -> None:
    settings = load_settings(None)
    course = survey([folder], settings).courses[0]
    given = course.deliveries[0].doses[0]
    plain, ours, prepared = [], [], []
    for _ in range(RUNS):
        plain.append(seconds(lambda: plain_reader(folder)))
        ours.append(seconds(lambda: survey([folder], settings)))
        prepared.append(seconds(lambda: DoseGrid(given.values_gy, given.geometry)))
    reading_s, plain_s = statistics.median(ours), statistics.median(plain)
    dose_s = statistics.median(prepared)
    cold = statistics.median(cold_s(folder) for _ in range(3))
    print(f"{folder}: {plain_reader(folder)} contour points")
    print(f"plain pydicom                  {plain_s:6.3f} s")
    print(
        f"reirrad                        {reading_s:6.3f} s = "
        f"{reading_s / LIMIT_S:4.2f} of {LIMIT_S} s; {plain_s / reading_s:.1f} times "
        f"as fast (limit {LIMIT_RATIO:g})"
    )
    print(f"  of it preparing the dose     {dose_s:6.3f} s")
    print(f"  first course of a process    {cold:6.3f} s")


def main() -> None:
    if len(sys.argv) > 1:
        report(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        patient = PatientIdentity(
            id="READING", name="Bench^Reading", birth_date=None, sex="O"
        )
        write_course(made_course(), Path(folder), patient=patient)
        report(Path(folder))


if __name__ == "__main__":
    main()
