"""Time of the report of 1000 made-up patients, from their registry to its files.

``python bench/cohort_report.py [N]`` makes a registry with overlaps, organ doses and
limits of every patient, which is not counted, and reports it, part by part. The sum
stands beside its limit of 60 s for 1000 patients; above it the script ends in 1.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from reirrad.core.cohort.records import Cohort, records_of
from reirrad.stats.questions import Questions
from reirrad.store.database import Store
from reirrad.store.registry import put_records, read_cohort
from reirrad.workflows.cohort_demo import demo_cohort
from reirrad.workflows.cohort_report import write_cohort_report
from reirrad.workflows.cohort_results import results_of_cohort

LIMIT_S, PATIENTS = 60.0, 1000
Result = TypeVar("Result")


def main() -> int:
    """Measure and print; 1 where the limit is not kept."""
    n_patients = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'cohort.sqlite'}"
        cohort = demo_cohort(n_patients)
        kept, _ = _timed("registry made (not counted)", lambda: _keep(url, cohort))
        print(
            f"  {len(cohort.patient)} patients, {len(records_of(cohort))} records: "
            f"{len(cohort.organ_dose)} organ doses, {len(cohort.limit)} limits; "
            f"{kept / 2**20:.0f} MB"
        )
        read, reading_s = _timed("read from the registry", lambda: _read(url))
        results, statistics_s = _timed(
            "statistics", lambda: results_of_cohort(read, Questions())
        )
        _, writing_s = _timed(
            "pages, tables, figures",
            lambda: write_cohort_report(results, folder / "report"),
        )
    total_s = reading_s + statistics_s + writing_s
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {'report':30} {total_s:6.1f} s   limit {LIMIT_S:.0f} s")
    print(f"  {'peak memory':30} {peak_mb:6.0f} MB")
    return int(total_s > LIMIT_S)


def _keep(url: str, cohort: Cohort) -> int:
    """Size of the registry in bytes."""
    store = Store.open(url)
    try:
        put_records(store, records_of(cohort), who="bench", reason="made-up patients")
    finally:
        store.close()
    return Path(url.removeprefix("sqlite:///")).stat().st_size


def _read(url: str) -> Cohort:
    store = Store.open(url)
    try:
        return read_cohort(store)
    finally:
        store.close()


def _timed(what: str, work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.perf_counter()
    result = work()
    taken_s = time.perf_counter() - start
    print(f"  {what:30} {taken_s:6.1f} s")
    return result, taken_s


if __name__ == "__main__":
    sys.exit(main())
