"""Planning images and transforms as SimpleITK knows them.

SimpleITK orders a voxel index (i, j, k) where this package says (k, j, i); both place
voxel centres in LPS millimetres, so points need no conversion.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.errors import RegistrationError

__all__ = [
    "affine_of",
    "array_of",
    "image_of",
    "inverted",
    "itk_failures",
    "itk_from_array",
    "itk_image",
    "itk_rigid",
    "matrix_of",
]


@contextmanager
def itk_failures(what: str) -> Iterator[None]:
    """Turn an exception of SimpleITK into a sentence for the person who must act.

    Parameters
    ----------
    what
        The step that was tried: "the fine stage of the registration".

    Raises
    ------
    RegistrationError
        In place of any error that SimpleITK raises inside the block.
    """
    shows_warnings = sitk.ProcessObject.GetGlobalWarningDisplay()
    sitk.ProcessObject.GlobalWarningDisplayOff()
    try:
        yield
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        msg = (
            f"{what} failed ({lines[-1] if lines else 'no reason given'}). Check that "
            f"both planning images show the same region of the body, or supply a "
            f"DICOM spatial registration object or a matrix."
        )
        raise RegistrationError(msg) from error
    finally:
        sitk.ProcessObject.SetGlobalWarningDisplay(shows_warnings)


def itk_image(image: Image) -> sitk.Image:
    """Copy of an image with its spacing, origin and full direction cosines."""
    return itk_from_array(image.values, image.geometry.affine)


def itk_from_array(values: npt.NDArray[np.generic], affine: FloatArray) -> sitk.Image:
    """SimpleITK image of a (k, j, i) array.

    A left-handed set of voxel axes (slices stored against the right-hand normal of rows
    and columns) is turned over along k, which moves no voxel in space.

    Parameters
    ----------
    values : ndarray, shape (nk, nj, ni)
    affine : ndarray, shape (4, 4)
        Voxel index (k, j, i) to point in mm.
    """
    axes, origin = affine[:3, :3].copy(), affine[:3, 3].copy()
    # Columns ordered (i, j, k) are an odd permutation of (k, j, i): the sign turns.
    if np.linalg.det(axes) > 0:
        values = values[::-1]
        origin += axes[:, 0] * (values.shape[0] - 1)
        axes[:, 0] *= -1.0
    spacing = np.linalg.norm(axes, axis=0)
    itk = sitk.GetImageFromArray(np.ascontiguousarray(values))
    itk.SetOrigin(origin.tolist())
    itk.SetSpacing(spacing[::-1].tolist())
    itk.SetDirection((axes / spacing)[:, ::-1].ravel().tolist())
    return itk


def affine_of(itk: sitk.Image) -> FloatArray:
    """The (4, 4) map from (k, j, i) to points of a SimpleITK image."""
    affine = np.eye(4)
    direction = np.array(itk.GetDirection()).reshape(3, 3)
    affine[:3, :3] = (direction * np.array(itk.GetSpacing()))[:, ::-1]
    affine[:3, 3] = itk.GetOrigin()
    return affine


def array_of(itk: sitk.Image) -> npt.NDArray[np.float32]:
    """Copy of the voxels of a SimpleITK image, (k, j, i)."""
    return np.asarray(sitk.GetArrayFromImage(itk), dtype=np.float32)


def image_of(itk: sitk.Image, *, frame_of_reference_uid: str, modality: str) -> Image:
    """Value of a SimpleITK image; its slices always follow the right-hand normal."""
    values = array_of(itk)
    k, j, i = values.shape
    geometry = GridGeometry((k, j, i), affine_of(itk), frame_of_reference_uid)
    return Image(values, geometry, modality)


def inverted(matrix: FloatArray) -> FloatArray:
    """Inverse of a (4, 4) matrix."""
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def itk_rigid(
    matrix: FloatArray, *, centre_mm: FloatArray
) -> sitk.VersorRigid3DTransform:
    """Versor transform of a rigid (4, 4) matrix that turns about `centre_mm`.

    Axes off unit length within the tolerance of a rigid transform are made exact.
    """
    left, _, right = np.linalg.svd(matrix[:3, :3])
    rotation = left @ right
    transform = sitk.VersorRigid3DTransform()
    transform.SetCenter(np.asarray(centre_mm, dtype=np.float64).tolist())
    transform.SetMatrix(rotation.ravel().tolist())
    moved = matrix[:3, :3] @ centre_mm + matrix[:3, 3]
    transform.SetTranslation((moved - centre_mm).tolist())
    return transform


def matrix_of(transform: sitk.VersorRigid3DTransform) -> FloatArray:
    """The (4, 4) matrix of a transform that turns about a centre."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(transform.GetMatrix()).reshape(3, 3)
    centre = np.array(transform.GetCenter())
    matrix[:3, 3] = centre + transform.GetTranslation() - matrix[:3, :3] @ centre
    return matrix
