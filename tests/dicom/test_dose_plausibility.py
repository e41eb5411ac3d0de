import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.dicom.audit import Audit
from reirrad.dicom.dose_plausibility import DoseRules, check_dose

RULES = DoseRules(0.6, 2.0)


def verdict(
    highest_gy: float, prescribed_gy: float, n_fractions: int
) -> tuple[bool, Audit]:
    audit = Audit()
    usable = check_dose(
        highest_gy,
        prescribed_gy=prescribed_gy,
        n_fractions=n_fractions,
        about="RTDOSE a",
        rules=RULES,
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
