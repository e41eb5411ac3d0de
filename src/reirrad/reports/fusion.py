"""The picture by which a person judges a registration."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from reirrad.core.planar_view import PlanarView
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


def fusion_figure(
    views: Sequence[PlanarView], *, modality: str, other_modality: str
) -> Figure:
    """Draw each plane twice: a checkerboard above, red and cyan below.

    Parameters
    ----------
    views
        Planes; those without the other image are left out. At least one has it.
    modality, other_modality
        Modalities of the reference and of the other image; they decide the windows.
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
        reference = _grey(view.image, modality)
        other = _grey(_other(view), other_modality)
        pictures = (
            np.stack((reference, other, other), axis=-1),
            np.stack([_checkerboard(view, reference, other)] * 3, axis=-1),
        )
        for level, picture in enumerate(pictures):
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
            draw_orientation(axes, view, title=view.plane.capitalize())
        left += shape * row + GAP_INCHES
    return figure


def _other(view: PlanarView) -> FloatImage:
    return view.image if view.other_image is None else view.other_image


def _grey(image: FloatImage, modality: str) -> FloatImage:
    """Image between 0 (black, or nothing known) and 1 (white)."""
    low, high = grey_window(image, modality)
    grey: FloatImage = np.nan_to_num((image - low) / (high - low))
    return grey.clip(0.0, 1.0)


def _checkerboard(
    view: PlanarView, reference: FloatImage, other: FloatImage
) -> FloatImage:
    across, down = pixel_centres_mm(view)
    squares = np.floor(down / SQUARE_MM)[:, np.newaxis] + np.floor(across / SQUARE_MM)
    return np.where(squares % 2 == 0, reference, other)
