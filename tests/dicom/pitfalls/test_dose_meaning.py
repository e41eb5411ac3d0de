"""Pitfalls 11 to 13 and 15 to 20: what the numbers of a dose mean."""

import os
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from reirrad.core.dose import DoseGrid
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.dicom.identity import Study
from reirrad.dicom.write_rtdose import DoseMeaning, rtdose_dataset
from tests.dicom.exports import ROOT, CourseExport, dose
from tests.dicom.pitfalls.dose_cases import (
    Lattice,
    assert_is_ramp,
    assert_names,
    codes,
    fate,
    message,
    only_dose,
    ramp_gy,
    refusal,
    surveyed,
)
from tests.workflows.exports import PATIENT


def more(export: CourseExport, name: str, *, beam: int | None, gy: float) -> Dataset:
    """One more dose of the same plan."""
    one = dose(
        export,
        f"{ROOT}.1.8.{len(export.objects)}",
        export.uid("rp.dcm"),
        inside_gy=gy,
        beam=beam,
    )
    export.objects[name] = one
    return one


# --- 11: plan and beams ---------------------------------------------------------------


def test_pitfall_11_the_dose_of_the_plan_is_taken_and_its_kind_shown(
    export: CourseExport, tmp_path: Path
) -> None:
    more(export, "a_beam.dcm", beam=1, gy=30.0)
    result = surveyed(tmp_path, export)
    assert_is_ramp(only_dose(result), Lattice().points_mm())
    assert fate(result, "a_beam.dcm")[1].startswith("dose of a beam")
    (plan,) = result.trees[0].courses[0].children
    shown = {node.label for node in plan.children}
    assert {"RTDOSE PLAN", "RTDOSE BEAM, beam 1"} <= shown


def test_pitfall_11_beams_are_summed_only_if_all_are_there(
    export: CourseExport, tmp_path: Path
) -> None:
    del export.objects["rd.dcm"]
    more(export, "b1.dcm", beam=1, gy=30.0)
    problem = refusal(surveyed(tmp_path / "one", export))
    assert_names(problem, "b1.dcm", "beam 2 of 2 has none")

    more(export, "b2.dcm", beam=2, gy=20.0)
    result = surveyed(tmp_path / "both", export)
    assert result.problems == ()
    (delivery,) = result.courses[0].deliveries
    assert sum(grid.values_gy.max() for grid in delivery.doses) == pytest.approx(50.0)


@pytest.mark.parametrize("kind", ["BRACHY", "CONTROL_POINT", "MULTI_PLAN", "RECORD"])
def test_pitfall_11_other_sums_are_refused(
    export: CourseExport, tmp_path: Path, kind: str
) -> None:
    export["rd.dcm"].DoseSummationType = kind
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "Dose Summation Type (3004,000A)", f"found {kind}")


# --- 12: fraction and total -----------------------------------------------------------


def scaled(export: CourseExport, factor: float) -> None:
    export["rd.dcm"].DoseGridScaling = 0.001 * factor


def test_pitfall_12_the_dose_of_a_fraction_is_not_taken_for_the_total(
    export: CourseExport, tmp_path: Path
) -> None:
    scaled(export, 1 / 5)
    problem = refusal(surveyed(tmp_path / "unmarked", export))
    assert_names(problem, "rd.dcm", "that of one fraction", "in 5 fractions")

    export["rd.dcm"].DoseSummationType = "FRACTION"
    problem = refusal(surveyed(tmp_path / "marked", export))
    assert_names(problem, "rd.dcm", "(3004,000A)", "found FRACTION")


def test_pitfall_12_a_total_where_a_fraction_was_prescribed_is_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    export["rp.dcm"].DoseReferenceSequence[0].TargetPrescriptionDose = 9.0
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "9 Gy were prescribed", "that of one fraction")


