"""Patients assessed by the workers of a Dask cluster.

The workers read the patients' files and write the results themselves, so that they must
see the same folders under the same paths, and have the same version of the program.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from reirrad.errors import InputError, NetworkError
from reirrad.workflows.patient_job import PatientEnd, PatientJob, assess_patient

__all__ = ["assessed_on_cluster"]

CONNECT_S = 10
ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9A-Fa-f:.]+\]|[^\s/:\[\]]+):\d{1,5}")
LOST = (
    "The workers of the cluster that tried this patient ended without an answer; the "
    "system may have ended them for want of memory. Give them more, and try again."
)
NO_SCHEDULER = (
    "The scheduler of the cluster was lost before this patient was done. Start it "
    "again; the same command then goes on with the patients who are left."
)
UNUSABLE = (
    "The cluster could not work on this patient ({}). Scheduler and workers need the "
    "same version of reirrad and its libraries as this computer."
)


def assessed_on_cluster(
    jobs: Sequence[PatientJob], scheduler: str
) -> Iterator[PatientEnd]:
    """Assess patients on a cluster, and tell each as it ends.

    A patient whose worker was killed is tried by another.

    Parameters
    ----------
    jobs
        One for each patient; paths must be the same everywhere.
    scheduler
        Address, such as ``tcp://host:8786``.

    Raises
    ------
    InputError
        If the address is none, Dask is not installed, or a worker has another version
        of the program or none.
    NetworkError
        If there is no scheduler at this address, or it has no worker.
    """
    if ADDRESS.fullmatch(scheduler) is None:
        msg = (
            f"{scheduler}: is no address of a Dask scheduler. Give it as "
            f"tcp://HOST:PORT, such as tcp://10.0.0.7:8786."
        )
        raise InputError(msg)
    try:
        dask: Any = import_module("distributed")
    except ImportError as error:
        msg = (
            "--scheduler needs Dask, which is not installed. Install it with: pip "
            "install 'reirrad[cluster]'. Without --scheduler the processors of this "
            "computer are used."
        )
        raise InputError(msg) from error
    # What it tells of a lost scheduler is said in a sentence for each patient.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        client = dask.Client(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        msg = (
            f"{scheduler}: no Dask scheduler answers there. Start one with `dask "
            f"scheduler`, or correct the address."
        )
        raise NetworkError(msg) from error
    with client:
        _require_same_version(client, scheduler)
        futures = {client.submit(assess_patient, job, pure=False): job for job in jobs}
        for future in dask.as_completed(futures, loop=client.loop):
            job = futures[future]
            try:
                yield future.result()
            except dask.KilledWorker:
                yield PatientEnd(job.pseudonym, "failed", (LOST,))
            except CancelledError:
                yield PatientEnd(job.pseudonym, "failed", (NO_SCHEDULER,))
            except Exception as error:
                said = UNUSABLE.format(type(error).__name__)
                yield PatientEnd(job.pseudonym, "failed", (said,))


def _require_same_version(client: Any, scheduler: str) -> None:
    try:
        found: dict[str, str] = client.run(version, "reirrad")
    except PackageNotFoundError as error:
        msg = (
            f"{scheduler}: a worker has no reirrad. Install it for all workers, in "
            f"version {version('reirrad')} as here."
        )
        raise InputError(msg) from error
    if not found:
        msg = (
            f"{scheduler}: the scheduler has no worker. Start some with `dask worker "
            f"{scheduler} --nthreads 1`."
        )
        raise NetworkError(msg)
    here = version("reirrad")
    others = sorted({there for there in found.values() if there != here})
    if others:
        msg = (
            f"{scheduler}: workers have reirrad {' and '.join(others)}, and this is "
            f"{here}. Install one version everywhere."
        )
        raise InputError(msg)
