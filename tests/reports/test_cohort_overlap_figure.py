from reirrad.reports.cohort_overlap_figure import overlap_figure
from reirrad.reports.cohort_style import stratum_colour
from tests.reports.cohort_specimen import STRATA, cohort_results, many_patients
from tests.reports.drawn import across, up


def test_every_known_overlap_is_a_point_and_what_is_missing_is_counted() -> None:
    overlaps = cohort_results().overlap_cc
    left, right = overlap_figure(overlaps, STRATA).axes
    known = [
        sorted(ov2gy for _, ov2gy, _ in overlaps if ov2gy is not None),
        sorted(ov50 for _, _, ov50 in overlaps if ov50 is not None),
    ]
    for axes, volumes in zip((left, right), known, strict=True):
        assert sorted(value for line in axes.lines for value in up(line)) == volumes
    labels = [label.get_text() for label in right.get_xticklabels()]
    assert labels == ["Type 1A\nn = 3", "Type 1B\nn = 3", "Type 2\nn = 1, 2 missing"]


def test_zero_is_on_the_scale() -> None:
    left, _ = overlap_figure(cohort_results().overlap_cc, STRATA).axes
    assert left.get_ylim()[0] == 0.0
    assert left.get_yscale() == "symlog"


def test_many_points_stay_within_their_stratum() -> None:
    left, _ = overlap_figure(many_patients(1000).overlap_cc, STRATA).axes
    for place, line in enumerate(left.lines):
        assert min(across(line)) > place - 0.3
        assert max(across(line)) < place + 0.3


def test_a_stratum_without_any_value_is_named_all_the_same() -> None:
    left, _ = overlap_figure((("2", None, None),), STRATA).axes
    labels = [label.get_text() for label in left.get_xticklabels()]
    assert labels[-1] == "Type 2\nn = 0, 1 missing"


def test_long_names_of_many_groups_stand_slanted_and_whole() -> None:
    names = ("colorectal", "gynaecological", "hepatocellular", "pancreatic")
    left, _ = overlap_figure(tuple((one, 1.0, 0.0) for one in names), names).axes
    labels = left.get_xticklabels()
    assert [label.get_text() for label in labels] == [f"{one} · n = 1" for one in names]
    assert all(label.get_rotation() > 0 for label in labels)


def test_ten_groups_have_ten_colours() -> None:
    assert len({stratum_colour(number) for number in range(10)}) == 10
