"""Plain pydicom and numpy: what a script of twenty lines does."""

from importlib.metadata import version
from pathlib import Path

import numpy as np
import pydicom
from running import Action, run


def read(case: Path) -> Action:
    folder = case / "course1"

    def action() -> int:
        slices = [pydicom.dcmread(one) for one in sorted(folder.glob("MR_*.dcm"))]
        slices.sort(key=lambda one: float(one.ImagePositionPatient[2]))
        np.stack([one.pixel_array for one in slices]).astype(np.float32)
        dose = pydicom.dcmread(folder / "RD_1.dcm")
        dose.pixel_array.astype(np.float64) * float(dose.DoseGridScaling)
        plan = pydicom.dcmread(folder / "RP.dcm")
        str(plan.RTPlanLabel)
        drawn = pydicom.dcmread(folder / "RS.dcm")
        contours = [
            np.array(one.ContourData, dtype=np.float64).reshape(-1, 3)
            for roi in drawn.ROIContourSequence
            for one in roi.ContourSequence
        ]
        return sum(len(one) for one in contours)

    return action


if __name__ == "__main__":
    run({"read": read}, version=version("pydicom"))
