"""Budgets before a second plan, from DICOM to the numbers."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from typer.testing import CliRunner, Result

from reirrad.cli.main import app
from reirrad.core.courses import Course
from reirrad.core.structures import Role
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.analytic import box_geometry, sampled_dose, sphere_dose
from tests.dicom.validator import errors_of
from tests.workflows.exports import PATIENT, course

FRAME = "1.2.3"
SETTINGS = 'constraints = ["reirradiation"]\n'
LIMITS = ((98.0, 3.0), (54.0, 2.5))
"""Binding limits of the duodenum's near maximum in that set: EQD2 and alpha/beta."""


def first(frame: str | None = None) -> Course:
    return course(1, target_x=0.0, frame=frame)


def second(frame: str | None = None, offset_mm: float = 0.0) -> Course:
    return course(2, target_x=30.0, frame=frame, offset_mm=offset_mm)


def write_bare(folder: Path, one: Course) -> Path:
    """Image and structure set of a course, without plan and dose."""
    for path in write_course(one, folder, patient=PATIENT):
        if path.name.startswith(("RP", "RD")):
            path.unlink()
    return folder


def export(folder: Path, *, same_frame: bool = True) -> Path:
    frame = FRAME if same_frame else None
    write_course(first(frame=frame), folder / "course1", patient=PATIENT)
    write_bare(folder / "new", second(frame=frame, offset_mm=0 if same_frame else 12))
    return folder


def run(*arguments: str | Path, out: Path) -> Result:
    settings = out.with_suffix(".toml")
    settings.write_text(SETTINGS, encoding="utf-8")
    given = ["budget", *map(str, arguments), "--settings", str(settings)]
    return CliRunner().invoke(app, [*given, "--out", str(out)])


def refused(*arguments: str | Path, out: Path) -> str:
    result = run(*arguments, out=out)
    assert result.exit_code == 2, result.output
    assert not out.exists()
    assert "Traceback" not in result.output
    assert "Test^Case" not in result.output
    return result.stderr


def change(folder: Path, modality: str, edit: Callable[[Dataset], object]) -> None:
    for path in folder.rglob("*.dcm"):
        dataset = dcmread(path)
        if modality in {"", dataset.Modality}:
            edit(dataset)
            dataset.save_as(path)


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results where the new structures lie in the first course's frame."""
    folder = tmp_path_factory.mktemp("same")
    out = folder / "out"
    result = run(export(folder / "export"), "--fractions", "1,5", out=out)
    assert result.exit_code == 0, result.output
    assert "Duodenum" in result.stdout
    assert "Test^Case" not in result.stdout
    return out


def closed_form_gy(earlier_gy: float, n_fractions: int) -> float:
    """The least that any limit leaves at a point which course 1 gave a dose in 5."""
    left = []
    for limit, ratio in LIMITS:
        background = earlier_gy * (earlier_gy / 5.0 + ratio) / (2.0 + ratio)
        roots = np.roots(
            [1.0 / n_fractions, ratio, -(limit - background) * (2 + ratio)]
        )
        left.append(float(roots.real.max()))
    return min(left)


def the_map(out: Path, n_fractions: int) -> Dataset:
    return dcmread(out / "dicom" / f"reirrad_RTDOSE_budget_{n_fractions}fx.dcm")


@pytest.mark.parametrize("n_fractions", [1, 5])
def test_a_voxel_of_the_map_is_the_closed_form(same: Path, n_fractions: int) -> None:
    written = the_map(same, n_fractions)
    dose = sphere_dose([0, 0, 0], radius_at={2.0: 40.0, 50.0: 10.0})
    low = np.array(written.ImagePositionPatient, dtype=float)
    point = np.array([0.0, 30.0, 0.0])
    row_mm, column_mm = (float(value) for value in written.PixelSpacing)
    step = float(written.GridFrameOffsetVector[1])
    at = (point - low) / np.array([column_mm, row_mm, step])
    i, j, k = np.rint(at).astype(int)
    np.testing.assert_allclose(at, [i, j, k], atol=1e-6)
    found = written.pixel_array[k, j, i] * float(written.DoseGridScaling)
    earlier = float(dose.at(point[None])[0])
    assert earlier > 2.0
    assert found == pytest.approx(closed_form_gy(earlier, n_fractions), abs=2e-3)


