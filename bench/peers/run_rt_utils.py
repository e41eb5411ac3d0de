"""rt-utils for the masks, numpy for the rest: trilinear dose at the voxel centres."""

from importlib.metadata import version
from pathlib import Path

import numpy as np
import pydicom
from rt_utils import RTStructBuilder
from running import Action, analytic_courses, images_only, run


def metrics(folder: Path, slices: Path) -> dict[str, dict[str, float]]:
    drawn = RTStructBuilder.create_from(str(slices), str(folder / "RS.dcm"))
    first = drawn.series_data[0]
    row, column = (float(one) for one in first.PixelSpacing)
    origin = np.array(first.ImagePositionPatient, dtype=np.float64)
    second = np.array(drawn.series_data[1].ImagePositionPatient, dtype=np.float64)
    between = second[2] - origin[2]
    voxel_cc = row * column * abs(between) / 1000.0
    dose = pydicom.dcmread(folder / "RD_1.dcm")
    gray = dose.pixel_array * float(dose.DoseGridScaling)
    result = {}
    for name in drawn.get_roi_names():
        mask = drawn.get_roi_mask_by_name(name)
        j, i, k = np.nonzero(mask)
        if not len(k):
            continue
        points = origin + np.stack([i * column, j * row, k * between], axis=1)
        values = np.sort(_trilinear(dose, gray, points))[::-1]
        result[name] = _of_values(values, voxel_cc)
    return result


def _trilinear(
    dose: pydicom.Dataset, gray: np.ndarray, points: np.ndarray
) -> np.ndarray:
    origin = np.array(dose.ImagePositionPatient, dtype=np.float64)
    row, column = (float(one) for one in dose.PixelSpacing)
    step = float(dose.GridFrameOffsetVector[1]) - float(dose.GridFrameOffsetVector[0])
    index = ((points - origin) / [column, row, step])[:, ::-1]
    low = np.clip(np.floor(index).astype(int), 0, np.array(gray.shape) - 2)
    share = np.clip(index - low, 0.0, 1.0)
    total = np.zeros(len(points))
    for corner in np.indices((2, 2, 2)).reshape(3, -1).T:
        weight = np.prod(np.where(corner == 1, share, 1.0 - share), axis=1)
        total += weight * gray[tuple((low + corner).T)]
    return total


def _of_values(values: np.ndarray, voxel_cc: float) -> dict[str, float]:
    """Metrics of voxel doses in falling order."""
    hotter = (np.arange(len(values)) + 0.5) * voxel_cc
    total = len(values) * voxel_cc
    wanted = {"D98": 0.98, "D95": 0.95, "D50": 0.5, "D2": 0.02}
    found = {
        name: float(np.interp(share * total, hotter, values))
        for name, share in wanted.items()
    }
    found["D0.1cc"] = float(np.interp(0.1, hotter, values))
    return {"volume": total, "mean": float(values.mean()), **found}


def dvh(case: Path) -> Action:
    folder = case / "course1"
    slices = images_only(folder)
    return lambda: metrics(folder, slices)


def analytic(case: Path) -> Action:
    folders = [(one, images_only(one)) for one in analytic_courses(case)]
    return lambda: {one.name: metrics(one, slices) for one, slices in folders}


if __name__ == "__main__":
    run({"dvh": dvh, "analytic": analytic}, version=version("rt-utils"))
