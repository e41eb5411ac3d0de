import pytest

from reirrad.cli.budgeting import parsed_fractions
from reirrad.errors import InputError


def test_fractions_come_sorted_and_once() -> None:
    assert parsed_fractions("8, 1,3,3") == (1, 3, 8)


@pytest.mark.parametrize("text", ["", "0", "1,,3", "2.5", "five", "-1", "101", "1;3"])
def test_what_is_no_number_of_fractions(text: str) -> None:
    with pytest.raises(InputError, match="--fractions"):
        parsed_fractions(text)
