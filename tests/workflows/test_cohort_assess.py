"""Many patients: each is assessed once, whatever happens to the others."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from reirrad.core.assessment import PatientIdentity
from reirrad.core.cohort.pseudonyms import pseudonym_of
from reirrad.core.cohort.records import Cohort
from reirrad.dicom.write_course import write_course
from reirrad.errors import InputError, OutputError
from reirrad.phantoms.small_patient import small_courses
from reirrad.store.database import Store
from reirrad.store.registry import read_cohort
from reirrad.workflows.cohort_assess import (
    BatchOrder,
    PlannedBatch,
    ends_of,
    locked,
    planned_batch,
)
from reirrad.workflows.patient_job import PatientEnd, assess_patient
from tests.workflows.many_patients import (
    QUICK_SETTINGS,
    quick_settings,
    write_patients,
    write_small_patient,
)

KEY = bytes(range(32))
COMMAND = "from reirrad.cli.main import app; app()"
KILLED_AT = (0.7, 0.55)
"""Shares of the time of a whole run."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four patients; one has a single course, one a name that changes."""
    folder = tmp_path_factory.mktemp("root")
    write_patients(folder, 2)
    write_small_patient(folder / "p2", "P2")
    for file in (folder / "p2" / "course2").iterdir():
        dataset = pydicom.dcmread(file)
        dataset.PatientName = "Other^Name"
        dataset.save_as(file)
    who = PatientIdentity("P3", "Test", None, None)
    write_course(small_courses(14.0)[0], folder / "p3", patient=who)
    return folder


def order_of(root: Path, out: Path) -> BatchOrder:
    return BatchOrder(root, out, quick_settings(), json_only=True, n_workers=2)


def planned(order: BatchOrder) -> PlannedBatch:
    return planned_batch(order, named)


def named(patient_id: str) -> str:
    return pseudonym_of(patient_id, KEY)


def by_name(ends: Sequence[PatientEnd]) -> dict[str, PatientEnd]:
    return {end.pseudonym: end for end in ends}