def test_the_map_says_what_it_is(same: Path) -> None:
    written = the_map(same, 5)
    assert written.DoseType == "PHYSICAL"
    assert "REMAINING" in written.DoseComment
    assert "REMAINING" in written.SeriesDescription
    assert "total" in written.DoseComment
    assert "Duodenum" in written.DerivationDescription
    assert "0 elsewhere" in written.DerivationDescription
    assert written.FrameOfReferenceUID == FRAME
    # A planning system must not take it for the dose of anything else.
    assert written.pixel_array[0, 0, 0] == 0


def test_the_validator_finds_no_error(same: Path) -> None:
    paths = sorted((same / "dicom").iterdir())
    assert len(paths) == 2
    assert errors_of(paths) == {}


def test_the_document(same: Path) -> None:
    found = json.loads((same / "budget.json").read_text(encoding="utf-8"))
    assert found["verdict"] == "given"
    assert found["schema_version"] == "1"
    assert found["anatomy"]["date"] == "2024-03-01"
    assert found["anatomy"]["source"] == "structure set without dose"
    (given,) = found["courses"]
    assert (given["dose_gy"], given["n_fractions"]) == (50, 5)
    assert given["interval_days"] == (date(2024, 3, 1) - date(2023, 3, 1)).days
    assert [one["name"] for one in found["targets"]] == ["PTV"]
    (registration,) = found["registrations"]
    assert registration["method"] == "same-frame"
    budget = found["budget"]
    assert budget["fractions"] == [1, 5]
    assert budget["new_course"] is None
    limiting = budget["organs"][budget["limiting"][1]]
    assert limiting["structure"] == "Duodenum"
    assert [one["n_fractions"] for one in found["maps"]] == [1, 5]
    assert found["maps"][0]["organs"] == ["Duodenum"]
    # The least on the map is at most what is left at the hottest 0.1 cc.
    assert found["maps"][1]["least_gy"] <= limiting["by_fractions"][1]["dose_gy"] + 0.2
    assert {one["path"].split("/")[-1] for one in found["inputs"]} >= {"RS.dcm"}
    assert all(one["status"] == "used" for one in found["inputs"])


def test_the_distances(same: Path) -> None:
    found = json.loads((same / "budget.json").read_text(encoding="utf-8"))
    by_name = {(one["other"], one["other_kind"]): one for one in found["distances"]}
    duodenum = by_name["Duodenum", "organ"]
    # Balls of 9 mm at (30, 0, 0) and 12 mm at (0, 40, 0), on slices of 5 mm.
    assert duodenum["distance_mm"] == pytest.approx(50.0 - 21.0, abs=0.3)
    assert duodenum["plus_minus_mm"] is None
    assert by_name["Liver", "organ"]["distance_mm"] == 0
    (older,) = [one for one in found["distances"] if one["other_kind"] == "target"]
    assert older["distance_mm"] == pytest.approx(30.0 - 18.0, abs=0.3)
    assert older["plus_minus_mm"] == 3
    assert older["interval_days"] == 366


def test_the_report_can_be_opened(same: Path) -> None:
    html = (same / "budget.html").read_text(encoding="utf-8")
    assert "What can still be given" in html
    assert "data:image/png;base64," in html
    assert "Duodenum" in html
    assert (same / "budget.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_another_frame_is_registered(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(
        export(tmp_path / "export", same_frame=False), "--fractions", "5", out=out
    )
    assert result.exit_code == 0, result.output
    found = json.loads((out / "budget.json").read_text(encoding="utf-8"))
    (registration,) = found["registrations"]
    assert registration["method"] == "rigid"
    assert registration["verdict"] in {"accepted", "review"}
    limiting = found["budget"]["organs"][found["budget"]["limiting"][0]]
    # The hottest 0.1 cc of the duodenum lies within 2 mm of (0, 28, 0), as it was.
    assert limiting["structure"] == "Duodenum"
    assert limiting["place"]["centroid_mm"] == pytest.approx([12, 29, 0], abs=2.5)
    names = {path.name for path in (out / "dicom").iterdir()}
    assert names == {"reirrad_REG_C1.dcm", "reirrad_RTDOSE_budget_5fx.dcm"}


