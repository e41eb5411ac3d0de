import secrets
from pathlib import Path

import pytest

from reirrad.errors import StoreError
from reirrad.store.addresses import address_of


@pytest.mark.parametrize("kind", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_way_to_write_postgresql(kind: str) -> None:
    password = secrets.token_hex(4)
    address = address_of(f"{kind}://anna:{password}@db.clinic:5433/reirrad")
    assert address.kind == "postgresql"
    assert address.url.drivername == "postgresql+psycopg"
    assert address.url.username == "anna"
    assert address.url.password == password
    assert address.shown == "PostgreSQL database reirrad at db.clinic:5433"


@pytest.mark.parametrize("kind", ["sqlite", "SQLite", "sqlite+pysqlite"])
def test_a_file(kind: str) -> None:
    address = address_of(f"{kind}:////data/reirrad.sqlite")
    assert (address.kind, address.shown) == ("sqlite", "/data/reirrad.sqlite")


def test_a_file_may_be_missing(tmp_path: Path) -> None:
    address = address_of(f"sqlite:///{tmp_path}/reirrad.sqlite")
    before = address.is_missing
    (tmp_path / "reirrad.sqlite").touch()
    assert (before, address.is_missing) == (True, False)
    assert not address_of("postgresql://h/d").is_missing


@pytest.mark.parametrize(
    "url",
    ["", "s3cret", "mysql://a:s3cret@h/d", "postgresql://a:s3cret@h:port/d"],
)
def test_other_addresses_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(StoreError, match="sqlite:///path") as refused:
        address_of(url)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_nothing_is_kept_in_memory(url: str) -> None:
    with pytest.raises(StoreError, match="needs a file"):
        address_of(url)
