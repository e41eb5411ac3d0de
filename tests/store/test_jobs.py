import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from reirrad.errors import StoreError
from reirrad.store.cases import delete_case, get_version, list_cases
from reirrad.store.database import Store
from reirrad.store.jobs import (
    add_report_job,
    claim,
    done,
    failed,
    give_back,
    requeue_running,
    step,
    steps,
)
from reirrad.store.trail import events
from tests.store.specimens import claimed, done_version, new_case, new_version


def test_the_oldest_job_comes_first(store: Store) -> None:
    case = new_case(store)
    for _ in range(3):
        new_version(store, case.id)
    taken = [claimed(store) for _ in range(3)]
    assert [job.version for job in taken] == [1, 2, 3]
    assert {job.kind for job in taken} == {"assess"}
    assert claim(store, "worker") is None
    version = get_version(store, case.id, 2)
    assert version is not None
    assert version.state == "running"


def _claim_all(store: Store, worker: str) -> list[int]:
    found = []
    while (job := claim(store, worker)) is not None:
        found.append(job.id)
        step(store, job.id, f"{worker} began")
    return found


def test_threads_share_the_jobs_without_any_twice(store: Store) -> None:
    case = new_case(store)
    for _ in range(24):
        new_version(store, case.id)
    with ThreadPoolExecutor(6) as pool:
        parts = list(pool.map(lambda n: _claim_all(store, f"w{n}"), range(6)))
    taken = [job for part in parts for job in part]
    assert len(taken) == 24
    assert len(set(taken)) == 24


def _open_and_claim_all(url: str) -> list[int]:
    store = Store.open(url)
    try:
        return _claim_all(store, str(os.getpid()))
    finally:
        store.close()


@pytest.mark.slow
def test_processes_share_the_jobs_without_any_twice(url: str, store: Store) -> None:
    case = new_case(store)
    for _ in range(24):
        new_version(store, case.id)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(4, mp_context=context) as pool:
        parts = list(pool.map(_open_and_claim_all, [url] * 4))
    taken = [job for part in parts for job in part]
    assert len(taken) == 24
    assert len(set(taken)) == 24


def _begin_and_die(url: str) -> None:
    store = Store.open(url)
    job = claimed(store)
    step(store, job.id, "about to die")
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(url: str, store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    dying = multiprocessing.get_context("spawn").Process(
        target=_begin_and_die, args=(url,)
    )
    dying.start()
    dying.join()
    assert dying.exitcode == -signal.SIGKILL
    assert claim(store, "other") is None
    (left,) = requeue_running(store)
    again = claimed(store)
    assert (again.id, again.attempts) == (left.id, 2)
    assert [item.text for item in steps(store, case.id, 1)] == ["about to die"]


def test_the_third_death_fails_the_version_with_a_sentence(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    for attempt in (1, 2):
        job = claimed(store)
        assert job.attempts == attempt
        give_back(store, job.id)
        (row,) = list_cases(store)
        assert row.state == "queued"
    give_back(store, claimed(store).id)
    assert claim(store, "worker") is None
    (row,) = list_cases(store)
    assert row.state == "failed"
    assert "begun 3 times" in row.problems[0]
    assert "new version" in row.problems[0]


def test_the_third_death_of_a_report_leaves_the_assessment(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    add_report_job(store, case.id, 1)
    for _ in range(3):
        give_back(store, claimed(store).id)
    assert claim(store, "worker") is None
    version = get_version(store, case.id, 1)
    assert version is not None
    assert version.state == "done"
    assert events(store, case.id)[-1].action == "report failed"


def test_a_job_that_does_not_run_is_not_given_back(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    job = claimed(store)
    done(store, job.id)
    give_back(store, job.id)
    assert requeue_running(store) == []
    assert claim(store, "worker") is None


def test_a_job_that_cannot_be_done_says_why(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    failed(store, claimed(store).id, ["Dose Units is RELATIVE."])
    version = get_version(store, case.id, 1)
    assert version is not None
    assert (version.state, version.problems) == ("failed", ("Dose Units is RELATIVE.",))
    assert requeue_running(store) == []


def test_reports_are_asked_for_once_and_only_of_what_is_done(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    with pytest.raises(StoreError, match="not done"):
        add_report_job(store, case.id, 1)
    job = claimed(store)
    failed(store, job.id, ["No dose."])
    with pytest.raises(StoreError, match="not done"):
        add_report_job(store, case.id, 1)
    done_version(store, case.id)
    add_report_job(store, case.id, 2)
    add_report_job(store, case.id, 2)
    assert claimed(store).kind == "report"
    assert claim(store, "worker") is None


def test_a_worker_whose_case_was_deleted_is_told(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    job = claimed(store)
    give_back(store, job.id)
    delete_case(store, case.id, "anna")
    for act in (done, give_back):
        with pytest.raises(StoreError, match="case was deleted"):
            act(store, job.id)
    with pytest.raises(StoreError, match="case was deleted"):
        step(store, job.id, "on")
