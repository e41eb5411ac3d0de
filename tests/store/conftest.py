"""Every test of the store runs on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reirrad.store.database import Store
from tests.store import postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    with postgresql.server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database that is empty or not there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'reirrad.sqlite'}"
    running: postgresql.Server = request.getfixturevalue("postgresql_server")
    return running.empty_schema()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store."""
    opened = Store.open(url)
    yield opened
    opened.close()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Store]:
    """An empty store in a SQLite file, where the database makes no difference."""
    opened = Store.open(f"sqlite:///{tmp_path / 'lite.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _found_by_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes that a test starts find its functions."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
