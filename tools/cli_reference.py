"""Write the page of the command line, from the program's own help, to stdout."""

import os
import sys

# A terminal's wishes must not reach the page; they are read at the first import.
for wish in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TERMINAL_WIDTH"):
    os.environ.pop(wish, None)

from typer.testing import CliRunner  # noqa: E402

from reirrad.cli.main import app  # noqa: E402

COMMANDS = (
    "inspect",
    "assess",
    "budget",
    "demo",
    "commission",
    "deidentify",
    "receive",
    "fetch",
    "send",
    "serve",
    "person",
    "trail",
    "cohort",
)

ACCOUNTS = ("add", "list", "password", "remove")
COHORT = (
    "demo",
    "add",
    "assess",
    "template",
    "import",
    "list",
    "outcome",
    "report",
    "export",
    "fhir",
    "history",
    "pseudonym",
    "remove",
    "backup",
    "restore",
)

HEAD = """\
# Command line

Made from the program's own help by `make docs`; a test keeps it fresh.

| Exit code | Meaning |
| --- | --- |
| 0 | Assessed; findings may still need reading. |
| 1 | A defect of the program; the screen names a log file without patient data. |
| 2 | Input or call refused: one sentence per problem on stderr, `DIR` as it was. |
| 3 | Assessed, but the verdict is withheld: the courses cannot be related safely. |
| 4 | `commission` only: a check does not hold; the record is written. |
| 130 | Interrupted by the user; no result was written. |
| 141 | The reader of the output, such as `head`, closed it early. |

The verdict goes to stdout, progress and problems go to stderr. `DIR` receives
`assessment.json`, `report.html` and `report.pdf`, and with `--dicom` the folder
[dicom](../dicom-export.md), all of them or none. Files of an earlier run that are not
written again stay, so use one folder for each patient; of the exported objects, which
begin with `reirrad_`, a run with `--dicom` leaves none of an earlier one.

`report.html` is one file that opens in a browser without network: on top the images,
doses, isodoses and structures to move through, with classification, dose-volume
histograms and limits beside them; below, and on paper, the whole record with its
figures. Its images are lossy and for display only; its numbers are those of
`assessment.json`. Without JavaScript the record alone is shown.

`reirrad budget` leaves `budget.json`, `budget.html`, `budget.pdf` and `dicom/` in
`DIR`; exit code 3: an earlier course cannot be related to the new anatomy, and no
number is given. See [budget](../budget.md).

`reirrad commission` tests the installation itself and leaves `commissioning.pdf` and
`commissioning.json`: see [commissioning](../commissioning.md).

`reirrad deidentify` fills `DIR` with cleaned objects and `deidentification.json`; `DIR`
must be empty: see [de-identification](../deidentification.md).

`reirrad receive`, `fetch` and `send` talk to PACS and planning systems: see
[network](../network.md). Exit code 2 of `send` also tells of objects not stored.

`reirrad serve` serves the review page until Ctrl-C or SIGTERM; `reirrad person` says
who may sign in to it. Exit code 2: the address is not safe to serve, or the folder or
database cannot be used.

`--registration FILE` takes a DICOM registration object, or a text file with four lines
of four numbers: the matrix that maps a point of the earlier course's frame of reference
into the reference course's, in mm and DICOM patient axes (L, P, S). Text after `#` is
skipped. Such a file names no frames, so it is refused where it would map a course that
is later than the reference: use a DICOM registration object, or choose the later course
with `--reference-course`. A deformable object must have the reference course's image as
the fixed one; what it would change stands beside the rigid result.
"""


def page() -> str:
    """The whole page in Markdown."""
    sections = [HEAD, section()]
    sections += [section(command) for command in COMMANDS]
    sections += [section("person", command) for command in ACCOUNTS]
    sections += [section("cohort", command) for command in COHORT]
    return "\n".join(sections)


def section(*command: str) -> str:
    """The help of one command, as a terminal of 80 columns shows it."""
    shown = CliRunner().invoke(
        app,
        [*command, "--help"],
        prog_name="reirrad",
        env={"COLUMNS": "80", "TERM": "dumb"},
    )
    lines = [line.rstrip() for line in shown.stdout.strip("\n").splitlines()]
    title = " ".join(("reirrad", *command))
    return "\n".join([f"## {title}", "", "```text", *lines, "```", ""])


if __name__ == "__main__":
    sys.stdout.write(page())
