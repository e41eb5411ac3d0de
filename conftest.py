"""Shared test set-up: hypothesis profiles, executable documentation, real data."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser as MarkdownCode
from sybil.parsers.rest import DocTestParser

settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile(
    "ci",
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

docstrings = Sybil(parsers=[DocTestParser()], patterns=["*.py"], path="src")
pages = Sybil(parsers=[MarkdownCode()], patterns=["*.md"], path="docs")
pytest_collect_file = (docstrings + pages).pytest()


def pytest_collection_finish() -> None:
    """Spare the garbage collector to walk thousands of tests again and again."""
    gc.collect()
    gc.freeze()


SHARED = Path(__file__).parent.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference values and real data that is not part of the project."""
    if not SHARED.is_dir():
        pytest.skip(
            f"the reference data folder {SHARED.name} is not beside the checkout"
        )
    return SHARED
