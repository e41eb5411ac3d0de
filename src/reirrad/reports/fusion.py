"""The picture by which a person judges a registration."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from reirrad.core.assessment import PlanarView
from reirrad.reports.raster import (
    FloatImage,
    draw_orientation,
    frame_size_mm,
    grey_window,
    pixel_centres_mm,
    prepare_axes,
)

__all__ = ["fusion_figure"]

WIDTH_INCHES = 7.3
GAP_INCHES = 0.06
TALLEST_ROW_INCHES = 2.6
SQUARE_MM = 25.0


def fusion_figure(views: Sequence[PlanarView]) -> Figure:
    """Draw each plane twice: a checkerboard above, red and cyan below.

    Parameters
    ----------
    views
        Planes; those without the other image are left out. At least one has it.
    """
    both = [view for view in views if view.other_image is not None]
    shapes = [
        width / height
        for width, height in (frame_size_mm(view.extent_mm) for view in both)
    ]
    room = WIDTH_INCHES - GAP_INCHES * (len(both) - 1)
    row = min(room / sum(shapes), TALLEST_ROW_INCHES)
    total = 2 * row + GAP_INCHES
    figure = Figure(figsize=(WIDTH_INCHES, total), facecolor="white")
    left = (room - row * sum(shapes)) / 2
    for view, shape in zip(both, shapes, strict=True):
        for level, picture in enumerate((_red_and_cyan(view), _checkerboard(view))):
            axes = figure.add_axes(
                (
                    left / WIDTH_INCHES,
                    level * (row + GAP_INCHES) / total,
                    shape * row / WIDTH_INCHES,
                    row / total,
                )
            )
            axes.imshow(picture, extent=view.extent_mm, origin="upper")
            prepare_axes(axes, view.extent_mm)
            draw_orientation(axes, view)
        left += shape * row + GAP_INCHES
    return figure


def _grey(image: FloatImage) -> FloatImage:
    """Image between 0 (black, or nothing known) and 1 (white)."""
    low, high = grey_window(image)
    grey: FloatImage = np.nan_to_num((image - low) / (high - low))
    return grey.clip(0.0, 1.0)


def _both(view: PlanarView) -> tuple[FloatImage, FloatImage]:
    other = view.image if view.other_image is None else view.other_image
    return _grey(view.image), _grey(other)


def _checkerboard(view: PlanarView) -> FloatImage:
    reference, other = _both(view)
    across, down = pixel_centres_mm(view)
    dark = (
        np.floor(down / SQUARE_MM)[:, np.newaxis] + np.floor(across / SQUARE_MM)
    ) % 2 == 0
    return _stacked(*[np.where(dark, reference, other)] * 3)


def _red_and_cyan(view: PlanarView) -> FloatImage:
    reference, other = _both(view)
    return _stacked(reference, other, other)


def _stacked(*channels: npt.NDArray[np.float32]) -> FloatImage:
    return np.stack(channels, axis=-1).astype(np.float32)