@pytest.fixture(scope="module")
def batch(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[BatchOrder, tuple[PatientEnd, ...]]:
    """One run over everybody."""
    order = order_of(root, tmp_path_factory.mktemp("batch") / "out")
    return order, tuple(ends_of(order, planned(order).jobs))


@pytest.mark.slow
def test_one_bad_patient_stops_nobody(
    batch: tuple[BatchOrder, tuple[PatientEnd, ...]],
) -> None:
    order, ends = batch
    found = by_name(ends)

    assert len(ends) == 4
    assert {found[named(one)].kind for one in ("P0", "P1")} == {"assessed"}
    assert found[named("P0")].resbrt_types == ("1B",)
    assert found[named("P0")].n_courses == 2
    differing = found[named("P2")]
    assert differing.kind == "refused"
    assert "Patient's Name (0010,0010) differs" in differing.problems[0]
    assert str(order.root) not in " ".join(differing.problems)
    alone = found[named("P3")]
    assert alone.kind == "refused"
    assert "One course only was found" in alone.problems[0]
    assert (order.out / named("P0") / "assessment.json").exists()
    assert not (order.out / named("P2")).exists()
    notice = order.out / f"{named('P3')}.not-assessed.txt"
    assert "One course only" in notice.read_text(encoding="utf-8")


@pytest.mark.slow
def test_who_is_finished_is_not_assessed_again(
    batch: tuple[BatchOrder, tuple[PatientEnd, ...]],
) -> None:
    order, ends = batch
    again = planned(order)

    assert {job.pseudonym for job in again.jobs} == {named("P2"), named("P3")}
    assert by_name(again.ended) == {
        end.pseudonym: end for end in ends if end.kind == "assessed"
    }


@pytest.mark.slow
def test_who_has_no_files_any_more_is_listed(
    batch: tuple[BatchOrder, tuple[PatientEnd, ...]], tmp_path: Path
) -> None:
    order, _ = batch
    write_patients(tmp_path, 1)
    assert planned(order).gone == ()
    fewer = planned(replace(order, root=tmp_path))
    assert fewer.gone == tuple(sorted(named(one) for one in ("P1", "P2", "P3")))


@pytest.mark.slow
def test_other_settings_make_everybody_new(
    batch: tuple[BatchOrder, tuple[PatientEnd, ...]],
) -> None:
    order, _ = batch
    other = replace(order, settings=replace(order.settings, registration_seed=2))
    assert not planned(other).ended
    assert not planned(replace(order, json_only=False)).ended


@pytest.mark.slow
def test_another_file_makes_its_patient_new(
    batch: tuple[BatchOrder, tuple[PatientEnd, ...]], tmp_path: Path
) -> None:
    order, _ = batch
    write_patients(tmp_path, 2)
    same = planned(replace(order, root=tmp_path))
    write_small_patient(tmp_path / "p1", "P1", shift_mm=12.5)
    changed = planned(replace(order, root=tmp_path))

    assert not same.jobs
    assert [job.pseudonym for job in changed.jobs] == [named("P1")]


@pytest.mark.slow
def test_a_document_that_was_changed_is_made_again(
    batch: tuple[BatchOrder, tuple[PatientEnd, ...]],
) -> None:
    order, _ = batch
    file = order.out / named("P0") / "assessment.json"
    before = file.read_bytes()
    file.write_bytes(before + b"\n")
    try:
        jobs = planned(order).jobs
    finally:
        file.write_bytes(before)
    assert named("P0") in {job.pseudonym for job in jobs}


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_its_patient_tried_again(
    tmp_path: Path,
) -> None:
    write_patients(tmp_path / "root", 2)
    order = order_of(tmp_path / "root", tmp_path / "out")
    killed = threading.Thread(target=_kill_one_child)
    killed.start()
    ends = list(ends_of(order, planned(order).jobs))
    killed.join()

    assert [end.kind for end in ends] == ["assessed"] * 2
    assert len(by_name(ends)) == 2


def _kill_one_child() -> None:
    while not (children := multiprocessing.active_children()):
        time.sleep(0.05)
    time.sleep(1.0)
    pid = children[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_patient_who_kills_every_worker_is_reported(tmp_path: Path) -> None:
    write_patients(tmp_path / "root", 1)
    order = order_of(tmp_path / "root", tmp_path / "out")
    ended = threading.Event()
    killing = threading.Thread(target=_kill_all_children, args=(ended,))
    killing.start()
    (end,) = ends_of(order, planned(order).jobs)
    ended.set()
    killing.join()

    assert end.kind == "failed"
    assert "ended without an answer, twice" in end.problems[0]


def _kill_all_children(ended: threading.Event) -> None:
    while not ended.wait(0.1):
        for child in multiprocessing.active_children():
            if child.pid is not None:
                os.kill(child.pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_run_killed_again_and_again_ends_with_the_same_registry(
    tmp_path: Path,
) -> None:
    """The full measure, 200 patients and ten kills, is bench/cohort_interrupted.py."""
    write_patients(tmp_path / "root", 4)
    (tmp_path / "settings.toml").write_text(QUICK_SETTINGS, encoding="utf-8")
    start = time.monotonic()
    assert _started(tmp_path, "whole").wait() == 0
    seconds = time.monotonic() - start
    for share in KILLED_AT:
        process = _started(tmp_path, "broken")
        time.sleep(share * seconds)
        process.kill()
        process.wait()
    assert _started(tmp_path, "broken").wait() == 0

    whole, broken = (_registry(tmp_path, run) for run in ("whole", "broken"))
    assert len(whole.patient) == 4
    assert whole == broken
    summaries = [tmp_path / run / "summary.json" for run in ("whole", "broken")]
    assert summaries[0].read_bytes() == summaries[1].read_bytes()
    counts = json.loads(summaries[0].read_text(encoding="utf-8"))["counts"]
    assert counts == {"assessed": 4, "withheld": 0, "refused": 0, "failed": 0}
    assert not list((tmp_path / "broken").glob(".reirrad-*"))


def _started(folder: Path, run: str) -> "subprocess.Popen[bytes]":
    arguments = (
        *("cohort", "assess", str(folder / "root"), "--out", str(folder / run)),
        *("--json-only", "--settings", str(folder / "settings.toml"), "--add"),
        *("--database", f"sqlite:///{folder / run}.sqlite", "--who", "physicist"),
        *("--key", str(folder / "cohort.key")),
    )
    return subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-c", COMMAND, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _registry(folder: Path, run: str) -> Cohort:
    """What is there, but for what tells the time."""
    store = Store.open(f"sqlite:///{folder / run}.sqlite")
    try:
        cohort = read_cohort(store)
    finally:
        store.close()
    kept = tuple(
        replace(one, sha256="0" * 64, created_at=None) for one in cohort.assessment
    )
    return replace(cohort, assessment=kept)


def test_results_do_not_go_among_the_files(tmp_path: Path) -> None:
    for out in (tmp_path, tmp_path / "out"):
        with pytest.raises(InputError, match="taken for files of patients"):
            planned(order_of(tmp_path, out))


def test_a_folder_without_patients_is_refused(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    with pytest.raises(InputError, match="no DICOM object of a patient"):
        planned(order_of(tmp_path / "root", tmp_path / "out"))


def test_only_one_run_writes_to_a_folder(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "out"),
        pytest.raises(OutputError, match="another `reirrad cohort assess`"),
        locked(tmp_path / "out"),
    ):
        pass


def test_what_a_killed_run_left_half_written_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / "out" / ".reirrad-abc" / "new"
    left.mkdir(parents=True)
    with locked(tmp_path / "out"):
        assert not left.parent.exists()


def test_a_defect_is_an_end_like_others(tmp_path: Path, root: Path) -> None:
    """Settings that no file can give: the program fails by a defect."""
    order = order_of(root, tmp_path / "out")
    job = next(one for one in planned(order).jobs if one.pseudonym == named("P0"))
    settings = replace(job.settings, registration_draws=-1)
    end = assess_patient(replace(job, settings=settings))
    assert end.kind == "failed"
    assert "defect of its own" in end.problems[0]
    assert not job.out.exists()


def test_settings_of_everybody_may_name_what_one_patient_lacks(
    tmp_path: Path, root: Path
) -> None:
    order = order_of(root, tmp_path / "out")
    job = next(one for one in planned(order).jobs if one.pseudonym == named("P0"))
    settings = replace(job.settings, structures={"fegato sano": "Liver"})
    assert assess_patient(replace(job, settings=settings)).kind == "assessed"
