"""The acceptance test of an installation: every group of checks, in order."""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reirrad.errors import ReirradError
from reirrad.phantoms.checks import Check, CheckGroup, Commissioning
from reirrad.workflows.commissioning.classes import examine_classes
from reirrad.workflows.commissioning.cumulative import examine_accumulation
from reirrad.workflows.commissioning.equieffective import examine_equieffective_dose
from reirrad.workflows.commissioning.overlaps import examine_overlaps
from reirrad.workflows.commissioning.refusals import examine_refusals
from reirrad.workflows.commissioning.registrations import examine_registration
from reirrad.workflows.commissioning.round_trips import examine_round_trips
from reirrad.workflows.commissioning.transfers import examine_transfer
from reirrad.workflows.commissioning.volumes import examine_volumes
from reirrad.workflows.installation import installation_facts

__all__ = ["EXAMINATIONS", "Examination", "commission", "examined", "finished"]

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Examination:
    """One group of checks, before it is run.

    Parameters
    ----------
    title
        The ability that is tested.
    proves
        What it means if all of them hold.
    examine
        Given an empty folder for its phantoms, gives the checks.
    """

    title: str
    proves: str
    examine: Callable[[Path], Iterable[Check]]


EXAMINATIONS = (
    Examination(
        "DICOM round trip",
        "Doses and contours are read as they were written, 16 and 32 bits, oblique "
        "grids.",
        examine_round_trips,
    ),
    Examination(
        "Volumes and DVH metrics",
        "Contours become the volume that they were drawn from, and doses in it are "
        "those of the closed form.",
        examine_volumes,
    ),
    Examination(
        "EQD2, BED and alpha/beta",
        "Fractions and alpha/beta of each course and structure enter as they should.",
        examine_equieffective_dose,
    ),
    Examination(
        "Accumulation of courses",
        "Equivalent doses are added point by point, each with its own fractions.",
        examine_accumulation,
    ),
    Examination(
        "Overlap of isodoses",
        "Shared volumes are those of known lenses, in the organ and in the body.",
        examine_overlaps,
    ),
    Examination(
        "Class of re-irradiation",
        "Classes change where the definitions say, on either side of each edge.",
        examine_classes,
    ),
    Examination(
        "Transfer of structures",
        "A structure of one course keeps its volume and dose when it is carried into "
        "another, in the right direction.",
        examine_transfer,
    ),
    Examination(
        "Registration of images",
        "Known moves are found within 0.5 mm; what cannot be right is withheld.",
        examine_registration,
    ),
    Examination(
        "Refusal of unsafe input",
        "What must not be assessed is not assessed, with the reason.",
        examine_refusals,
    ),
)


def commission(
    *,
    progress: Progress,
    examinations: Sequence[Examination] = EXAMINATIONS,
    comparisons: Sequence[CheckGroup] = (),
) -> Commissioning:
    """Run the acceptance tests of this installation.

    Phantoms are written as DICOM into a temporary folder, read and assessed as any
    export, and removed.

    Parameters
    ----------
    progress
        Told each step.
    examinations
        What to run.
    comparisons
        Groups that were already examined, such as the comparison with a planning
        system; they are put last.
    """
    groups = []
    for number, examination in enumerate(examinations, start=1):
        progress(f"{number} of {len(examinations)}: {examination.title}")
        groups.append(examined(examination))
    return Commissioning(
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        installation=installation_facts(),
        groups=(*groups, *comparisons),
    )


def examined(examination: Examination) -> CheckGroup:
    """Run one group; if it cannot be finished, that is a check that does not hold."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="reirrad-commission-") as folder:
        checks = tuple(finished(examination.examine(Path(folder))))
    seconds = time.perf_counter() - start
    return CheckGroup(examination.title, examination.proves, checks, seconds)


def finished(checks: Iterable[Check]) -> Iterator[Check]:
    """The checks of a group, and one more if they stop before their end.

    Whatever stops them: an acceptance test that a broken installation can end without
    a record of it would prove nothing. There are no patients in it, so that messages
    may be shown.
    """
    try:
        yield from checks
    except ReirradError as refusal:
        yield _stopped(" ".join(refusal.problems))
    except Exception as defect:
        yield _stopped(f"{type(defect).__name__}: {defect}")


def _stopped(reason: str) -> Check:
    return Check("the group is finished", "yes", f"no: {reason[:200]}")