def test_pitfall_12_a_dose_that_may_be_more_than_was_prescribed_is_said(
    export: CourseExport, tmp_path: Path
) -> None:
    export["rp.dcm"].DoseReferenceSequence[0].TargetPrescriptionDose = 11.0
    result = surveyed(tmp_path, export)
    assert codes(result) == ["dose-above-prescription"]
    assert "11 Gy were prescribed" in message(result, "dose-above-prescription")


@pytest.mark.parametrize("n_fractions", [2, 3, 5, 30])
def test_pitfall_12_one_fraction_is_noticed_for_any_number_of_fractions(
    export: CourseExport, tmp_path: Path, n_fractions: int
) -> None:
    export["rp.dcm"].FractionGroupSequence[0].NumberOfFractionsPlanned = n_fractions
    # Its maximum is then 1.2 times a fraction's part of the prescription.
    scaled(export, 45.0 * 1.2 / 46.73 / n_fractions)
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "that of one fraction", f"in {n_fractions} fract")


# --- 13: several doses ----------------------------------------------------------------


@pytest.mark.parametrize("newest", ["rd.dcm", "rd2.dcm"])
def test_pitfall_13_the_time_of_a_file_decides_nothing(
    export: CourseExport, tmp_path: Path, newest: str
) -> None:
    more(export, "rd2.dcm", beam=None, gy=40.0)
    surveyed(tmp_path, export)
    for name in ("rd.dcm", "rd2.dcm"):
        stamp = 2_000_000_000 if name == newest else 1_000_000_000
        os.utime(tmp_path / "c1" / name, (stamp, stamp))
    problem = refusal(surveyed(tmp_path, CourseExport(1)))
    assert_names(problem, "rd.dcm", "rd2.dcm", "different doses", "treated")


# --- 15, 16: units and scaling --------------------------------------------------------


@pytest.mark.parametrize("units", ["RELATIVE", "CGY", ""])
def test_pitfall_15_units_other_than_gray_are_refused(
    export: CourseExport, tmp_path: Path, units: str
) -> None:
    export["rd.dcm"].DoseUnits = units
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "Dose Units (3004,0002)", units or "nothing")


def test_pitfall_15_a_dose_of_parts_in_a_million_is_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    scaled(export, 1e6 / 50)
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "1000 times the prescription")


def test_pitfall_15_centigray_called_gray_are_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    scaled(export, 100.0)
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "in cGy although Dose Units (3004,0002)", "in Gy")


def test_pitfall_15_beside_a_source_the_dose_may_be_that_high(
    export: CourseExport, tmp_path: Path
) -> None:
    scaled(export, 100.0)
    export["rp.dcm"].ApplicationSetupSequence = [Dataset()]
    result = surveyed(tmp_path, export)
    assert result.problems == ()
    assert codes(result) == ["plan-caution", "dose-above-prescription"]


@pytest.mark.parametrize("scaling", [None, 0, "-0.001"])
def test_pitfall_16_a_missing_scaling_has_no_default(
    export: CourseExport, tmp_path: Path, scaling: object
) -> None:
    export["rd.dcm"].DoseGridScaling = scaling
    problem = refusal(surveyed(tmp_path, export))
    found = "nothing" if scaling is None else str(scaling)
    assert_names(problem, "rd.dcm", "Scaling (3004,000E) must be above 0", found)


# --- 17: signs and bits ---------------------------------------------------------------


def stored(export: CourseExport, values: FloatArray, kind: str) -> None:
    one = export["rd.dcm"]
    bits = 8 * np.dtype(kind).itemsize
    one.BitsAllocated = one.BitsStored = bits
    one.HighBit = bits - 1
    one.PixelRepresentation = int("i" in kind)
    one.PixelData = values.astype(kind).tobytes()


