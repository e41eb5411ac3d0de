import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from reirrad.errors import StoreError
from reirrad.store.cases import (
    delete_case,
    finish_version,
    get_version,
    list_cases,
)
from reirrad.store.database import Store
from reirrad.store.jobs import (
    ask_for_reports,
    claim,
    failed,
    finish_report,
    give_back,
    left_running,
    put_back,
    report_problems,
    step,
    steps,
)
from reirrad.store.reviews import review_of
from reirrad.store.trail import events
from reirrad.store.versions import close_version
from tests.store.specimens import (
    accepted,
    claimed,
    done_version,
    new_case,
    new_version,
    reported,
)


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


def test_a_kind_is_taken_alone(store: Store) -> None:
    first, second = new_case(store), new_case(store)
    done_version(store, first.id)
    new_version(store, second.id)
    report = claim(store, "worker", ["report"])
    assert report is not None
    assert (report.case_id, report.kind) == (first.id, "report")
    assert claim(store, "worker", ["report"]) is None
    assert claim(store, "worker", []) is None
    assessment = claim(store, "worker", ["assess"])
    assert assessment is not None
    assert (assessment.case_id, assessment.kind) == (second.id, "assess")


def test_an_assessment_goes_before_a_report(store: Store) -> None:
    first, second = new_case(store), new_case(store)
    done_version(store, first.id)
    new_version(store, second.id)
    kinds = [claimed(store).kind, claimed(store).kind]
    assert kinds == ["assess", "report"]


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
    (left,) = left_running(store)
    give_back(store, left.id)
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
    for _ in range(3):
        give_back(store, claimed(store).id)
    assert claim(store, "worker") is None
    version = get_version(store, case.id, 1)
    assert version is not None
    assert version.state == "done"
    (told,) = (e for e in events(store, case.id) if e.action == "report failed")
    assert told.detail == {"problems": 1}
    (problem,) = report_problems(store, case.id, 1)
    assert problem.startswith("The report was begun 3 times")
    ask_for_reports(store, case.id, 1, "anna")
    assert report_problems(store, case.id, 1) == ()
    assert claimed(store).kind == "report"
    last = events(store, case.id)[-1]
    assert (last.who, last.action) == ("anna", "reports asked for")


def test_a_job_that_does_not_run_is_not_given_back(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    job = claimed(store)
    _failed(store, job.id)
    give_back(store, job.id)
    put_back(store, job.id)
    assert left_running(store) == []
    assert claim(store, "worker") is None


def test_what_is_stopped_on_purpose_counts_for_no_death(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    for _ in range(4):
        job = claimed(store)
        assert job.attempts == 1
        put_back(store, job.id)
    (row,) = list_cases(store)
    assert row.state == "queued"


def _failed(store: Store, job_id: int) -> None:
    failed(store, job_id, ["No dose."])


def test_an_assessment_ends_with_its_job_and_its_report_waiting(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    job = claimed(store)
    finish_version(store, case.id, 1, {})
    assert left_running(store) == []
    report = claimed(store)
    assert (report.kind, report.version) == ("report", 1)
    # Its worker died, or could not tell, after that.
    for late in (give_back, put_back, _failed):
        late(store, job.id)
    version = get_version(store, case.id, 1)
    assert version is not None
    assert (version.state, version.problems) == ("done", ())


@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize("ending", [give_back, put_back, _failed])
def test_a_job_left_of_a_version_that_is_done_ends(
    store: Store, attempts: int, ending: Callable[[Store, int], None]
) -> None:
    case = new_case(store)
    new_version(store, case.id)
    for _ in range(attempts - 1):
        give_back(store, claimed(store).id)
    job = claimed(store)
    with store.writing() as connection:
        close_version(connection, case.id, 1, summary={})
    ending(store, job.id)
    assert left_running(store) == []
    assert claimed(store).kind == "report"
    version = get_version(store, case.id, 1)
    assert version is not None
    assert version.state == "done"


def test_one_job_of_a_version_runs_at_a_time(store: Store) -> None:
    first, other = new_case(store), new_case(store)
    done_version(store, first.id)
    report = claimed(store)
    accepted(store, first.id, 1)
    assert claim(store, "second") is None
    done_version(store, other.id)
    beside = claimed(store)
    assert (beside.kind, beside.case_id) == ("report", other.id)
    reported(store, report)
    assert claimed(store).case_id == first.id


def test_reports_are_written_again_where_the_review_has_changed(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    seen = review_of(store, case.id, 1)
    job = claimed(store)
    accepted(store, case.id, 1)
    finish_report(store, job.id, seen)
    again = claimed(store)
    assert again.kind == "report"
    finish_report(store, again.id, review_of(store, case.id, 1))
    assert claim(store, "worker") is None


def test_a_job_that_cannot_be_done_says_why(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    failed(store, claimed(store).id, ["Dose Units is RELATIVE."])
    version = get_version(store, case.id, 1)
    assert version is not None
    assert (version.state, version.problems) == ("failed", ("Dose Units is RELATIVE.",))
    assert left_running(store) == []


def test_reports_are_asked_for_once_and_only_of_what_is_done(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    with pytest.raises(StoreError, match="not done"):
        ask_for_reports(store, case.id, 1, "anna")
    job = claimed(store)
    failed(store, job.id, ["No dose."])
    with pytest.raises(StoreError, match="not done"):
        ask_for_reports(store, case.id, 1, "anna")
    done_version(store, case.id)
    ask_for_reports(store, case.id, 2, "anna")
    ask_for_reports(store, case.id, 2, "anna")
    assert claimed(store).kind == "report"
    assert claim(store, "worker") is None


def test_a_worker_whose_case_was_deleted_is_told(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    job = claimed(store)
    give_back(store, job.id)
    delete_case(store, case.id, "anna")
    for act in (_failed, give_back, put_back):
        with pytest.raises(StoreError, match="case was deleted"):
            act(store, job.id)
    with pytest.raises(StoreError, match="case was deleted"):
        step(store, job.id, "on")
