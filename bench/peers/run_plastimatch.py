"""plastimatch: a command line, so every time holds reading and writing files."""

import csv
import re
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from running import Action, analytic_courses, curve_metrics, mean_of_curve, run

PROGRAM = Path(sys.executable).parent / "plastimatch"
BIN_GY = 0.02
STAGES = """
[STAGE]
xform=align_center
[STAGE]
xform=rigid
optim=versor
metric=mattes
mattes_histogram_bins=50
max_its=40
res=4 4 2
[STAGE]
xform=rigid
optim=versor
metric=mattes
mattes_histogram_bins=50
max_its=20
res=2 2 1
"""


def call(*arguments: object) -> None:
    subprocess.run([PROGRAM, *map(str, arguments)], check=True, capture_output=True)


def read(case: Path) -> Action:
    """It converts: contours become masks on the image on the way."""
    there = Path(tempfile.mkdtemp())

    def action() -> int:
        call(
            "convert", "--input", case / "course1",
            "--output-img", there / "image.mha",
            "--output-cxt", there / "contours.cxt",
            "--output-dose-img", there / "dose.mha",
        )  # fmt: skip
        return 0

    return action


def metrics(folder: Path) -> dict[str, dict[str, float]]:
    there = Path(tempfile.mkdtemp())
    masks, listed, dose = (there / name for name in ("ss.mha", "ss.txt", "dose.mha"))
    call(
        "convert", "--input", folder, "--output-ss-img", masks,
        "--output-ss-list", listed, "--output-dose-img", dose,
    )  # fmt: skip
    call(
        "dvh", "--input-ss-img", masks, "--input-ss-list", listed,
        "--input-dose", dose, "--normalization", "vox",
        "--bin-width", BIN_GY, "--num-bins", round(72.0 / BIN_GY),
        "--output-csv", there / "dvh.csv",
    )  # fmt: skip
    header = masks.read_bytes()[:2000].decode("latin-1")
    spacing = re.search(r"ElementSpacing = (\S+) (\S+) (\S+)", header)
    x, y, z = (float(one) for one in spacing.groups())
    voxel_cc = x * y * z / 1000.0
    with (there / "dvh.csv").open() as file:
        names, *rows = csv.reader(file)
    columns = list(zip(*[[float(one) for one in row] for row in rows], strict=True))
    result = {}
    for name, voxels in zip(names[1:], columns[1:], strict=True):
        volume = [one * voxel_cc for one in voxels]
        if volume[0]:
            mean = mean_of_curve(columns[0], volume)
            result[name] = curve_metrics(columns[0], volume, mean_gy=mean)
    return result


def dvh(case: Path) -> Action:
    return lambda: metrics(case / "course1")


def analytic(case: Path) -> Action:
    return lambda: {one.name: metrics(one) for one in analytic_courses(case)}


def register(case: Path) -> Action:
    there = Path(tempfile.mkdtemp())
    for name in ("course1", "course2"):
        call("convert", "--input", case / name, "--output-img", there / f"{name}.mha")
    (there / "parms.txt").write_text(
        f"[GLOBAL]\nfixed={there}/course2.mha\nmoving={there}/course1.mha\n"
        f"xform_out={there}/found.txt\n{STAGES}"
    )

    def action() -> list[list[float]]:
        call("register", there / "parms.txt")
        return _inverse(_versor_matrix((there / "found.txt").read_text()))

    return action


def _versor_matrix(text: str) -> list[list[float]]:
    """From fixed to moving: a versor's vector part, a shift, a centre."""
    a, b, c, *shift = _numbers(text, "Parameters")
    centre = _numbers(text, "FixedParameters")[:3]
    w = (1.0 - a * a - b * b - c * c) ** 0.5
    turn = [
        [1 - 2 * (b * b + c * c), 2 * (a * b - c * w), 2 * (a * c + b * w)],
        [2 * (a * b + c * w), 1 - 2 * (a * a + c * c), 2 * (b * c - a * w)],
        [2 * (a * c - b * w), 2 * (b * c + a * w), 1 - 2 * (a * a + b * b)],
    ]
    rows = []
    for row, centre_here, shift_here in zip(turn, centre, shift, strict=True):
        moved = sum(m * x for m, x in zip(row, centre, strict=True))
        rows.append([*row, centre_here - moved + shift_here])
    return rows


def _numbers(text: str, key: str) -> list[float]:
    line = re.search(rf"^{key}:(.*)$", text, re.MULTILINE)
    return [float(one) for one in line[1].split()]


def _inverse(rows: list[list[float]]) -> list[list[float]]:
    turned = [[rows[n][m] for n in range(3)] for m in range(3)]
    back = [-sum(value * rows[n][3] for n, value in enumerate(line)) for line in turned]
    result = [[*line, at] for line, at in zip(turned, back, strict=True)]
    return [*result, [0.0, 0.0, 0.0, 1.0]]


if __name__ == "__main__":
    run(
        {"read": read, "dvh": dvh, "register": register, "analytic": analytic},
        version=version("plastimatch"),
    )
