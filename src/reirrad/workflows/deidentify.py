"""From paths to a folder of objects that can be given away."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from reirrad.dicom.deidentification.cleaning import METHOD, OPTIONS
from reirrad.dicom.deidentification.deidentifying import Deidentified, deidentify_into
from reirrad.errors import InputError
from reirrad.knowledge.confidentiality import load_confidentiality_profile
from reirrad.workflows.pseudonym_key import existing_key, new_key, write_key
from reirrad.workflows.publish import check_writable, publish

__all__ = ["REPORT", "Deidentified", "deidentification_json", "deidentify"]

REPORT = "deidentification.json"
SCHEMA_VERSION = "1"


def deidentify(
    paths: Sequence[Path],
    out: Path,
    *,
    key_file: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Deidentified:
    """Write cleaned copies of all objects of the given paths, and a report, to `out`.

    Parameters
    ----------
    paths
        Folders (searched recursively), files and zips, of any number of patients.
    out
        A folder that is empty or does not exist.
    key_file
        Secret that decides every replacement; made where it does not exist. None uses
        a key that nobody will ever know.
    progress
        Told each step in a few words.

    Returns
    -------
    Deidentified
        What was written and left out.

    Raises
    ------
    InputError
        If the folder is not empty, holds an input or lies in one, the key is
        unsuitable, or an object can neither be cleaned nor left out; `out` is then as
        it was.
    OutputError
        If `out` or the key cannot be written.
    """
    problems = tuple(_misplaced(paths, out, key_file))
    if problems:
        raise InputError(*problems)
    key = None if key_file is None else existing_key(key_file)
    check_writable(out)
    secret = key or new_key()
    done: list[Deidentified] = []

    def write(folder: Path) -> None:
        result = deidentify_into(
            folder,
            paths,
            profile=load_confidentiality_profile(),
            key=secret,
            progress=progress,
        )
        document = deidentification_json(result)
        (folder / REPORT).write_text(document, encoding="utf-8")
        if key_file is not None and key is None:
            write_key(key_file, secret)
        done.append(result)

    publish(out, write)
    return done[0]


def deidentification_json(result: Deidentified) -> str:
    """What was done, without anything that was there before."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "software": {"name": "reirrad", "version": version("reirrad")},
        "method": METHOD,
        "options": [
            {"code": code, "scheme": "DCM", "meaning": meaning}
            for code, meaning in OPTIONS.items()
        ],
        "patients": [
            {"id": patient, "objects": dict(objects)}
            for patient, objects in result.patients.items()
        ],
        "files_left_out": len(result.left_out),
        "texts_kept": {name: list(kept) for name, kept in result.texts_kept.items()},
        "findings": [asdict(finding) for finding in result.findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _misplaced(
    paths: Sequence[Path], out: Path, key_file: Path | None
) -> Iterator[str]:
    """What must not lie where: only cleaned objects may be in the folder."""
    folder = out.resolve()
    if out.is_dir() and any(out.iterdir()):
        yield (
            f"{out}: is not empty, so that not all of it would be cleaned. Choose a "
            f"new folder with --out."
        )
    for path in paths:
        given = path.resolve()
        if folder == given or folder in given.parents or given in folder.parents:
            yield (
                f"{out}: lies in {path} or holds it, so that originals and cleaned "
                f"objects would be mixed up. Choose another folder with --out."
            )
    if key_file is not None and folder in key_file.resolve().parents:
        yield (
            f"{key_file}: the key must not lie in the folder that is given away. "
            f"Choose another place with --key."
        )
