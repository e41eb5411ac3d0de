"""``reirrad budget``: what can still be given before a new course is planned."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from reirrad.cli.outcome import Exit
from reirrad.cli.progress import steps_shown
from reirrad.cli.terminal_text import finding_line, printable
from reirrad.core.distance_results import organ_distances_mm
from reirrad.core.organ_budgets import near_maximum_left
from reirrad.errors import InputError
from reirrad.reports.json_document import planning_json
from reirrad.reports.limiting_line import down
from reirrad.reports.wording import plural
from reirrad.workflows.before_planning import budget_before_planning
from reirrad.workflows.publish import check_writable, publish
from reirrad.workflows.settings import load_settings

if TYPE_CHECKING:
    from reirrad.core.budget import OrganBudget
    from reirrad.core.planning_budget import PlanningBudget

__all__ = ["BudgetRequest", "parsed_fractions", "run_budget"]

RESULT_FILES = "dicom/reirrad_*.dcm"
MOST_FRACTIONS = 100
LABEL_WIDTH = 20


@dataclass(frozen=True, slots=True)
class BudgetRequest:
    """What the user asked ``reirrad budget`` to do.

    Parameters
    ----------
    paths
        Folders, files and zips.
    settings_file
        TOML file, or None.
    organ
        Organ that a registration is judged by, or None for what the settings say.
    registration
        Registration file, or None for an automatic one.
    fractions
        Numbers of fractions, comma between them; empty for what the settings say.
    targets
        Names of the new targets; empty for the GTVs and PTVs of the new structure set.
    """

    paths: list[Path]
    settings_file: Path | None = None
    organ: str | None = None
    registration: Path | None = None
    fractions: str = ""
    targets: list[str] = field(default_factory=list)


def run_budget(request: BudgetRequest, out: Path) -> Exit:
    """Compute the budget, publish it to `out` and print it in short."""
    settings = load_settings(request.settings_file, organ=request.organ)
    if request.fractions:
        fractions = parsed_fractions(request.fractions)
        settings = replace(settings, budget_fractions=fractions)
    check_writable(out)
    with steps_shown() as progress:
        budget = budget_before_planning(
            request.paths,
            settings=settings,
            targets=request.targets,
            registration=request.registration,
            progress=progress,
        )
        progress("writing the results")
        publish(out, lambda folder: _write(budget, folder), only_new=RESULT_FILES)
    for line in _lines(budget, out / "budget.html"):
        typer.echo(printable(line))
    return Exit.WITHHELD if budget.verdict == "withheld" else Exit.ASSESSED


def parsed_fractions(text: str) -> tuple[int, ...]:
    """Numbers of fractions from "1,3,5,8", in rising order.

    Raises
    ------
    InputError
        If one is no whole number from 1 to 100.

    Examples
    --------
    >>> parsed_fractions("5, 1,3")
    (1, 3, 5)
    """
    parts = [part.strip() for part in text.split(",")]
    good = [part for part in parts if part.isascii() and part.isdigit()]
    numbers = {int(part) for part in good if 1 <= int(part) <= MOST_FRACTIONS}
    if len(good) < len(parts) or len(numbers) < len({int(part) for part in good}):
        msg = (
            f"--fractions {text}: must be whole numbers from 1 to {MOST_FRACTIONS} "
            f"with commas between them, as 1,3,5,8"
        )
        raise InputError(msg)
    return tuple(sorted(numbers))


def _write(budget: "PlanningBudget", folder: Path) -> None:
    from reirrad.dicom.results.folder import write_budget_maps
    from reirrad.reports.planning_report import write_planning_reports

    (folder / "budget.json").write_text(planning_json(budget), encoding="utf-8")
    write_planning_reports(budget, folder)
    if budget.exportable is not None:
        write_budget_maps(budget.patient, budget.exportable, folder / "dicom")


def _lines(budget: "PlanningBudget", report: Path) -> Iterator[str]:
    """The answer in lines of plain text, without patient name or identifier."""
    if budget.verdict == "withheld":
        yield f"BUDGET WITHHELD: {budget.budget.withheld}"
    for link in budget.registrations:
        label = f"Registration {link.from_course} to {link.to_course}"
        yield f"{label:<{LABEL_WIDTH}}{link.verdict} ({link.method}): {link.reason}"
    yield from _least_left(budget)
    for severity in ("error", "warning"):
        for one in budget.findings:
            if one.severity == severity:
                yield f"  {finding_line(one)}"
    yield f"{'Report':<{LABEL_WIDTH}}{report}"


def _least_left(budget: "PlanningBudget") -> Iterator[str]:
    """For each number of fractions the least that is left, over all organs."""
    rows = budget.budget.organs
    apart_mm = organ_distances_mm(budget.distances)
    # Withheld, there is a reason and no row.
    for place in range(len(budget.budget.limiting)):
        number = budget.budget.fractions[place]
        label = f"{plural(number, 'fraction'):<{LABEL_WIDTH}}"
        least = near_maximum_left(rows, place)
        known = None if least.lowest is None else rows[least.lowest]
        most = "" if known is None else _left_words(known, place, apart_mm)
        if least.is_known:
            yield f"{label}{most or 'no binding limit of a maximum'}"
            continue
        unknown = ", ".join(
            f"{name}{_away(name, apart_mm)}"
            for name in dict.fromkeys(rows[index].label for index in least.not_known)
        )
        yield (
            f"{label}not known: part of {unknown} lies outside the dose grid of an "
            f"earlier course{f'; at most {most}' if most else ''}"
        )


def _left_words(row: "OrganBudget", place: int, apart_mm: Mapping[str, float]) -> str:
    left = row.by_fractions[place]
    limit = "" if left.limit is None else f"{left.limit:.1f}"
    return (
        f"{down(left.dose_gy or 0.0)} Gy at the hottest place of "
        f"{row.label}{_away(row.label, apart_mm)}: {row.quantity} {row.metric} "
        f"{row.relation} {limit} ({row.scope}; {row.set}, {row.verification})"
    )


def _away(label: str, apart_mm: Mapping[str, float]) -> str:
    if label not in apart_mm:
        return ""
    return f" ({apart_mm[label]:.1f} mm from the new targets)"
