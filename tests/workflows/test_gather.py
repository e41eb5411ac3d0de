import shutil
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from reirrad.core.settings import Settings
from reirrad.core.structures import Role
from reirrad.errors import InputError
from reirrad.workflows.gather import gather, survey
from tests.dicom.exports import course_export, written

SETTINGS = Settings("Liver", (), 30.0)


def test_two_small_courses_are_gathered(tmp_path: Path) -> None:
    found = gather([written(tmp_path, course_export(1), course_export(2))], SETTINGS)
    assert [course.number for course in found.courses] == [1, 2]
    assert found.courses[0].structures[0].standard_name == "Liver"


def test_three_courses_are_gathered(tmp_path: Path) -> None:
    exports = [course_export(number) for number in (3, 1, 2)]
    found = gather([written(tmp_path, *exports)], SETTINGS)
    assert [course.plan_label for course in found.courses] == [
        "PLAN1",
        "PLAN2",
        "PLAN3",
    ]


def test_folders_files_and_zips_may_be_mixed(tmp_path: Path) -> None:
    folder = written(tmp_path / "out", course_export(1), course_export(2))
    archive = tmp_path / "second.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in sorted((folder / "c2").iterdir()):
            target.write(path, f"export/{path.name}")
    files = sorted((folder / "c1").iterdir())
    found = gather([*files, archive], SETTINGS)
    assert len(found.courses) == 2


def test_the_order_of_paths_changes_nothing_but_the_audit(tmp_path: Path) -> None:
    folder = written(tmp_path, course_export(1), course_export(2))
    forth = gather([folder / "c1", folder / "c2"], SETTINGS)
    back = gather([folder / "c2", folder / "c1"], SETTINGS)
    for left, right in zip(forth.courses, back.courses, strict=True):
        assert left.plan_label == right.plan_label
        np.testing.assert_array_equal(
            left.deliveries[0].doses[0].values_gy,
            right.deliveries[0].doses[0].values_gy,
        )


def test_one_course_only_is_refused_by_assess_but_not_by_inspect(
    tmp_path: Path,
) -> None:
    folder = written(tmp_path, course_export(1))
    assert survey([folder], SETTINGS).problems == ()
    with pytest.raises(InputError, match=r"One course only was found \(course 1, 2021"):
        gather([folder], SETTINGS)


def test_an_organ_that_is_not_there_is_refused_with_the_names_there_are(
    tmp_path: Path,
) -> None:
    folder = written(tmp_path, course_export(1), course_export(2))
    with pytest.raises(InputError, match="'Pancreas'") as refusal:
        gather([folder], replace(SETTINGS, organ="Pancreas"))
    (problem,) = refusal.value.problems
    assert "course 1: Fegato, PTV; course 2: Fegato, PTV" in problem


@pytest.mark.parametrize("organ", ["Liver", "liver", "fegato", "PTV"])
def test_an_organ_may_be_named_as_drawn_or_as_meant(tmp_path: Path, organ: str) -> None:
    folder = written(tmp_path, course_export(1), course_export(2))
    assert gather([folder], replace(SETTINGS, organ=organ)).problems == ()


def test_own_names_of_structures_are_understood(tmp_path: Path) -> None:
    exports = course_export(1), course_export(2)
    for export in exports:
        export["rs.dcm"].StructureSetROISequence[0].ROIName = "xyz"
    folder = written(tmp_path, *exports)
    own = replace(SETTINGS, structures={"xyz": "Liver"})
    structure = gather([folder], own).courses[0].structures[0]
    assert (structure.name, structure.standard_name) == ("xyz", "Liver")


def test_an_own_name_that_nothing_has_is_refused_with_the_names_there_are(
    tmp_path: Path,
) -> None:
    folder = written(tmp_path, course_export(1), course_export(2))
    own = replace(SETTINGS, structures={"fegado": "Liver", "fegato": "Liver"})
    with pytest.raises(InputError) as refusal:
        gather([folder], own)
    (problem,) = refusal.value.problems
    assert problem == (
        "settings structures.fegado: no structure has this drawn name. Use one of "
        "'Fegato', 'PTV', or leave it out."
    )


def test_of_many_patients_not_everyone_has_every_name(tmp_path: Path) -> None:
    folder = written(tmp_path, course_export(1), course_export(2))
    own = replace(SETTINGS, structures={"bauch": "Bowel"}, of_many_patients=True)
    found = gather([folder], own)
    (unused,) = [f for f in found.findings if f.code == "structure-setting-unused"]
    assert "structures.bauch: no structure has this drawn name" in unused.message


def test_no_dicom_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing")
    with pytest.raises(InputError, match="No DICOM object was found") as refusal:
        gather([tmp_path], SETTINGS)
    assert len(refusal.value.problems) == 1
    found = survey([tmp_path], SETTINGS)
    assert found.inputs[0].reason == "not a DICOM file"


@pytest.mark.slow
def test_real_courses_are_complete(shared: Path) -> None:
    found = gather([shared / "data/liver_ct_two_course"], SETTINGS)
    first, second = found.courses
    assert (first.start_date, second.start_date) == (
        date(2023, 3, 6),
        date(2025, 5, 12),
    )
    for course in found.courses:
        assert len(course.structures) == 17
        assert (course.prescription.dose_gy, course.prescription.n_fractions) == (50, 5)
        assert course.prescription.targets[0].roi_number == 17
        assert course.image is not None
    roles = {one.name: one.role for one in second.structures}
    assert (roles["GTV2"], roles["PTV2"]) == (Role.GTV, Role.PTV)
    assert len(found.registrations) == 1
    used = [row for row in found.inputs if row.status == "used"]
    assert len(used) == 112 + 118 + 7


def test_one_real_course_is_refused(shared: Path) -> None:
    with pytest.raises(InputError, match="One course only was found"):
        gather([shared / "data/breast_one_course"], replace(SETTINGS, organ="Heart"))


@pytest.mark.slow
def test_two_real_patients_are_refused(shared: Path) -> None:
    data = shared / "data"
    with pytest.raises(InputError, match="two different Patient IDs") as refusal:
        gather([data / "breast_one_course", data / "liver_ct_two_course"], SETTINGS)
    text = str(refusal.value)
    for identity in ("123456", "boost", "REIRRAD"):
        assert identity not in text


def test_every_oddity_has_a_fate_and_nothing_is_raised(shared: Path) -> None:
    found = survey([shared / "data/rtdose_oddities"], SETTINGS)
    names = {Path(row.path).name for row in found.inputs}
    assert names == {path.name for path in (shared / "data/rtdose_oddities").iterdir()}
    assert found.courses == ()
    assert any("found RELATIVE" in problem for problem in found.problems)


def test_a_truncated_real_plan_is_refused(shared: Path, tmp_path: Path) -> None:
    shutil.copy(shared / "data/rtdose_oddities/rtplan_truncated.dcm", tmp_path)
    with pytest.raises(InputError, match="cut short"):
        gather([tmp_path], SETTINGS)
