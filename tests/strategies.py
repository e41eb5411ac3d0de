"""Words of the field for hypothesis."""

import numpy as np
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray
from reirrad.core.transforms import RigidTransform

__all__ = ["rigid_transforms", "rotations"]


@st.composite
def rotations(draw: st.DrawFn) -> FloatArray:
    angles = [draw(st.floats(-180, 180)) for _ in range(3)]
    return np.asarray(Rotation.from_euler("xyz", angles, degrees=True).as_matrix())


@st.composite
def rigid_transforms(draw: st.DrawFn) -> RigidTransform:
    matrix = np.eye(4)
    matrix[:3, :3] = draw(rotations())
    matrix[:3, 3] = [draw(st.floats(-300, 300)) for _ in range(3)]
    return RigidTransform(matrix, "1.1", "1.2")
