"""A computation takes the processors that its process was given."""

import os
import subprocess
import sys

import pytest

COMMAND = "from reirrad.core.processors import processors; print(processors())"


@pytest.mark.parametrize("count", ["1", "2"])
def test_the_environment_says_how_many(count: str) -> None:
    done = subprocess.run(  # noqa: S603 - this very program
        [sys.executable, "-c", COMMAND],
        env={**os.environ, "NUMBA_NUM_THREADS": count},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.strip() == count
