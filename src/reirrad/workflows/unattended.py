"""What must hold before a patient is assessed whom nobody has put together."""

from pathlib import Path

from reirrad.core.settings import Settings
from reirrad.errors import InputError
from reirrad.workflows.gather import survey

__all__ = ["courses_of_one_person"]


def courses_of_one_person(folder: Path, settings: Settings) -> int:
    """How many courses a folder holds, all of one person beyond doubt.

    A user who gives folders to an assessment vouches for them. Objects that were put
    together by their Patient ID alone have nobody who does, so what is a warning
    otherwise is refused here.

    Parameters
    ----------
    folder
        Objects of one Patient ID.
    settings
        What the user decided.

    Raises
    ------
    InputError
        If names or birth dates differ.
    """
    found = survey([folder], settings)
    doubts = [
        finding.message
        for finding in found.findings
        if finding.code == "patient-attributes-differ"
    ]
    if doubts:
        raise InputError(
            *doubts,
            f"Objects that came over the network are not assessed together then. If "
            f"they are of one person, run: reirrad assess {folder} --out DIR",
        )
    return sum(len(tree.courses) for tree in found.trees)
