"""The files of a cohort's report, as bytes and texts by name."""

import json
from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure
from reportlab.lib.units import mm
from reportlab.platypus import Spacer

from reirrad.reports.cohort_answer import MAIN_ENDPOINTS
from reirrad.reports.cohort_captions import endpoint_key
from reirrad.reports.cohort_document import (
    CohortDocument,
    cohort_document,
    cohort_tables,
)
from reirrad.reports.cohort_dose_figure import dose_response_pages
from reirrad.reports.cohort_latex import latex_table
from reirrad.reports.cohort_methods import methods_paragraphs
from reirrad.reports.cohort_overlap_figure import overlap_figure
from reirrad.reports.cohort_style import svg_bytes
from reirrad.reports.cohort_survival_figure import survival_figure
from reirrad.reports.cohort_swimmer import swimmer_figure
from reirrad.reports.cohort_tables import ALL
from reirrad.reports.figures import png_bytes
from reirrad.reports.html import rendered
from reirrad.reports.json_document import json_value
from reirrad.reports.pdf import WIDTH, RunningLines, pdf_pages
from reirrad.reports.pdf_blocks import fact_row, section_flowables
from reirrad.reports.pdf_style import register_fonts, text
from reirrad.stats.cohort_results import CohortResults

__all__ = ["FIGURE_FILES", "cohort_figures", "cohort_files"]

SIGNIFICANT_DIGITS = 12
FORMAT = "reirrad cohort results, version 1"
SWIMMER, OVERLAP, DOSE_RESPONSE = "swimmer", "overlap", "dose_response"
FIGURE_FILES = tuple(
    f"figures/{name}.{kind}"
    for name in (
        *map(endpoint_key, MAIN_ENDPOINTS),
        SWIMMER,
        OVERLAP,
        f"{DOSE_RESPONSE}_*",
    )
    for kind in ("png", "svg")
)
"""Patterns of the files of all figures that a report may have."""


def cohort_files(results: CohortResults) -> dict[str, bytes]:
    """Every file of the report but the spreadsheets.

    The same results give the same bytes.

    Parameters
    ----------
    results
        What to report.

    Returns
    -------
    dict
        By its path in the folder of the report: ``report.html``, ``report.pdf``,
        ``results.json``, ``methods.txt``, and what is in ``figures`` and ``tables``.
    """
    figures = cohort_figures(results)
    pictures = {key: png_bytes(figure) for key, figure in figures.items()}
    document = cohort_document(results, pictures)
    page = rendered("cohort.html.jinja", pictures, document=document)
    texts = {
        "report.html": page,
        "results.json": _json(results),
        "methods.txt": "\n\n".join(methods_paragraphs(results)) + "\n",
        **{
            f"tables/{name}.tex": latex_table(table)
            for name, table in cohort_tables(results).items()
        },
    }
    return {
        "report.pdf": _pdf(document, pictures),
        **{f"figures/{key}.png": png for key, png in pictures.items()},
        **{f"figures/{key}.svg": svg_bytes(one) for key, one in figures.items()},
        **{name: words.encode("utf-8") for name, words in texts.items()},
    }


def cohort_figures(results: CohortResults) -> dict[str, Figure]:
    """Draw what can be drawn, by the name of its files."""
    drawn: dict[str, Figure] = {}
    for endpoint in MAIN_ENDPOINTS:
        found = [one for one in results.survival if one.endpoint == endpoint]
        overall = [one for one in found if one.stratum == ALL and one.curve]
        if overall:
            drawn[endpoint_key(endpoint)] = survival_figure(
                overall[0],
                [one for one in found if one.stratum != ALL],
                next((one for one in results.tests if one.endpoint == endpoint), None),
                fewest_at_risk=results.fewest_at_risk,
            )
    if results.swims:
        drawn[SWIMMER] = swimmer_figure(results.swims, results.strata)
    if results.overlap_cc:
        drawn[OVERLAP] = overlap_figure(results.overlap_cc, results.strata)
    pages = dose_response_pages(results.associations)
    drawn |= {
        f"{DOSE_RESPONSE}_{number:02d}": one for number, one in enumerate(pages, 1)
    }
    return drawn


def _pdf(document: CohortDocument, pictures: Mapping[str, bytes]) -> bytes:
    register_fonts()
    story: list[Any] = [
        text(document.title, size=14, ink="heading", bold=True),
        Spacer(0, 3 * mm),
        fact_row(document.facts, WIDTH),
        Spacer(0, 4 * mm),
    ]
    for section in document.sections:
        story += section_flowables(section, pictures, width=WIDTH)
    lines = RunningLines(
        document.title, document.header, document.footer, document.software
    )
    return pdf_pages(story, lines)


def _json(results: CohortResults) -> str:
    known = json_value(results, digits=SIGNIFICANT_DIGITS)
    value = {"format": FORMAT, **known}
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
