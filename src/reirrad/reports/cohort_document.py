"""The report of a cohort, as a tree of sections in the order in which it is read."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from reirrad.reports.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Items,
    Paragraph,
    Row,
    Section,
    Subheading,
    Table,
)
from reirrad.reports.cohort_answer import (
    FOLLOW_UP,
    answer_table,
    by_stratum_table,
)
from reirrad.reports.cohort_captions import (
    dose_figures,
    overlap_figures,
    survival_figures,
    swimmer_figures,
)
from reirrad.reports.cohort_courses import (
    association_table,
    courses_table,
    doses_table,
    reporting_table,
    toxicity_seen,
    toxicity_table,
)
from reirrad.reports.cohort_methods import methods_paragraphs
from reirrad.reports.cohort_tables import (
    NamedTable,
    distributions_table,
    output_table,
    shares_table,
    split_outputs,
)
from reirrad.reports.cohort_wording import (
    number,
    registry_problems,
    units_named,
)
from reirrad.reports.wording import plural
from reirrad.stats.cohort_results import CohortResults
from reirrad.stats.results import Output

__all__ = ["CohortDocument", "cohort_document", "cohort_tables"]

TITLE = "Re-irradiation cohort"
FOOTER = "Research and quality assurance. Not a medical device."
MOST_ROWS = 100
SURVIVAL = ("O31", "O32")
LONG_TABLES = frozenset({"table3_courses", "table3_doses"})


@dataclass(frozen=True, slots=True)
class CohortDocument:
    """A report of a cohort.

    Parameters
    ----------
    title, header, footer, software
        What stands on every page.
    facts
        The cohort in a few numbers.
    sections
        The rest; the first one stands on the first page.
    """

    title: str
    header: str
    footer: str
    software: str
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]


def cohort_tables(results: CohortResults) -> dict[str, NamedTable]:
    """Every table of the report by its name, whole.

    Parameters
    ----------
    results
        Of the cohort.
    """
    parts = split_outputs(results.outputs)
    tables = (
        *(answer_table(results, months) for months in _horizons(results)),
        *(by_stratum_table(results, months) for months in _horizons(results)),
        output_table(
            "table2_population",
            "Table 2. Population treated",
            parts["population"],
            results,
        ),
        courses_table(results.courses),
        doses_table(results.courses),
        output_table(
            "overlap", "Overlap and type of re-irradiation", parts["overlap"], results
        ),
        toxicity_table(results.toxicity),
        association_table(results.associations),
        output_table(
            "treatment", "Technique, dose and volume", parts["treatment"], results
        ),
        shares_table(
            "limits", "Courses by their answer to each limit", parts["limits"]
        ),
        distributions_table("organ_doses", "Doses of organs", parts["limits"]),
        output_table("adaptation", "Adapted treatment", parts["adaptation"], results),
        output_table(
            "outcome_detail", "Outcome in detail", _joined(parts["outcome"]), results
        ),
        reporting_table(results.reporting),
        _definitions(results),
    )
    return {table.name: table for table in tables}


def _joined(outputs: Sequence[Output]) -> tuple[Output, ...]:
    """Survival of all and of the groups as one output: their lines belong together."""
    whole = [one for one in outputs if one.id in SURVIVAL]
    if len(whole) < len(SURVIVAL):
        return tuple(outputs)
    joined = replace(
        whole[0],
        id=", ".join(one.id for one in whole),
        rows=tuple(row for one in whole for row in one.rows),
        notes=tuple(note for one in whole for note in one.notes),
    )
    return (*(one for one in outputs if one.id not in SURVIVAL), joined)


def _horizons(results: CohortResults) -> list[float]:
    return sorted({at.months for one in results.survival for at in one.at})


def _definitions(results: CohortResults) -> NamedTable:
    columns = (Column("", 0.35), Column("Output", 1.6), Column("Unit", 0.8),
               Column("Definition", 4.5))  # fmt: skip
    rows = tuple(
        Row(tuple(map(Cell, (one.id, one.title, one.of, one.definition))))
        for one in results.outputs
    )
    return NamedTable("definitions", "Definitions", Table(columns, rows))


def cohort_document(
    results: CohortResults, pictures: Collection[str]
) -> CohortDocument:
    """Everything the report says.

    Parameters
    ----------
    results
        What to report.
    pictures
        Names of the figures that could be drawn.
    """
    tables = cohort_tables(results)
    sections = (
        Section("answer", "Outcome", tuple(_answer(results, tables))),
        Section("population", "Population", tuple(_shown(tables, "table2_population"))),
        Section(
            "courses",
            "Courses",
            (*_shown(tables, "table3_courses"), *_shown(tables, "table3_doses")),
        ),
        Section(
            "survival",
            "Survival and control",
            tuple(survival_figures(results, pictures)),
        ),
        Section("by-group", "Outcome by group", tuple(_groups(results, tables))),
        Section("patients", "Every patient", tuple(swimmer_figures(results, pictures))),
        Section("overlap", "Overlap and type", tuple(_overlap(tables, pictures))),
        Section("toxicity", "Toxicity", tuple(_toxicity(results, tables, pictures))),
        Section(
            "limits",
            "Doses of organs and limits",
            (*_limits(tables), *_shown(tables, "organ_doses")),
        ),
        Section("treatment", "Treatment", tuple(_shown(tables, "treatment"))),
        Section("adaptation", "Adaptation", tuple(_shown(tables, "adaptation"))),
        Section("reporting", "Completeness", tuple(_shown(tables, "reporting_items"))),
        Section("problems", "Problems in the registry", tuple(_problems(results))),
        Section(
            "methods", "Methods", tuple(map(Paragraph, methods_paragraphs(results)))
        ),
        Section("definitions", "Definitions", tuple(_shown(tables, "definitions"))),
    )
    software = " ".join(results.software[0]) if results.software else ""
    return CohortDocument(
        title=TITLE,
        header=_counted(results),
        footer=FOOTER,
        software=software,
        facts=_facts(results),
        sections=tuple(section for section in sections if section.blocks),
    )


def _counted(results: CohortResults) -> str:
    return " · ".join(
        (
            plural(results.n_patients, "patient"),
            plural(results.n_courses, "course"),
            plural(results.n_lesions, "lesion"),
        )
    )


def _facts(results: CohortResults) -> tuple[Fact, ...]:
    complete = sum(one.present == one.total > 0 for one in results.reporting)
    found = registry_problems(results)
    return (
        Fact("Patients", str(results.n_patients), "with a re-irradiation"),
        Fact("Courses", str(results.n_courses), "of re-irradiation"),
        Fact("Lesions", str(results.n_lesions), "re-irradiated"),
        _follow_up(results),
        Fact(
            "Reporting items",
            f"{complete} of {len(results.reporting)}",
            "complete in every unit",
        ),
        Fact(
            "Problems",
            str(len(results.problems) + len(results.gaps)),
            found or "none found",
            "warn" if found else "plain",
        ),
    )


def _follow_up(results: CohortResults) -> Fact:
    for one in results.survival:
        if one.endpoint == FOLLOW_UP and one.stratum == "all":
            of = f"median of {one.n} {units_named(one.unit)}, reverse Kaplan-Meier"
            return Fact("Follow-up, months", number(one.median_months), of)
    return Fact("Follow-up", "not available")


def _answer(results: CohortResults, tables: dict[str, NamedTable]) -> Iterator[Block]:
    if not results.n_patients:
        yield Paragraph("The registry holds no re-irradiation: nothing to report.")
        return
    for months in _horizons(results):
        yield from _shown(tables, answer_table(results, months).name)
    found = registry_problems(results)
    if found:
        yield Paragraph(f"{found}: see Problems in the registry.", "warn")


def _shown(tables: dict[str, NamedTable], name: str) -> Iterator[Block]:
    """A table with its caption and notes; nothing where it is empty.

    Of a table with a line for each course only the first ones stand in the report.
    """
    named = tables[name]
    rows = named.table.rows
    if not rows:
        return
    yield Subheading(named.caption)
    shown = rows[:MOST_ROWS] if name in LONG_TABLES else rows
    yield Table(named.table.columns, shown)
    if len(rows) > len(shown):
        yield Paragraph(
            f"The first {MOST_ROWS} of {len(rows)} lines; all are in "
            f"tables/{named.name}.csv.",
            "strong",
        )
    for note in named.notes:
        yield Paragraph(note, "muted")


def _limits(tables: dict[str, NamedTable]) -> Iterator[Block]:
    """Limits that some course does not keep; how many more every course keeps."""
    named = tables["limits"]
    titles = [column.title for column in named.table.columns]
    met = titles.index("Met") if "Met" in titles else 0
    of = titles.index("Of")
    kept = [
        row
        for row in named.table.rows
        if row.cells[met].text == row.cells[of].text != "0"
    ]
    others = tuple(row for row in named.table.rows if row not in kept)
    shown = replace(named, table=Table(named.table.columns, others))
    yield from _shown({"limits": shown}, "limits")
    if kept:
        if not others:
            yield Subheading(named.caption)
        were = "limit was" if len(kept) == 1 else "limits were"
        yield Paragraph(
            f"{len(kept)} {'more ' if others else ''}{were} met by every course for "
            "which it was checked; tables/limits.csv has all."
        )


def _groups(results: CohortResults, tables: dict[str, NamedTable]) -> Iterator[Block]:
    for months in _horizons(results):
        yield from _shown(tables, by_stratum_table(results, months).name)


def _overlap(
    tables: dict[str, NamedTable], pictures: Collection[str]
) -> Iterator[Block]:
    yield from overlap_figures(pictures)
    yield from _shown(tables, "overlap")


def _toxicity(
    results: CohortResults, tables: dict[str, NamedTable], pictures: Collection[str]
) -> Iterator[Block]:
    seen, unseen = toxicity_seen(results.toxicity)
    yield from _shown({"toxicity": toxicity_table(seen)}, "toxicity")
    for sentence in unseen:
        yield Paragraph(sentence)
    for output in split_outputs(results.outputs)["toxicity"]:
        for note in output.notes:
            yield Paragraph(note, "muted")
    yield from _shown(tables, "dose_response")
    yield from dose_figures(pictures)


def _problems(results: CohortResults) -> Iterator[Block]:
    parts = (("Contradictions", results.problems), ("Gaps", results.gaps))
    for title, found in parts:
        if found:
            yield Subheading(f"{title}: {len(found)}")
            yield Items(tuple(Cell(problem) for problem in found[:MOST_ROWS]))
        if len(found) > MOST_ROWS:
            yield Paragraph(f"The first {MOST_ROWS}; results.json has all.")