@pytest.mark.parametrize("kind", ["<u2", "<i2", "<u4", "<i4", "<u1"])
def test_pitfall_17_the_stated_sign_and_size_are_honoured(
    export: CourseExport, tmp_path: Path, kind: str
) -> None:
    highest = min(np.iinfo(kind).max, 2_000_000_000)
    gy = ramp_gy(Lattice().points_mm())
    scaling = float(f"{50.0 / highest:.9e}")
    export["rd.dcm"].DoseGridScaling = f"{scaling:.9e}"
    stored(export, np.round(gy / scaling), kind)
    grid = only_dose(surveyed(tmp_path, export))
    assert np.abs(grid.values_gy - gy).max() <= scaling / 2 * (1 + 1e-6)


def test_pitfall_17_unsigned_values_said_to_be_signed_are_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    stored(export, np.round(ramp_gy(Lattice().points_mm()) / 0.001), "<u2")
    export["rd.dcm"].PixelRepresentation = 1
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "holds doses down to -", "(0028,0103)")


def test_pitfall_17_noise_below_zero_is_cut_and_said(
    export: CourseExport, tmp_path: Path
) -> None:
    values = np.round(ramp_gy(Lattice().points_mm()) / 0.001)
    values[0, 0, 0] = -200
    stored(export, values, "<i4")
    result = surveyed(tmp_path, export)
    assert only_dose(result).values_gy.min() == 0.0
    assert codes(result) == ["dose-below-zero"]
    assert "down to -0.2 Gy" in message(result, "dose-below-zero")


def test_pitfall_17_signed_noise_said_to_be_unsigned_is_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    values = np.round(ramp_gy(Lattice().points_mm()) / 0.001)
    values[0, 0, 0] = -200
    stored(export, values, "<i4")
    export["rd.dcm"].PixelRepresentation = 0
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "Pixel Representation (0028,0103)")


def test_pitfall_17_fewer_bits_stored_than_used_are_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    one = export["rd.dcm"]
    one.BitsStored, one.HighBit = 12, 11
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "Bits Stored (0028,0101) says 12", "need more")
    one.BitsStored, one.HighBit = 16, 15
    assert_is_ramp(only_dose(surveyed(tmp_path, export)), Lattice().points_mm())


@pytest.mark.parametrize(("stored_bits", "high"), [(16, 31), (64, 63), (32, 15)])
def test_pitfall_17_bits_that_contradict_each_other_are_refused(
    export: CourseExport, tmp_path: Path, stored_bits: int, high: int
) -> None:
    one = export["rd.dcm"]
    one.BitsStored, one.HighBit = stored_bits, high
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", f"(0028,0101) {stored_bits}", f"(0028,0102) {high}")


# --- 18, 19: writing ------------------------------------------------------------------


def written_and_read(folder: Path, values_gy: FloatArray) -> tuple[Dataset, FloatArray]:
    geometry = GridGeometry((2, 3, 4), np.diag([3.0, 2.0, 2.0, 1.0]), f"{ROOT}.1.1")
    study = Study(PATIENT, date(2024, 1, 1), "x")
    meaning = DoseMeaning()
    dataset = rtdose_dataset(
        DoseGrid(values_gy, geometry),
        study=study,
        meaning=meaning,
        series_name="dose",
    )
    dataset.save_as(folder / "rd.dcm", implicit_vr=False, little_endian=True)
    read = dcmread(folder / "rd.dcm", force=True)
    pixels = np.frombuffer(read.PixelData, "<u4").reshape(2, 3, 4)
    return read, np.asarray(pixels * float(read.DoseGridScaling))


@pytest.mark.parametrize("highest_gy", [50.0, 1 / 3, 1e-5, 7.77777777777, 123456.789])
def test_pitfall_18_the_scaling_is_written_before_values_are_rounded_to_it(
    tmp_path: Path, highest_gy: float
) -> None:
    values = np.linspace(0.0, highest_gy, 24).reshape(2, 3, 4)
    read, back = written_and_read(tmp_path, values)
    text = str(read["DoseGridScaling"].value.original_string)
    assert len(text) <= 16
    assert np.abs(back - values).max() <= float(text) / 2 * (1 + 1e-9)


