"""PlatiPy: masks by its RTSTRUCT reader, its DVH and its linear registration."""

from importlib.metadata import version
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from platipy.dicom.io.rtdose_to_nifti import convert_rtdose
from platipy.dicom.io.rtstruct_to_nifti import (
    read_dicom_image,
    read_dicom_struct_file,
    transform_point_set_from_dicom_struct,
)
from platipy.imaging.dose.dvh import (
    calculate_d_cc_x,
    calculate_d_x,
    calculate_dvh_for_labels,
)
from platipy.imaging.registration.linear import linear_registration
from running import Action, analytic_courses, images_only, run
from sitk_matrix import matrix_of


def metrics(folder: Path, slices: Path) -> dict[str, dict[str, float]]:
    image = read_dicom_image(slices)
    drawn = read_dicom_struct_file(folder / "RS.dcm")
    masks, names = transform_point_set_from_dicom_struct(image, drawn)
    labels = {
        name: mask
        for name, mask in zip(names, masks, strict=True)
        if sitk.GetArrayViewFromImage(mask).any()
    }
    dose = convert_rtdose(folder / "RD_1.dcm")
    curves = calculate_dvh_for_labels(dose, labels)
    percent = calculate_d_x(curves, [98, 95, 50, 2]).set_index("label")
    small = calculate_d_cc_x(curves, [0.1]).set_index("label")
    result = {}
    for _, row in curves.iterrows():
        name = row["label"]
        found = {f"D{x}": float(percent.loc[name, f"D{x}"]) for x in (98, 95, 50, 2)}
        found["D0.1cc"] = float(np.ravel(small.loc[name])[-1])
        result[name] = {"volume": float(row["cc"]), "mean": float(row["mean"]), **found}
    return result


def dvh(case: Path) -> Action:
    folder = case / "course1"
    slices = images_only(folder)
    return lambda: metrics(folder, slices)


def analytic(case: Path) -> Action:
    folders = [(one, images_only(one)) for one in analytic_courses(case)]
    return lambda: {one.name: metrics(one, slices) for one, slices in folders}


def register(case: Path) -> Action:
    fixed, moving = (
        sitk.Cast(read_dicom_image(images_only(case / name)), sitk.sitkFloat32)
        for name in ("course2", "course1")
    )

    def action() -> list[list[float]]:
        _, found = linear_registration(
            fixed, moving, reg_method="rigid", metric="mattes_mi", default_value=0
        )
        return matrix_of(found)

    return action


if __name__ == "__main__":
    run(
        {"dvh": dvh, "register": register, "analytic": analytic},
        version=version("platipy"),
    )