def test_a_rejected_registration_gives_nothing(tmp_path: Path) -> None:
    matrix = tmp_path / "matrix.txt"
    matrix.write_text("1 0 0 90\n0 1 0 0\n0 0 1 0\n0 0 0 1\n", encoding="utf-8")
    out = tmp_path / "out"
    folder = export(tmp_path / "export", same_frame=False)
    result = run(folder, "--registration", matrix, out=out)
    assert result.exit_code == 3, result.output
    assert "WITHHELD" in result.stdout
    found = json.loads((out / "budget.json").read_text(encoding="utf-8"))
    assert found["verdict"] == "withheld"
    assert found["registrations"][0]["verdict"] == "rejected"
    assert found["budget"]["organs"] == []
    assert "course 1" in found["budget"]["withheld"]
    assert found["maps"] == []
    assert found["distances"] == []
    assert "budget-withheld" in {one["code"] for one in found["findings"]}
    assert not (out / "dicom").exists()
    assert "WITHHELD" in (out / "budget.html").read_text(encoding="utf-8")


def test_targets_in_the_first_course_itself(tmp_path: Path) -> None:
    one = first()
    new = replace(one.structures[1], number=9, name="new lesion", role=Role.OTHER)
    write_course(
        replace(one, structures=(*one.structures, new)),
        tmp_path / "export",
        patient=PATIENT,
    )
    out = tmp_path / "out"
    result = run(tmp_path / "export", "--target", "New Lesion", out=out)
    assert result.exit_code == 0, result.output
    found = json.loads((out / "budget.json").read_text(encoding="utf-8"))
    assert found["anatomy"]["source"] == "structure set of the latest course"
    assert found["anatomy"]["date"] is None
    assert found["courses"][0]["interval_days"] is None
    assert found["registrations"] == []
    assert [t["name"] for t in found["targets"]] == ["new lesion"]
    older = [d for d in found["distances"] if d["other_kind"] == "target"]
    assert [d["other"] for d in older] == ["PTV"]
    assert older[0]["interval_days"] is None
    assert found["budget"]["background_courses"] == [1]


def test_no_new_anatomy_names_the_ways_out(tmp_path: Path) -> None:
    write_course(first(), tmp_path / "export", patient=PATIENT)
    text = refused(tmp_path / "export", out=tmp_path / "out")
    assert "no new anatomy" in text
    assert "--target" in text
    assert "Duodenum" in text


def test_no_dose_at_all(tmp_path: Path) -> None:
    write_bare(tmp_path / "export", second())
    assert "no RTDOSE" in refused(tmp_path / "export", out=tmp_path / "out")