def test_pitfall_18_a_long_decimal_string_is_read_to_its_last_digit(
    export: CourseExport, tmp_path: Path
) -> None:
    raw = b"0.00100000000000000020816681711721685"
    dataset = export["rd.dcm"]
    surveyed(tmp_path, export)
    file = tmp_path / "c1" / "rd.dcm"
    content = file.read_bytes()
    short = content.index(b"\x04\x30\x0e\x00DS")
    length = int.from_bytes(content[short + 6 : short + 8], "little")
    padded = raw + b" " * (len(raw) % 2)
    file.write_bytes(
        content[: short + 6]
        + len(padded).to_bytes(2, "little")
        + padded
        + content[short + 8 + length :]
    )
    result = surveyed(tmp_path, CourseExport(1))
    pixels = np.frombuffer(dataset.PixelData, "<u4").reshape(5, 6, 8)
    np.testing.assert_array_equal(only_dose(result).values_gy, pixels * float(raw))


def test_pitfall_19_values_are_rounded_and_never_wrap_around(tmp_path: Path) -> None:
    values = np.full((2, 3, 4), 60.0)
    values[0, 0, 0] = 0.0
    values[1, 2, 3] = np.nextafter(60.0, 0.0)
    read, back = written_and_read(tmp_path, values)
    assert back[0, 0, 0] == 0.0
    rest = np.delete(back.ravel(), 0)
    np.testing.assert_allclose(rest, 60.0, rtol=0, atol=float(read.DoseGridScaling))

    step = float(read.DoseGridScaling)
    halves = np.array([0.49, 0.51, 1.49, 1.51]) * step
    values[0, 0, :] = halves
    _, back = written_and_read(tmp_path, values)
    assert (back[0, 0] / step).round(6).tolist() == [0.0, 1.0, 1.0, 2.0]


# --- 20: effective dose ---------------------------------------------------------------


def effective(one: Dataset) -> None:
    one.DoseType = "EFFECTIVE"


def of_error(one: Dataset) -> None:
    one.DoseType = "ERROR"


def unstated(one: Dataset) -> None:
    del one.DoseType


@pytest.mark.parametrize(
    ("change", "found"),
    [(effective, "EFFECTIVE"), (of_error, "ERROR"), (unstated, "nothing")],
)
def test_pitfall_20_only_physical_dose_is_converted(
    export: CourseExport,
    tmp_path: Path,
    change: Callable[[Dataset], None],
    found: str,
) -> None:
    change(export["rd.dcm"])
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "Dose Type (3004,0004)", f"found {found}")


def test_pitfall_20_an_effective_dose_beside_the_physical_one_is_not_added(
    export: CourseExport, tmp_path: Path
) -> None:
    other = deepcopy(export["rd.dcm"])
    other.SOPInstanceUID = f"{ROOT}.1.81"
    effective(other)
    export.objects["eqd2.dcm"] = other
    result = surveyed(tmp_path, export)
    assert_is_ramp(only_dose(result), Lattice().points_mm())
    assert codes(result) == ["dose-refused"]
    assert fate(result, "eqd2.dcm")[0] == "refused"


# --- doses of other images ------------------------------------------------------------


def test_a_deformed_dose_is_refused(export: CourseExport, tmp_path: Path) -> None:
    export["rd.dcm"].SpatialTransformOfDose = "NON_RIGID"
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "Spatial Transform of Dose (3004,0005)")


@pytest.mark.parametrize(
    ("how", "expected"),
    [("NONE", []), ("", []), ("RIGID", ["dose-carried-over"])],
)
def test_a_dose_that_was_carried_over_is_told(
    export: CourseExport, tmp_path: Path, how: str, expected: list[str]
) -> None:
    export["rd.dcm"].SpatialTransformOfDose = how
    result = surveyed(tmp_path, export)
    assert result.problems == ()
    assert codes(result) == expected
