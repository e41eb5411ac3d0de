"""The registry as FHIR files."""

from dataclasses import dataclass
from pathlib import Path

from reirrad.errors import InputError
from reirrad.interchange.fhir import cohort_bundle, fhir_text, patient_bundles
from reirrad.interchange.fhir_patient import BirthDate
from reirrad.store.database import Store
from reirrad.store.registry import read_cohort
from reirrad.workflows.publish import publish

__all__ = ["ExportedFhir", "export_fhir"]

PREFIX = "fhir-"


@dataclass(frozen=True, slots=True)
class ExportedFhir:
    """What was written: patients, and their resources without the bundles."""

    n_patients: int
    n_resources: int


def export_fhir(url: str, out: Path, *, birth_date: BirthDate = "year") -> ExportedFhir:
    """Write the patients of a registry as FHIR bundles.

    Parameters
    ----------
    url
        Address of the registry.
    out
        File, whose name ends with ``.json``, for one bundle of all patients; any other
        name is a folder for one bundle each, ``fhir-PSEUDONYM.json``.
    birth_date
        How much of the date of birth is told.

    Raises
    ------
    InputError
        If the registry has no patients.
    StoreError
        If it cannot be opened or read.
    OutputError
        If the files cannot be written.
    """
    store = Store.existing(url)
    try:
        cohort = read_cohort(store)
    finally:
        store.close()
    if not cohort.patient:
        msg = (
            "The registry has no patients, so there is nothing to export. Put them in "
            "with `reirrad cohort add` or `reirrad cohort import`."
        )
        raise InputError(msg)
    bundles = patient_bundles(cohort, birth_date)
    if out.suffix == ".json":
        texts = {out.name: fhir_text(cohort_bundle(bundles))}
        _write(texts, out.resolve().parent)
    else:
        texts = {
            f"{PREFIX}{name}.json": fhir_text(one) for name, one in bundles.items()
        }
        _write(texts, out, only_new=f"{PREFIX}*.json")
    n_resources = sum(len(one["entry"]) for one in bundles.values())
    return ExportedFhir(len(bundles), n_resources)


def _write(texts: dict[str, str], folder: Path, only_new: str = "") -> None:
    def write(fresh: Path) -> None:
        for name, text in texts.items():
            (fresh / name).write_text(text, encoding="utf-8", newline="\n")

    publish(folder, write, only_new=only_new, owner_only=True)
