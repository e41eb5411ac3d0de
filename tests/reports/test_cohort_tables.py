from reirrad.reports.blocks import Row
from reirrad.reports.cohort_tables import (
    distributions_table,
    output_table,
    shares_table,
    split_outputs,
)
from reirrad.stats.results import Distribution, Output, OutputRow, Share, Shares
from tests.reports.cohort_specimen import cohort_results, distribution, shares

DASH = "\N{EN DASH}"


def texts(rows: tuple[Row, ...]) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in rows]


def output(*rows: OutputRow, name: str = "O4", title: str = "Sex") -> Output:
    return Output(name, title, "patient", "As recorded.", rows, ())


def table(*outputs: Output) -> list[list[str]]:
    return texts(output_table("t", "T", outputs, cohort_results()).table.rows)


def test_no_output_is_left_out_of_the_report() -> None:
    every = tuple(output(name=f"O{number}") for number in range(1, 34))
    parts = split_outputs(every)
    placed = [one.id for found in parts.values() for one in found]
    assert sorted(placed) == sorted(one.id for one in every)


def test_there_is_a_column_for_all_and_for_each_stratum_that_has_a_line() -> None:
    one = output(
        OutputRow("all", "", "years", distribution(69)),
        OutputRow("2", "", "years", distribution(70)),
        OutputRow("1A", "", "years", distribution(71)),
    )
    named = output_table("t", "T", (one,), cohort_results())
    assert [column.title for column in named.table.columns] == ["", "All", "1A", "2"]


def test_a_stratum_without_a_line_is_a_dash() -> None:
    rows = table(
        output(
            OutputRow("all", "a", "", shares(("x", "y"), (3, 4))),
            OutputRow("all", "b", "", shares(("x", "y"), (1, 2))),
            OutputRow("1A", "b", "", shares(("x", "y"), (1, 1))),
        )
    )
    assert rows[0] == ["Sex: a · patients (O4)"]
    assert rows[1][2] == DASH
    assert rows[4][2].startswith("1/2")


def test_missing_units_have_a_line_only_where_there_are_any() -> None:
    none = table(output(OutputRow("all", "", "", shares(("x", "y"), (3, 4)))))
    some = table(output(OutputRow("all", "", "", shares(("x", "y"), (3, 4), 2))))
    assert [row[0] for row in none] == ["Sex · patients (O4)", "x", "y"]
    assert some[-1] == ["missing", "2"]


def test_answers_that_nobody_gave_are_named_together() -> None:
    rows = table(
        output(
            OutputRow("all", "", "", shares(("x", "lymph_node", "z"), (3, 0, 0))),
            OutputRow("1A", "", "", shares(("x", "lymph_node", "z"), (2, 0, 1))),
        )
    )
    assert [row[0] for row in rows[1:]] == ["x", "z", "None: lymph node."]


def test_where_nothing_is_known_nobody_is_said_to_have_none() -> None:
    unknown = Shares(tuple(Share(name, 0, 0, None, None) for name in "xy"), 18)
    rows = table(output(OutputRow("all", "", "", unknown)))
    assert [row[0] for row in rows[1:]] == ["missing"]


def test_single_answers_share_one_heading() -> None:
    yes = Shares((Share("fewer than 5 lesions", 18, 18, 0.81, 1.0),), 0)
    other = Shares((Share("ECOG at most 3", 17, 18, 0.7, 0.99),), 0)
    rows = table(
        output(
            OutputRow("all", "fewer than 5 lesions", "", yes),
            OutputRow("all", "ECOG at most 3", "", other),
            title="Inclusion",
        )
    )
    assert [row[0] for row in rows] == [
        "Inclusion · patients (O4)",
        "fewer than 5 lesions",
        "ECOG at most 3",
    ]


def test_the_size_of_the_cohort_is_a_line_for_each_unit() -> None:
    lesions = shares(("1A", "1B", "2"), (14, 9, 1), missing=1)
    rows = table(output(OutputRow("all", "lesions", "", lesions), name="O1"))
    assert rows == [["Lesions", "25"], ["1 lesion in no group."]]


def test_limits_show_what_was_not_evaluated_beside_what_was_met() -> None:
    limits = split_outputs(cohort_results().outputs)["limits"]
    named = shares_table("limits", "Limits", limits)
    titles = [column.title for column in named.table.columns]
    assert titles == ["", "Met", "Exceeded", "Not evaluable", "Of", "Missing"]
    bowel = texts(named.table.rows)[1]
    assert bowel[1:] == ["0", "0", "20", "20", "0"]


def test_organ_doses_are_a_line_each() -> None:
    empty = Distribution(0, 3, None, None, None, None, None, None, None)
    named = distributions_table(
        "doses",
        "Doses",
        (
            output(
                OutputRow("all", "Liver, mean", "Gy", distribution(8.5)),
                OutputRow("1A", "Liver, mean", "Gy", distribution(8.5)),
                OutputRow("all", "Duodenum, mean", "Gy", empty),
            ),
        ),
    )
    liver, duodenum = texts(named.table.rows)
    assert liver[:3] == ["Liver, mean [Gy]", "20", "0"]
    assert duodenum[1:3] == ["0", "3"]
    assert duodenum[-1] == DASH
