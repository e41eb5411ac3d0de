"""Applications for the tests of the server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.applications import Application


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """On loopback, without accounts."""
    one = Application(tmp_path)
    yield one
    one.close()


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Application]:
    """With an account for each role, named after it."""
    one = Application(tmp_path)
    one.add("viewer", "viewer")
    one.add("physicist", "physicist")
    one.add("physician", "physician")
    yield one
    one.close()
