"""Numbers of checks in words: as many digits as their tolerance gives a meaning."""

import math

from reirrad.phantoms.checks import Check

__all__ = ["answer", "failure", "outcome", "tolerance"]

MOST_DECIMALS = 6


def answer(value: float | str | None, check: Check) -> str:
    """The expected or found answer of a check, without its unit."""
    if value is None or isinstance(value, str):
        return value or "nothing"
    if not math.isfinite(value):
        return "no number"
    if check.tolerance == 0.0 or value == 0.0:
        return f"{value:.10g}"
    decimals = _decimals(check.tolerance)
    return f"{value:.2e}" if decimals > MOST_DECIMALS else f"{value:.{decimals}f}"


def tolerance(check: Check) -> str:
    """The tolerance with the unit; "exact" where there is none."""
    if isinstance(check.expected, str) or check.tolerance == 0.0:
        return f"exact {check.unit}".strip()
    return f"± {answer(check.tolerance, check)} {check.unit}".strip()


def outcome(holds: bool) -> str:  # noqa: FBT001 - the only thing that is asked
    """Whether something holds, in one word."""
    return "holds" if holds else "FAILS"


def failure(title: str, check: Check) -> str:
    """A check that does not hold, in one line, with the title of its group."""
    return (
        f"{title}: {check.subject}: expected {answer(check.expected, check)}, found "
        f"{answer(check.found, check)} ({tolerance(check)})"
    )


def _decimals(size: float) -> int:
    """Decimals that show two digits of a number of this size."""
    return max(0, 1 - math.floor(math.log10(size)))