def test_no_new_target(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    write_course(first(frame=FRAME), folder / "course1", patient=PATIENT)
    new = second(frame=FRAME)
    organs = tuple(s for s in new.structures if s.role is Role.ORGAN)
    write_bare(folder / "new", replace(new, structures=organs))
    text = refused(folder, out=tmp_path / "out")
    assert "no usable GTV or PTV" in text
    assert "--target" in text


def test_a_target_that_is_not_drawn(tmp_path: Path) -> None:
    folder = export(tmp_path / "export")
    text = refused(folder, "--target", "Lesion 7", out=tmp_path / "out")
    assert "--target Lesion 7" in text
    assert "Duodenum" in text


def test_two_structure_sets_of_one_date(tmp_path: Path) -> None:
    folder = export(tmp_path / "export")
    write_bare(folder / "other", course(3, target_x=10.0, start=date(2024, 3, 1)))
    text = refused(folder, out=tmp_path / "out")
    assert "2 structure sets without dose" in text
    assert "not clear" in text


def test_the_newest_structure_set_counts_and_the_other_is_told(tmp_path: Path) -> None:
    folder = export(tmp_path / "export")
    write_bare(
        folder / "newer",
        course(3, target_x=10.0, frame=FRAME, start=date(2025, 3, 1)),
    )
    out = tmp_path / "out"
    result = run(folder, "--fractions", "5", out=out)
    assert result.exit_code == 0, result.output
    found = json.loads((out / "budget.json").read_text(encoding="utf-8"))
    assert found["anatomy"]["date"] == "2025-03-01"
    codes = {one["code"] for one in found["findings"]}
    assert "older-structures-without-dose" in codes


def test_a_structure_set_before_the_course_is_no_new_anatomy(tmp_path: Path) -> None:
    folder = export(tmp_path / "export")
    change(
        folder / "new", "RTSTRUCT", lambda d: setattr(d, "StructureSetDate", "20200101")
    )
    assert "no new anatomy" in refused(folder, out=tmp_path / "out")


def test_a_structure_set_of_no_known_date_is_refused(tmp_path: Path) -> None:
    def undated(dataset: Dataset) -> None:
        for name in ("StructureSetDate", "StudyDate", "SeriesDate", "AcquisitionDate",
                     "ContentDate", "InstanceCreationDate"):  # fmt: skip
            if name in dataset:
                delattr(dataset, name)

    folder = export(tmp_path / "export")
    change(folder / "new", "", undated)
    text = refused(folder, out=tmp_path / "out")
    assert "neither it nor its image has a date" in text


def test_without_any_limit_nothing_is_said_to_be_left(tmp_path: Path) -> None:
    def nameless(one: Course) -> Course:
        structures = tuple(
            replace(s, name=f"Shape {s.number}", standard_name=None)
            if s.role is Role.ORGAN
            else s
            for s in one.structures
        )
        return replace(one, structures=structures)

    folder, out = tmp_path / "export", tmp_path / "out"
    write_course(nameless(first(frame=FRAME)), folder / "course1", patient=PATIENT)
    new = nameless(second(frame=FRAME))
    write_bare(folder / "new", new)
    organ = next(s.name for s in new.structures if s.name.startswith("Shape"))

    result = run(folder, "--organ", organ, "--fractions", "5", out=out)

    assert result.exit_code == 0, result.output
    found = json.loads((out / "budget.json").read_text(encoding="utf-8"))
    assert found["budget"]["organs"] == found["maps"] == []
    codes = {one["code"] for one in found["findings"]}
    assert {"budget-without-limits", "budget-map-not-given"} <= codes
    assert "no binding limit" in result.stdout
    assert " Gy at " not in result.stdout
    assert not list(out.glob("dicom/*RTDOSE*"))


def test_an_organ_outside_the_grid_is_not_known_and_the_headline(
    tmp_path: Path,
) -> None:
    """The grid of course 1 ends at y = 22 mm, before the duodenum at 28 to 52 mm."""
    whole = first(frame=FRAME)
    grid = box_geometry(
        np.array([-90.0, -90.0, -90.0]),
        np.array([90.0, 22.0, 90.0]),
        spacing_mm=(5.0, 5.0, 5.0),
        frame_of_reference_uid=FRAME,
    )
    # The dose is highest at the border, beside the duodenum.
    dose = sphere_dose([0, 25.0, 0], radius_at={2.0: 40.0, 50.0: 10.0})
    (delivery,) = whole.deliveries
    cut = replace(delivery, doses=(sampled_dose(dose.at, grid),))
    folder, out = tmp_path / "export", tmp_path / "out"
    write_course(replace(whole, deliveries=(cut,)), folder / "course1", patient=PATIENT)
    write_bare(folder / "new", second(frame=FRAME))

    result = run(folder, "--fractions", "5", out=out)

    assert result.exit_code == 0, result.output
    assert "not known: part of Duodenum" in result.stdout
    assert " Gy at " not in result.stdout
    assert "no binding limit" not in result.stdout
    budget = json.loads((out / "budget.json").read_text(encoding="utf-8"))["budget"]
    limiting = budget["organs"][budget["limiting"][0]]
    assert limiting["structure"] == "Duodenum"
    assert limiting["by_fractions"][0]["not_known"] is True
    assert limiting["by_fractions"][0]["dose_gy"] is None
    page = (out / "budget.html").read_text(encoding="utf-8")
    assert "NOT KNOWN in 5 fractions" in page
    assert "not limited here" not in page


def test_without_its_image_a_structure_set_is_no_new_anatomy(tmp_path: Path) -> None:
    folder = export(tmp_path / "export", same_frame=False)
    for path in (folder / "new").glob("MR*.dcm"):
        path.unlink()
    assert "no new anatomy" in refused(folder, out=tmp_path / "out")


def test_different_patients(tmp_path: Path) -> None:
    folder = export(tmp_path / "export")
    change(folder / "new", "", lambda d: setattr(d, "PatientID", "P2"))
    text = refused(folder, out=tmp_path / "out")
    assert "patients" in text
    assert "P2" not in text


def test_assess_refuses_this_and_points_here(tmp_path: Path) -> None:
    folder = export(tmp_path / "export")
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["assess", str(folder), "--out", str(out)])
    assert result.exit_code == 2
    assert "reirrad budget" in result.stderr
    assert not out.exists()
