"""The report of what can still be given before a new course is planned."""

from collections.abc import Collection, Sequence
from pathlib import Path

from reirrad.core.budget import OrganBudget
from reirrad.core.distance_results import organ_distances_mm
from reirrad.core.organ_budgets import LeastLeft, least_left
from reirrad.core.planning_budget import PlanningBudget
from reirrad.reports.blocks import (
    Badge,
    Cell,
    Column,
    Document,
    Fact,
    Figure,
    FrontPage,
    Items,
    Row,
    Section,
    Table,
)
from reirrad.reports.budget_map_figure import budget_map_figure
from reirrad.reports.distance_section import distance_section
from reirrad.reports.figures import png_bytes
from reirrad.reports.html import html_report
from reirrad.reports.limiting_line import down
from reirrad.reports.pdf import pdf_report
from reirrad.reports.planning_limits import (
    binding_rows,
    limit_words,
    limits_section,
    tightest_note,
    tightest_table,
)
from reirrad.reports.record_sections import findings_table
from reirrad.reports.wording import (
    NONE,
    NOT_AVAILABLE,
    REGISTRATION_TONES,
    TIMES,
    WITHHELD,
    agreed_number,
    decimal,
    interval,
    person_name,
    plural,
    with_unit,
)

__all__ = ["planning_document", "write_planning_reports"]

TITLE = "What can still be given, before a new plan"
FOOTER = "Research and quality assurance. Not a medical device."
MOST_WARNINGS = 3
LONGEST_WARNING = 200


def write_planning_reports(budget: PlanningBudget, folder: Path) -> None:
    """Write ``budget.html`` and ``budget.pdf`` into an existing folder."""
    pictures = {}
    if budget.planes:
        image = budget.anatomy.image
        modality = "" if image is None else image.modality
        pictures["budget"] = png_bytes(
            budget_map_figure(budget.planes, modality=modality)
        )
    document = planning_document(budget, pictures)
    html = html_report(document, pictures)
    (folder / "budget.html").write_text(html, encoding="utf-8", newline="\n")
    (folder / "budget.pdf").write_bytes(pdf_report(document, pictures))


def planning_document(budget: PlanningBudget, pictures: Collection[str]) -> Document:
    """Everything the report says, in its order.

    Parameters
    ----------
    budget
        What to report.
    pictures
        "budget" where the map could be drawn.
    """
    software = budget.software
    identity = budget.patient.id or "without ID"
    return Document(
        title=TITLE,
        header=f"Patient {identity} · {budget.created[:10]}",
        footer=FOOTER,
        software=f"{software.name} {software.version}",
        front=_front(budget, pictures),
        sections=(
            *((limits_section(budget.budget),) if budget.budget.organs else ()),
            *((distance_section(budget.distances),) if budget.distances else ()),
            _basis(budget),
            findings_table([one for one in budget.findings if one.severity != "info"]),
        ),
    )


def _front(budget: PlanningBudget, pictures: Collection[str]) -> FrontPage:
    patient = budget.patient
    return FrontPage(
        patient=(
            Fact("Patient", person_name(patient.name), tone="strong"),
            Fact("ID", patient.id or NOT_AVAILABLE, tone="strong"),
            Fact("Born", patient.birth_date or NOT_AVAILABLE),
            Fact("Sex", patient.sex or NOT_AVAILABLE),
            Fact("Made", budget.created[:10]),
        ),
        courses=_courses(budget),
        verdict=_verdict(budget),
        remaining=None,
        badges=_badges(budget),
        pairs=None,
        facts=_facts(budget),
        organs=tightest_table(budget.budget, organ_distances_mm(budget.distances)),
        organs_note=tightest_note(budget.budget),
        picture=_picture(budget) if "budget" in pictures else None,
        warnings=_warnings(budget),
    )


def _courses(budget: PlanningBudget) -> Table:
    rows = [
        Row(
            (
                Cell(str(one.number), "strong"),
                Cell(one.start_date),
                Cell(one.plan_label),
                Cell(
                    f"{agreed_number(one.dose_gy)} Gy in {one.n_fractions} {TIMES} "
                    f"{agreed_number(round(one.dose_gy / one.n_fractions, 2))} Gy",
                    "strong",
                ),
                Cell(
                    NONE if one.interval_days is None else interval(one.interval_days)
                ),
            )
        )
        for one in budget.courses
    ]
    return Table(
        columns=(
            Column("Course", 0.8),
            Column("Start", 1.2),
            Column("Plan", 2.2),
            Column("Prescription", 2.4),
            Column("From its start to the new anatomy", 2.2),
        ),
        rows=tuple(rows),
    )


def _verdict(budget: PlanningBudget) -> Badge:
    label = "What can still be given"
    if budget.verdict == "withheld":
        return Badge(label, WITHHELD, budget.budget.withheld, "withheld")
    middle = len(budget.budget.fractions) // 2
    number = budget.budget.fractions[middle]
    in_fractions = f"in {plural(number, 'fraction')}"
    found = _nearest_limited(budget, middle)
    if found is None:
        detail = (
            f"No binding limit of a maximum bounds a new course {in_fractions}: "
            f"nothing is said, which does not mean that nothing limits it."
        )
        return Badge(label, "NOT LIMITED HERE", detail, "withheld")
    distance, rows, least = found
    about = (
        f"It is the nearest organ with such a limit, {decimal(distance)} mm from "
        f"{_target_words(budget)}. No recovery is assumed. Other organs: below; other "
        f"places: on the map."
    )
    label = f"What {rows[0].label} can still be given"
    if least.lowest is None or not least.is_known:
        detail = f"{_not_known_words(rows, least, middle)} {about}"
        return Badge(label, f"NOT KNOWN {in_fractions}", detail, "withheld")
    dose, limit = _left_words(rows[least.lowest], middle)
    detail = (
        f"at the place of {rows[0].label} that is hottest already: {limit}. {about}"
    )
    return Badge(label, f"{dose} {in_fractions}", detail, "verdict")


