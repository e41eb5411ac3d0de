import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from reirrad.reports.blocks import Cell, Column, Row, Table
from reirrad.reports.cohort_document import cohort_tables
from reirrad.reports.cohort_latex import latex_table, note_rows, table_rows
from reirrad.reports.cohort_tables import NamedTable
from tests.reports.cohort_specimen import cohort_results, many_patients

COLUMNS = (Column("Name"), Column("Value", 1.0, "right"))


def named(*rows: Row, notes: tuple[str, ...] = ()) -> NamedTable:
    return NamedTable("a_table", "50 % of A & B", Table(COLUMNS, rows), notes)


def line(*words: str) -> Row:
    return Row(tuple(map(Cell, words)))


def test_every_letter_with_a_meaning_is_escaped() -> None:
    written = latex_table(named(line("a_b & 100 % {x} #1 $ ~ ^ \\ <5 ≥3", "1")))
    assert (
        r"a\_b \& 100 \% \{x\} \#1 \$ \textasciitilde{} \textasciicircum{} "
        r"\textbackslash{} $<$5 $\geq$3 & 1 \\"
    ) in written
    assert r"\caption{50 \% of A \& B}\label{tab:a_table}" in written


def test_a_table_is_of_booktabs_with_every_row_as_wide_as_its_columns() -> None:
    for one in cohort_tables(cohort_results()).values():
        written = latex_table(one)
        assert r"\toprule" in written
        assert r"\bottomrule" in written
        assert written.count(r"\begin{") == written.count(r"\end{")
        for row in written.splitlines():
            if row.endswith(r"\\") and not row.startswith((r"\multicol", r"\caption")):
                cells = re.split(r"(?<!\\)&", row)
                assert len(cells) == len(one.table.columns)


def test_headings_and_notes_inside_span_the_table() -> None:
    written = latex_table(
        named(Row((Cell("Group"),), "heading"), Row((Cell("Why"),), "note"))
    )
    wide = r"\multicolumn{2}{p{\dimexpr\linewidth-2\tabcolsep\relax}}"
    assert rf"{wide}{{\textit{{Group}}}} \\" in written
    assert rf"{wide}{{Why}} \\" in written


def test_latex_numbers_the_table_and_is_told_its_packages() -> None:
    numbered = replace(named(line("1", "2")), caption="Table 3, continued. Doses")
    written = latex_table(numbered)
    assert r"\caption{Doses}" in written
    assert written.startswith("% ")
    assert r"\usepackage{array,booktabs,longtable}" in written.splitlines()[0]


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("pdflatex") is None,
    reason="pdflatex is missing: install texlive-latex-extra",
)
def test_latex_typesets_every_table_within_the_page(tmp_path: Path) -> None:
    tables = cohort_tables(cohort_results()).values()
    written = "\n".join(
        (
            r"\documentclass[a4paper]{article}",
            r"\usepackage[margin=20mm]{geometry}",
            r"\usepackage{array,booktabs,longtable}",
            r"\begin{document}",
            *(latex_table(one) + r"\clearpage" for one in tables),
            r"\end{document}",
        )
    )
    (tmp_path / "all.tex").write_text(written, encoding="ascii")
    call = ["pdflatex", "-interaction=batchmode", "-halt-on-error", "all.tex"]
    subprocess.run(  # noqa: S603 - LaTeX
        call, cwd=tmp_path, check=True, capture_output=True
    )
    log = (tmp_path / "all.log").read_text(encoding="latin-1")
    too_wide = [float(size) for size in re.findall(r"Overfull .hbox .([\d.]+)pt", log)]
    assert max(too_wide, default=0.0) < 12.0


def test_a_long_table_may_break_between_pages() -> None:
    long = cohort_tables(many_patients(60))["table3_courses"]
    written = latex_table(long)
    assert r"\begin{longtable}" in written
    assert r"\begin{table}" not in written
    assert written.count("P000") == 60


def test_only_what_latex_knows_without_packages_stays_outside_ascii() -> None:
    for one in cohort_tables(cohort_results()).values():
        assert latex_table(one).isascii()


def test_rows_have_one_length_and_carry_their_heading() -> None:
    rows = table_rows(
        named(
            line("first", "1.5"),
            Row((Cell("Group"),), "heading"),
            line("2", "12"),
            Row((Cell("why"),), "note"),
            notes=("remark",),
        )
    )
    assert rows == [
        ["group", "Name", "Value"],
        ["", "first", 1.5],
        ["Group", "2", 12],
    ]


def test_notes_name_their_table_and_heading() -> None:
    table = named(
        Row((Cell("Group"),), "heading"),
        Row((Cell("why"),), "note"),
        notes=("remark",),
    )
    assert note_rows([table]) == [
        ["table", "group", "note"],
        ["a_table", "Group", "why"],
        ["a_table", "", "remark"],
    ]


def test_only_a_whole_number_in_a_column_of_numbers_becomes_one() -> None:
    (_, *rows) = table_rows(named(line("1", "9/18 (50 %)"), line("2", "-3.25")))
    assert rows == [["1", "9/18 (50 %)"], ["2", -3.25]]
