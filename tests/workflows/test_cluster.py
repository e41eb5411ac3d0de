"""A real cluster of separate worker processes, one of which is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reirrad.core.cohort.pseudonyms import pseudonym_of
from reirrad.errors import InputError, NetworkError
from reirrad.workflows.cluster import assessed_on_cluster
from reirrad.workflows.cohort_assess import BatchOrder, ends_of, planned_batch
from tests.workflows.many_patients import quick_settings, write_patients

dask: Any = pytest.importorskip("dask")
distributed: Any = pytest.importorskip("distributed")

N_PATIENTS = 3
START_S = 60


def named(patient_id: str) -> str:
    return pseudonym_of(patient_id, bytes(32))


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a scheduler without workers, in a process of its own."""
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    process = _dask(
        "scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1",
        "--scheduler-file", str(file),
    )  # fmt: skip
    try:
        yield _address(file)
    finally:
        process.terminate()
        process.wait()


def _dask(*arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - this very environment
        [sys.executable, "-m", "dask", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "NUMBA_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"},
    )


def _address(file: Path) -> str:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if file.exists() and (text := file.read_text(encoding="utf-8")):
            return str(json.loads(text)["address"])
        time.sleep(0.1)
    pytest.fail("the scheduler did not start")


def _workers(scheduler: str, count: int) -> None:
    with distributed.Client(scheduler, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=START_S)


@pytest.mark.slow
def test_all_patients_end_right_although_a_worker_is_killed(
    scheduler: str, tmp_path: Path
) -> None:
    write_patients(tmp_path / "root", N_PATIENTS)
    order = BatchOrder(
        tmp_path / "root",
        tmp_path / "out",
        quick_settings(),
        json_only=True,
        scheduler=scheduler,
    )
    jobs = planned_batch(order, named).jobs
    workers = [
        _dask(
            "worker",
            scheduler,
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
            "--local-directory",
            str(tmp_path / f"worker{index}"),
        )
        for index in range(2)
    ]
    try:
        _workers(scheduler, 2)
        ends = ends_of(order, jobs)
        found = [next(ends)]
        workers[0].send_signal(signal.SIGKILL)
        found += ends
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()

    assert sorted(end.pseudonym for end in found) == sorted(
        job.pseudonym for job in jobs
    )
    assert {end.kind for end in found} == {"assessed"}
    assert all((job.out / "assessment.json").exists() for job in jobs)
    assert not planned_batch(order, named).jobs
    with pytest.raises(NetworkError, match="has no worker"):
        list(assessed_on_cluster(jobs[:1], scheduler))


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_told() -> None:
    with pytest.raises(NetworkError, match="no Dask scheduler answers"):
        list(assessed_on_cluster([], "tcp://127.0.0.1:9"))


@pytest.mark.parametrize(
    "address", ["nonsense://here:1", "tcp://here", "here:8786", "tcp://:8786", "tcp://"]
)
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(InputError, match="is no address of a Dask scheduler"):
        list(assessed_on_cluster([], address))


WITHOUT_REIRRAD = """
import importlib.metadata as metadata, sys
told = metadata.version
def version(name):
    if name == "reirrad":
        raise metadata.PackageNotFoundError(name)
    return told(name)
metadata.version = version
from distributed.cli.dask_worker import main
main([sys.argv[1], "--nthreads", "1", "--no-nanny", "--no-dashboard"])
"""


@pytest.mark.slow
def test_a_worker_without_reirrad_is_told(scheduler: str, tmp_path: Path) -> None:
    worker = subprocess.Popen(  # noqa: S603 - this very environment
        [sys.executable, "-c", WITHOUT_REIRRAD, scheduler],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    try:
        _workers(scheduler, 1)
        with pytest.raises(InputError, match="a worker has no reirrad"):
            list(assessed_on_cluster([], scheduler))
    finally:
        worker.kill()
        worker.wait()


@pytest.mark.slow
def test_patients_of_a_lost_scheduler_are_told(tmp_path: Path) -> None:
    write_patients(tmp_path / "root", 2)
    file = tmp_path / "scheduler.json"
    scheduling = _dask(
        "scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1",
        "--scheduler-file", str(file),
    )  # fmt: skip
    address = _address(file)
    worker = _dask(
        "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
        "--local-directory", str(tmp_path / "worker"),
    )  # fmt: skip
    order = BatchOrder(
        tmp_path / "root",
        tmp_path / "out",
        quick_settings(),
        json_only=True,
        scheduler=address,
    )
    try:
        _workers(address, 1)
        with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
            ends = ends_of(order, planned_batch(order, named).jobs)
            assert next(ends).kind == "assessed"
            scheduling.kill()
            (lost,) = ends
    finally:
        for process in (scheduling, worker):
            process.kill()
            process.wait()
    assert lost.kind == "failed"
    assert "The scheduler of the cluster was lost" in lost.problems[0]