def _left_words(row: OrganBudget, place: int) -> tuple[str, str]:
    """Dose that a limit leaves, and the limit with its source."""
    left = row.by_fractions[place]
    limit = f"{limit_words(row, [left])} ({row.source}; {row.verification})"
    return f"{down(left.dose_gy or 0.0)} Gy", limit


def _not_known_words(rows: Sequence[OrganBudget], least: LeastLeft, place: int) -> str:
    """Which limits are not known and why, and what the known ones leave at most."""
    limits = "; ".join(
        limit_words(rows[index], [rows[index].by_fractions[place]])
        for index in least.not_known
    )
    words = (
        f"Part of {rows[0].label} lies outside the dose grid of an earlier course, so "
        f"that what these limits leave is not known, and may be nothing: {limits}."
    )
    if least.lowest is not None:
        dose, limit = _left_words(rows[least.lowest], place)
        words += f" It is at most {dose}: {limit}."
    return words


def _target_words(budget: PlanningBudget) -> str:
    return "the new target" if len(budget.targets) == 1 else "the new targets"


def _nearest_limited(
    budget: PlanningBudget, place: int
) -> tuple[float, list[OrganBudget], LeastLeft] | None:
    """The near-maximum limits of the nearest organ that has one, known or not."""
    apart = organ_distances_mm(budget.distances)
    hot = {
        label: rows
        for label, rows in binding_rows(budget.budget, near_maximum=True).items()
        if label in apart
    }
    for label in sorted(hot, key=lambda name: (apart[name], name)):
        least = least_left(hot[label], place)
        if least.deciding is not None:
            return apart[label], hot[label], least
    return None


def _badges(budget: PlanningBudget) -> tuple[Badge, ...]:
    badges = [
        Badge(
            f"Course {one.from_course} to the new anatomy",
            one.verdict,
            one.method,
            REGISTRATION_TONES[one.verdict],
        )
        for one in budget.registrations
    ]
    names = ", ".join(one.name for one in budget.targets)
    volume = sum(one.volume_cc for one in budget.targets)
    badges.append(Badge("New targets", names, f"together {volume:.1f} cc", "plain"))
    return tuple(badges)


def _facts(budget: PlanningBudget) -> tuple[Fact, ...]:
    anatomy = budget.anatomy
    when = anatomy.date or "no date of its own"
    facts = [Fact("New anatomy", when, f"{anatomy.source}: {anatomy.label}")]
    nearest = [one for one in budget.distances if one.other_kind == "organ"]
    if nearest:
        one = min(nearest, key=lambda d: (d.distance_mm, -d.shared_cc))
        facts.append(Fact("Nearest organ", f"{decimal(one.distance_mm)} mm", one.other))
    older = [one for one in budget.distances if one.other_kind == "target"]
    if older:
        one = min(older, key=lambda d: (d.distance_mm, -d.shared_cc))
        facts.append(
            Fact("Nearest older target", f"{decimal(one.distance_mm)} mm", one.other)
        )
    return tuple(facts)


def _picture(budget: PlanningBudget) -> Figure:
    names = dict.fromkeys(name for plane in budget.planes for name in plane.organs)
    organs = ", ".join(names) or "no organ"
    return Figure(
        "budget",
        f"Remaining dose of each fraction inside {organs}; elsewhere the map says "
        f"nothing. Lines: Gy per fraction.",
        "Axial, sagittal and coronal planes through the new target with the dose that "
        "each fraction of a new course could still give in the organs with limits",
    )


def _warnings(budget: PlanningBudget) -> Items:
    urgent = [one for one in budget.findings if one.severity != "info"]
    cells = [
        Cell(
            f"{'✗ Error' if one.severity == 'error' else '⚠ Warning'}, {one.about}: "
            f"{_shortened(one.message)}",
            "bad" if one.severity == "error" else "warn",
        )
        for one in urgent[:MOST_WARNINGS]
    ]
    if len(urgent) > MOST_WARNINGS:
        rest = plural(len(urgent) - MOST_WARNINGS, "more finding")
        cells.append(Cell(f"{rest} under Findings.", "muted"))
    return Items(tuple(cells) or (Cell("No errors or warnings.", "muted"),))


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_WARNING:
        return text
    return f"{text[:LONGEST_WARNING].rsplit(' ', 1)[0]} … (whole text under Findings)"


def _basis(budget: PlanningBudget) -> Section:
    """Registrations, maps and assumptions."""
    items = [
        Cell(
            f"Course {one.from_course} to the new anatomy ({one.method}): "
            f"{one.verdict}. {one.reason}",
            REGISTRATION_TONES[one.verdict],
        )
        for one in budget.registrations
    ]
    items += [
        Cell(
            f"Map for {plural(one.n_fractions, 'fraction')}: least "
            f"{with_unit(one.least_gy, 'Gy')} in total, grid {_grid(one.spacing_mm)}, "
            f"background not known in {decimal(one.not_known_percent)} % of the voxels."
        )
        for one in budget.maps
    ]
    items += [Cell(text) for text in budget.assumptions]
    items.append(Cell("Every limit, file and note is in budget.json.", "muted"))
    return Section("basis", "What this rests on", (Items(tuple(items)),))


def _grid(spacing_mm: tuple[float, float, float]) -> str:
    sides = (agreed_number(round(side, 2)) for side in spacing_mm)
    return f"{f' {TIMES} '.join(sides)} mm"
