"""What a line of a figure was drawn through."""

import numpy as np
from matplotlib.lines import Line2D

__all__ = ["across", "up"]


def across(line: Line2D) -> list[float]:
    return [float(value) for value in np.asarray(line.get_xdata(), dtype=float)]


def up(line: Line2D) -> list[float]:
    return [float(value) for value in np.asarray(line.get_ydata(), dtype=float)]
