"""The classes of re-irradiation and the sentences that explain them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.assessment import Classification, OverlapVolume
from reirrad.core.classification import (
    SMALLEST_OVERLAP_CC,
    classify,
    estro_eortc_type,
    resbrt_type,
)

volumes_cc = st.floats(0.0, 3000.0)


def classified(
    *,
    ov2gy: tuple[float | None, float | None],
    ov50: tuple[float | None, float | None],
    oar_concern: bool = False,
    in_organ: bool = True,
    because: str = "",
) -> Classification:
    return classify(
        {"2Gy": OverlapVolume(*ov2gy), "50%": OverlapVolume(*ov50)},
        organ="Liver",
        minimal_ov2gy_cc=30.0,
        oar_concern=oar_concern,
        target_in_irradiated_organ=in_organ,
        withheld_because=because,
    )


@given(ov2gy=volumes_cc, ov50=volumes_cc)
def test_strict_reading_never_sees_less_overlap_than_the_applied_one(
    ov2gy: float, ov50: float
) -> None:
    strict = resbrt_type(ov2gy, ov50, minimal_ov2gy_cc=0.0)
    applied = resbrt_type(ov2gy, ov50, minimal_ov2gy_cc=30.0)
    assert (strict, applied) in {
        (strict, strict),
        ("1A", "2"),
        ("1B", "1B*"),
    }


@given(ov50=st.floats(0.002, 3000.0), minimal=volumes_cc)
def test_no_half_dose_overlap_is_ever_lost(ov50: float, minimal: float) -> None:
    assert resbrt_type(ov50, ov50, minimal_ov2gy_cc=minimal) in {"1B", "1B*"}


def test_the_threshold_itself_counts_as_none() -> None:
    assert resbrt_type(30.0, 0.0, minimal_ov2gy_cc=30.0) == "2"
    assert resbrt_type(30.001, 0.0, minimal_ov2gy_cc=30.0) == "1A"


def test_a_cubic_millimetre_is_rounding_and_not_overlap() -> None:
    edge = SMALLEST_OVERLAP_CC
    assert resbrt_type(edge, 0.0, minimal_ov2gy_cc=0.0) == "2"
    assert resbrt_type(2 * edge, edge, minimal_ov2gy_cc=0.0) == "1A"
    assert resbrt_type(2 * edge, 2 * edge, minimal_ov2gy_cc=0.0) == "1B"


@pytest.mark.parametrize("wrong", [-0.1, float("nan"), float("inf")])
@pytest.mark.parametrize("position", range(3))
def test_impossible_volumes_are_refused(wrong: float, position: int) -> None:
    values = [1.0, 1.0, 1.0]
    values[position] = wrong
    with pytest.raises(ValueError, match="0 cc or more"):
        resbrt_type(values[0], values[1], minimal_ov2gy_cc=values[2])


@pytest.mark.parametrize(
    ("overlap", "concern", "in_organ", "category"),
    [
        (True, True, True, "type 1"),
        (True, False, False, "type 1"),
        (False, True, True, "type 2"),
        (False, True, False, "type 2"),
        (False, False, True, "repeat organ irradiation"),
        (False, False, False, "repeat irradiation"),
    ],
)
def test_the_estro_eortc_tree_asks_in_order(
    overlap: bool,  # noqa: FBT001
    concern: bool,  # noqa: FBT001
    in_organ: bool,  # noqa: FBT001
    category: str,
) -> None:
    answer = estro_eortc_type(
        overlap, oar_concern=concern, target_in_irradiated_organ=in_organ
    )
    assert answer == category


def test_overlap_outside_the_organ_makes_type_1_but_not_1a() -> None:
    result = classified(ov2gy=(0.0, 12.0), ov50=(0.0, 0.0))
    assert result.resbrt_type == "2"
    assert result.estro_eortc == "type 1"


def test_a_small_overlap_is_1a_strictly_and_2_as_applied() -> None:
    result = classified(ov2gy=(27.8, 27.8), ov50=(0.0, 0.0))
    assert (result.resbrt_type, result.as_applied_type) == ("1A", "2")
    text = " ".join(result.reasons)
    assert "27.8 cc" in text
    assert "30 cc" in text


def test_half_dose_overlap_below_the_threshold_is_pointed_out() -> None:
    result = classified(ov2gy=(20.0, 20.0), ov50=(2.0, 2.0))
    assert (result.resbrt_type, result.as_applied_type) == ("1B", "1B*")
    assert any("not in the table" in reason for reason in result.reasons)


@pytest.mark.parametrize(
    ("concern", "in_organ", "category"),
    [
        (True, True, "type 2"),
        (False, True, "repeat organ irradiation"),
        (False, False, "repeat irradiation"),
    ],
)
def test_without_overlap_the_reason_names_what_decided(
    concern: bool,  # noqa: FBT001
    in_organ: bool,  # noqa: FBT001
    category: str,
) -> None:
    result = classified(
        ov2gy=(0.0, 0.0), ov50=(0.0, 0.0), oar_concern=concern, in_organ=in_organ
    )
    assert result.estro_eortc == category
    assert result.resbrt_type == "2"
    assert f"oar_concern = {str(concern).lower()}" in result.reasons[-1]


def test_a_rejected_registration_withholds_everything_and_says_why() -> None:
    why = "The registration of course 1 to 2 was rejected."
    result = classified(ov2gy=(None, None), ov50=(None, None), because=why)
    assert result.resbrt_type == "undetermined"
    assert result.as_applied_type == "undetermined"
    assert result.estro_eortc == "undetermined"
    assert result.reasons[0] == why


def test_a_missing_organ_withholds_the_type_alone() -> None:
    result = classified(ov2gy=(None, 5.0), ov50=(None, 0.0), because="No Liver.")
    assert result.resbrt_type == "undetermined"
    assert result.estro_eortc == "type 1"
    assert result.reasons[0] == "No Liver."


def test_one_missing_volume_withholds_the_type() -> None:
    result = classified(ov2gy=(100.0, 100.0), ov50=(None, None))
    assert result.resbrt_type == "undetermined"
    assert "50 %" in result.reasons[0]
    assert "2 Gy isodoses in the Liver" not in result.reasons[0]


def test_nothing_withheld_leaves_the_reason_for_it_out() -> None:
    result = classified(ov2gy=(1.0, 1.0), ov50=(0.0, 0.0), because="unused")
    assert "unused" not in result.reasons
    assert all(reason.endswith(".") for reason in result.reasons)
