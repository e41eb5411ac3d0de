"""dicompyler-core; metrics from its whole curve, as its own D98 is 0 on a plateau."""

from importlib.metadata import version
from pathlib import Path

import numpy as np
from dicompylercore import dicomparser, dvhcalc
from running import Action, analytic_courses, curve_metrics, run


def read(case: Path) -> Action:
    folder = case / "course1"

    def action() -> int:
        for one in sorted(folder.glob("MR_*.dcm")):
            dicomparser.DicomParser(str(one)).ds.pixel_array.astype(np.float32)
        dose = dicomparser.DicomParser(str(folder / "RD_1.dcm"))
        dose.ds.pixel_array * float(dose.GetDoseData()["dosegridscaling"])
        dicomparser.DicomParser(str(folder / "RP.dcm")).GetPlan()
        drawn = dicomparser.DicomParser(str(folder / "RS.dcm"))
        count = 0
        for number in drawn.GetStructures():
            for contours in drawn.GetStructureCoordinates(number).values():
                count += sum(len(np.array(one["data"])) for one in contours)
        return count

    return action


def metrics(folder: Path) -> dict[str, dict[str, float]]:
    drawn = dicomparser.DicomParser(str(folder / "RS.dcm"))
    dose = dicomparser.DicomParser(str(folder / "RD_1.dcm"))
    result = {}
    for number, structure in drawn.GetStructures().items():
        curve = dvhcalc.get_dvh(drawn.ds, dose.ds, number)
        volume = curve.absolute_volume(curve.volume).counts
        if not len(volume) or not volume[0]:
            continue
        result[structure["name"]] = curve_metrics(
            curve.bins[: len(volume)].tolist(), volume.tolist(), mean_gy=curve.mean
        )
    return result


def dvh(case: Path) -> Action:
    return lambda: metrics(case / "course1")


def analytic(case: Path) -> Action:
    return lambda: {one.name: metrics(one) for one in analytic_courses(case)}


if __name__ == "__main__":
    run(
        {"read": read, "dvh": dvh, "analytic": analytic},
        version=version("dicompyler-core"),
    )
