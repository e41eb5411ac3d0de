"""elastix through itk-elastix: its own default parameters for rigid registration."""

from importlib.metadata import version
from pathlib import Path

import itk
import numpy as np
from running import Action, images_only, run


def image_of(folder: Path) -> itk.Image:
    names = [str(one) for one in sorted(images_only(folder).iterdir())]
    image = itk.imread(names, itk.F)
    # Else the slices are read again whenever a part of the image is asked for.
    image.DisconnectPipeline()
    return image


def register(case: Path) -> Action:
    fixed, moving = (image_of(case / name) for name in ("course2", "course1"))

    def action() -> list[list[float]]:
        parameters = itk.ParameterObject.New()
        parameters.AddParameterMap(parameters.GetDefaultParameterMap("rigid"))
        _, found = itk.elastix_registration_method(
            fixed, moving, parameter_object=parameters, log_to_console=False
        )
        return _matrix(found.GetParameterMap(0))

    return action


def _matrix(found: dict[str, list[str]]) -> list[list[float]]:
    """From moving to fixed; elastix gives Euler angles the other way."""
    values = [float(one) for one in found["TransformParameters"]]
    centre = np.array([float(one) for one in found["CenterOfRotationPoint"]])
    euler = itk.Euler3DTransform[itk.D].New()
    euler.SetComputeZYX(found.get("ComputeZYX", ["false"])[0] == "true")
    euler.SetCenter(centre.tolist())
    euler.SetRotation(*values[:3])
    forward = np.eye(4)
    forward[:3, :3] = itk.array_from_matrix(euler.GetMatrix())
    forward[:3, 3] = centre - forward[:3, :3] @ centre + np.array(values[3:])
    return np.linalg.inv(forward).tolist()


if __name__ == "__main__":
    run({"register": register}, version=version("itk-elastix"))
