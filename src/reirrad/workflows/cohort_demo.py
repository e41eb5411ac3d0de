"""A registry of made-up patients, and its report."""

from collections.abc import Callable
from pathlib import Path

from reirrad.core.cohort.records import Cohort, records_of
from reirrad.errors import OutputError
from reirrad.knowledge.constraint_tables import load_constraints
from reirrad.phantoms.example_cohort import example_cohort, large_cohort
from reirrad.stats.questions import Questions
from reirrad.store.database import Store
from reirrad.store.registry import put_records
from reirrad.workflows.cohort_report import write_cohort_report
from reirrad.workflows.cohort_results import cohort_results
from reirrad.workflows.publish import check_writable, publish
from reirrad.workflows.settings import load_settings

__all__ = ["DEMO_REGISTRY", "DEMO_REPORT", "demo_cohort", "write_cohort_demo"]

DEMO_REGISTRY, DEMO_REPORT = "cohort.sqlite", "report"
WHO, REASON = "reirrad cohort demo", "made-up patients"


def demo_cohort(n_patients: int | None = None) -> Cohort:
    """Made-up patients, held to the limits that assessments use unless told otherwise.

    Parameters
    ----------
    n_patients
        How many; None for the example of 18 patients.
    """
    constraints = load_constraints(load_settings(None).constraints)
    if n_patients is None:
        return example_cohort(constraints=constraints)
    return large_cohort(n_patients, constraints=constraints)


def write_cohort_demo(
    out: Path,
    n_patients: int | None = None,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Write a registry of made-up patients and its report, both or neither.

    Parameters
    ----------
    out
        Folder for ``cohort.sqlite`` and ``report``; may exist if it is empty.
    n_patients
        As in :func:`demo_cohort`.
    progress
        Told what is being done.

    Raises
    ------
    OutputError
        If there is something in the folder, or it cannot be written.
    """
    check_writable(out)
    if out.is_dir() and any(out.iterdir()):
        msg = (
            f"{out}: the folder is not empty, and a registry must not be mixed with "
            "another one. Choose an empty or a new folder with --out."
        )
        raise OutputError(msg)
    progress("making the patients")
    cohort = demo_cohort(n_patients)

    def write(folder: Path) -> None:
        url = f"sqlite:///{folder / DEMO_REGISTRY}"
        progress("keeping them in the registry")
        store = Store.open(url)
        try:
            put_records(store, records_of(cohort), who=WHO, reason=REASON)
        finally:
            store.close()
        progress("reporting")
        write_cohort_report(cohort_results(url, Questions()), folder / DEMO_REPORT)

    publish(out, write)
