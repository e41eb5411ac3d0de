"""What the server asks of its folder before it starts."""

import runpy
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from reirrad.errors import OutputError
from reirrad.web.configuration import Configuration


def test_a_folder_has_one_server_on_every_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Windows has no fcntl.
    monkeypatch.setitem(sys.modules, "fcntl", None)
    serve = runpy.run_module("reirrad.web.serving")["serve"]
    configuration = Configuration(store=tmp_path, port=0)
    file = tmp_path / "lock"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutputError, match="another `reirrad serve` uses"):
            serve(configuration, ready=lambda _: None)
    assert not (tmp_path / "reirrad.sqlite").exists()
