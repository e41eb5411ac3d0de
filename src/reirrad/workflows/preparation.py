"""Compile every loop, so that the first patient need not wait for it."""

import tempfile
from pathlib import Path

from reirrad.workflows.commissioning.cumulative import examine_accumulation
from reirrad.workflows.commissioning.registrations import examine_registration

__all__ = ["prepare"]


def prepare() -> None:
    """Run small examples through all loops; their machine code stays on disk.

    A part of the installation (``tools/install``); without it the first assessment
    takes a minute longer.
    """
    with tempfile.TemporaryDirectory() as folder:
        for examine in (examine_accumulation, examine_registration):
            next(iter(examine(Path(folder))), None)
