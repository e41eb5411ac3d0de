"""All patients below some folders, assessed one beside the other.

A patient is finished when the results and what they were made of are in their folder.
A run that was interrupted goes on with those who are not; whoever has other files,
settings or another version of the program than then is assessed again.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from reirrad.core.processors import processors
from reirrad.core.settings import Settings
from reirrad.dicom.patient_files import PatientFiles, patients_below
from reirrad.errors import InputError, OutputError
from reirrad.workflows.cluster import assessed_on_cluster
from reirrad.workflows.patient_job import FINISHED, PatientEnd, PatientJob, finished
from reirrad.workflows.patient_workers import assessed_here
from reirrad.workflows.publish import STAGING_PREFIX, check_writable

__all__ = ["BatchOrder", "PlannedBatch", "ends_of", "locked", "planned_batch"]

NOTICE = ".not-assessed.txt"


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """What the user asked for.

    Parameters
    ----------
    root
        Folder with the files of all patients.
    out
        Folder of the results; each patient has one in it.
    settings
        What the user decided, for everybody.
    json_only
        Whether reports are left out.
    n_workers
        How many processes work side by side; None for as many as processors.
    scheduler
        Address of a Dask scheduler that has the work done instead; empty for none.
    """

    root: Path
    out: Path
    settings: Settings
    json_only: bool = False
    n_workers: int | None = None
    scheduler: str = ""


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """What is to be done, and what was done before.

    Parameters
    ----------
    jobs
        Patients to be assessed.
    ended
        Patients who are finished.
    problems
        A sentence for files that belong to nobody.
    gone
        Patients of an earlier run who have no files any more.
    """

    jobs: tuple[PatientJob, ...]
    ended: tuple[PatientEnd, ...]
    problems: tuple[str, ...]
    gone: tuple[str, ...]


def planned_batch(
    order: BatchOrder,
    pseudonym_of: Callable[[str], str],
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> PlannedBatch:
    """Find all patients, and who of them is finished.

    Parameters
    ----------
    order
        What the user asked for.
    pseudonym_of
        From a Patient ID to the pseudonym.
    progress
        Told how many files were read, now and then.

    Raises
    ------
    InputError
        If there is no patient, or the results would lie among the files.
    OutputError
        If the folder of the results cannot be written.
    """
    root, out = order.root.resolve(), order.out.resolve()
    if root == out or root in out.parents:
        msg = (
            f"{order.out}: lies in {order.root}, so that results would be taken for "
            f"files of patients. Choose another folder with --out."
        )
        raise InputError(msg)
    check_writable(out)
    found = patients_below([root], progress=progress)
    if not found.patients:
        msg = f"{order.root}: there is no DICOM object of a patient in it."
        raise InputError(*found.problems, msg)
    jobs = [_job(one, pseudonym_of(one.patient_id), order) for one in found.patients]
    ended = {job.pseudonym: finished(job) for job in jobs}
    return PlannedBatch(
        jobs=tuple(job for job in jobs if ended[job.pseudonym] is None),
        ended=tuple(end for end in ended.values() if end is not None),
        problems=found.problems,
        gone=tuple(sorted(_of_earlier_runs(out) - ended.keys())),
    )


def ends_of(order: BatchOrder, jobs: Sequence[PatientJob]) -> Iterator[PatientEnd]:
    """Assess patients, and tell each as it ends.

    Beside the folder of a patient who could not be assessed lies a file that says why,
    as there may be older results in it.

    Parameters
    ----------
    order
        What the user asked for.
    jobs
        Of a :class:`PlannedBatch` of this order.

    Raises
    ------
    InputError, NetworkError
        If the cluster cannot be used.
    """
    if not jobs:
        return
    if order.scheduler:
        ends = assessed_on_cluster(jobs, order.scheduler)
    else:
        ends = assessed_here(jobs, order.n_workers or processors())
    for end in ends:
        _leave_notice(order.out, end)
        yield end


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Keep other runs out of a folder of results, and clear what killed ones left.

    Raises
    ------
    OutputError
        If another run writes there now, or the folder cannot be written.
    """
    check_writable(out)
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("w") as lock:
        _take(lock.fileno(), out)
        for left in out.glob(f"{STAGING_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _take(lock: int, out: Path) -> None:
    try:
        import fcntl  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        msg = (
            f"{out}: another `reirrad cohort assess` writes there now. Wait for it, or "
            f"choose another folder with --out."
        )
        raise OutputError(msg) from error


def _job(files: PatientFiles, pseudonym: str, order: BatchOrder) -> PatientJob:
    made_of = (files.sha256, order.settings, order.json_only, version("reirrad"))
    return PatientJob(
        pseudonym=pseudonym,
        paths=files.paths,
        settings=order.settings,
        out=order.out.resolve() / pseudonym,
        json_only=order.json_only,
        fingerprint=hashlib.sha256(repr(made_of).encode()).hexdigest(),
    )


def _of_earlier_runs(out: Path) -> set[str]:
    """Patients of whom there are results, or a file that says why not."""
    results = {file.parent.name for file in out.glob(f"*/{FINISHED}")}
    return results | {file.name.removesuffix(NOTICE) for file in out.glob(f"*{NOTICE}")}


def _leave_notice(out: Path, end: PatientEnd) -> None:
    notice = out / f"{end.pseudonym}{NOTICE}"
    # The summary says it too; a full disk must not end the work of the others.
    with suppress(OSError):
        if end.kind in {"assessed", "withheld"}:
            notice.unlink(missing_ok=True)
        else:
            notice.write_text("\n".join((*end.problems, "")), encoding="utf-8")
