"""Chance in made-up patients: one of several, yes or no, a number about another."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

__all__ = ["happens", "lognormal", "one_of"]

Choice = TypeVar("Choice")


def one_of(
    choices: Sequence[Choice], shares: Sequence[float], rng: np.random.Generator
) -> Choice:
    """One of several, by their shares, which sum to 1."""
    return choices[int(rng.choice(len(choices), p=shares))]


def happens(share: float, rng: np.random.Generator) -> bool:
    """Yes in this share of the cases."""
    return bool(rng.random() < share)


def lognormal(
    median: float, spread: float, limits: tuple[float, float], rng: np.random.Generator
) -> float:
    """A positive number; its logarithm varies by `spread`, its ends are limited."""
    return float(np.clip(median * np.exp(spread * rng.standard_normal()), *limits))
