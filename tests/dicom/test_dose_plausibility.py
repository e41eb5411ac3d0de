import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.dicom.audit import Audit
from reirrad.dicom.dose_plausibility import DoseRules, check_dose
from reirrad.knowledge.rules import rule_limits

RULES = DoseRules(0.6, 2.0)
LIMITS = rule_limits("gathering_rules")
SHIPPED = DoseRules(
    LIMITS["lowest_max_over_prescription"],
    LIMITS["highest_max_over_prescription"],
    LIMITS["widest_uneven_step_mm"],
    LIMITS["impossible_max_over_prescription"],
    LIMITS["impossible_external_max_over_prescription"],
    LIMITS["dose_per_fraction_low_gy"],
    LIMITS["dose_per_fraction_high_gy"],
)


def verdict(
    highest_gy: float,
    prescribed_gy: float,
    n_fractions: int,
    rules: DoseRules = RULES,
) -> tuple[bool, Audit]:
    audit = Audit()
    usable = check_dose(
        highest_gy,
        prescribed_gy=prescribed_gy,
        n_fractions=n_fractions,
        about="RTDOSE a",
        rules=rules,
        audit=audit,
    )
    return usable, audit


@given(
    prescribed_gy=st.floats(10, 80),
    n_fractions=st.integers(1, 40),
    ratio=st.floats(0.61, 1.99),
)
def test_a_usual_maximum_needs_no_word(
    prescribed_gy: float, n_fractions: int, ratio: float
) -> None:
    usable, audit = verdict(ratio * prescribed_gy, prescribed_gy, n_fractions)
    assert usable
    assert audit.findings == ()


@given(n_fractions=st.integers(4, 40), ratio=st.floats(0.9, 1.99))
def test_the_dose_of_one_fraction_is_never_used(n_fractions: int, ratio: float) -> None:
    usable, audit = verdict(ratio * 60.0 / n_fractions, 60.0, n_fractions)
    assert not usable
    assert "one fraction" in audit.problems[0]


def test_a_single_fraction_is_not_taken_for_a_part() -> None:
    usable, audit = verdict(10.0, 20.0, 1)
    assert usable
    assert [one.code for one in audit.findings] == ["dose-below-prescription"]


@pytest.mark.parametrize(
    ("highest_gy", "code"),
    [(25.0, "dose-below-prescription"), (101.0, "dose-above-prescription")],
)
def test_a_doubtful_maximum_is_noted(highest_gy: float, code: str) -> None:
    usable, audit = verdict(highest_gy, 50.0, 5)
    assert usable
    assert [one.code for one in audit.findings] == [code]


# --- the limits that are shipped ------------------------------------------------------


@given(
    prescribed_gy=st.floats(10, 80),
    n_fractions=st.integers(2, 40),
    ratio=st.floats(1.0, 1.9),
)
def test_one_fraction_of_any_usual_plan_is_refused(
    prescribed_gy: float, n_fractions: int, ratio: float
) -> None:
    highest_gy = ratio * prescribed_gy / n_fractions
    usable, audit = verdict(highest_gy, prescribed_gy, n_fractions, SHIPPED)
    assert not usable
    assert "one fraction" in audit.problems[0]


@given(
    per_fraction_gy=st.floats(1.001, 33.99),
    n_fractions=st.integers(1, 40),
    ratio=st.floats(0.98, 1.99),
)
def test_a_usual_plan_needs_no_word(
    per_fraction_gy: float, n_fractions: int, ratio: float
) -> None:
    prescribed_gy = per_fraction_gy * n_fractions
    usable, audit = verdict(ratio * prescribed_gy, prescribed_gy, n_fractions, SHIPPED)
    assert usable
    assert audit.findings == ()


@pytest.mark.parametrize(
    ("ratio", "n_fractions", "fate"),
    [
        (0.50, 1, "noted"),
        (0.96, 1, "noted"),
        (0.50, 2, "refused"),
        (0.96, 2, "refused"),
        (0.66, 3, "refused"),
        (0.68, 3, "noted"),
        (0.39, 5, "refused"),
        (0.41, 5, "noted"),
        (0.96, 5, "noted"),
    ],
)
def test_a_dose_below_its_prescription_is_refused_or_noted(
    ratio: float, n_fractions: int, fate: str
) -> None:
    """With two fractions a part and a low whole cannot be told apart."""
    prescribed_gy = 10.0 * n_fractions
    usable, audit = verdict(ratio * prescribed_gy, prescribed_gy, n_fractions, SHIPPED)
    assert usable is (fate == "noted")
    codes = [one.code for one in audit.findings]
    assert codes == ["dose-below-prescription"] * usable


@pytest.mark.parametrize(
    ("ratio", "said"),
    [(4.9, ""), (5.1, "in cGy"), (100.0, "in cGy"), (1001.0, "byte order")],
)
def test_a_dose_far_above_its_prescription_is_none_in_gray(
    ratio: float, said: str
) -> None:
    usable, audit = verdict(50.0 * ratio, 50.0, 25, SHIPPED)
    assert usable is not bool(said)
    assert said in "".join(audit.problems)


@pytest.mark.parametrize(("ratio", "usable"), [(100.0, True), (1001.0, False)])
def test_beside_a_source_only_what_is_no_dose_is_refused(
    ratio: float, *, usable: bool
) -> None:
    assert verdict(7.0 * ratio, 7.0, 4, SHIPPED.for_brachytherapy())[0] is usable


@pytest.mark.parametrize(
    ("prescribed_gy", "n_fractions", "unlikely"),
    [
        (50.0, 1, True),
        (50.0, 9999, True),
        (34.1, 1, True),
        (34.0, 1, False),
        (30.0, 30, False),
        (29.9, 30, True),
        (60.0, 30, False),
    ],
)
def test_a_dose_per_fraction_that_nobody_gives_is_told(
    prescribed_gy: float, n_fractions: int, *, unlikely: bool
) -> None:
    usable, audit = verdict(1.1 * prescribed_gy, prescribed_gy, n_fractions, SHIPPED)
    assert usable
    codes = [one.code for one in audit.findings]
    assert codes == ["dose-per-fraction-unlikely"] * unlikely
