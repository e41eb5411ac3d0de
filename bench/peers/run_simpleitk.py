"""SimpleITK: images and doses (it reads no contours), registration, resampling."""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from running import Action, run
from sitk_matrix import matrix_of


def image_of(folder: Path) -> sitk.Image:
    reader = sitk.ImageSeriesReader()
    names = sorted(str(one) for one in folder.glob("MR_*.dcm"))
    reader.SetFileNames(names)
    return sitk.Cast(reader.Execute(), sitk.sitkFloat32)


def dose_of(folder: Path) -> sitk.Image:
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(folder / "RD_1.dcm"))
    reader.LoadPrivateTagsOn()
    dose = reader.Execute()
    scaling = float(reader.GetMetaData("3004|000e"))
    return sitk.Cast(dose, sitk.sitkFloat32) * scaling


def read(case: Path) -> Action:
    def action() -> int:
        image_of(case / "course1")
        dose_of(case / "course1")
        return 0

    return action


def register(case: Path) -> Action:
    """Mutual information of a tenth of the voxels, three resolutions."""
    fixed, moving = (image_of(case / name) for name in ("course2", "course1"))

    def action() -> list[list[float]]:
        start = sitk.CenteredTransformInitializer(
            fixed,
            moving,
            sitk.Euler3DTransform(),
            sitk.CenteredTransformInitializerFilter.MOMENTS,
        )
        method = sitk.ImageRegistrationMethod()
        method.SetMetricAsMattesMutualInformation(numberOfHistogramBins=50)
        method.SetMetricSamplingStrategy(method.REGULAR)
        method.SetMetricSamplingPercentage(0.1, 1)
        method.SetInterpolator(sitk.sitkLinear)
        method.SetOptimizerAsRegularStepGradientDescent(
            learningRate=2.0, minStep=1e-4, numberOfIterations=200
        )
        method.SetOptimizerScalesFromPhysicalShift()
        method.SetShrinkFactorsPerLevel([4, 2, 1])
        method.SetSmoothingSigmasPerLevel([2.0, 1.0, 0.0])
        method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
        method.SetInitialTransform(start, inPlace=True)
        method.Execute(fixed, moving)
        return matrix_of(start)

    return action


def _resampler(case: Path, interpolator: int) -> Action:
    dose = dose_of(case / "course2")
    truth = json.loads((case / "truth.json").read_text())
    matrix = np.array(truth["resampling"])
    move = sitk.AffineTransform(3)
    move.SetMatrix(matrix[:3, :3].ravel().tolist())
    move.SetTranslation(matrix[:3, 3].tolist())
    probe = tuple(np.array(truth["probe_indices"]).T)

    def action() -> list[float]:
        moved = sitk.Resample(dose, dose, move, interpolator, 0.0)
        return sitk.GetArrayViewFromImage(moved)[probe].tolist()

    return action


def resample(case: Path) -> Action:
    return _resampler(case, sitk.sitkBSpline)


def resample_linear(case: Path) -> Action:
    return _resampler(case, sitk.sitkLinear)


if __name__ == "__main__":
    run(
        {
            "read": read,
            "register": register,
            "resample, cubic": resample,
            "resample, linear": resample_linear,
        },
        version=version("SimpleITK"),
    )
