from contextlib import closing
from pathlib import Path

import pytest

from reirrad.errors import OutputError, StoreError
from reirrad.store.database import Store
from reirrad.store.registry_key import kept_key
from reirrad.workflows.pseudonym_key import existing_key
from reirrad.workflows.registry_key import RegistryKey


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/registry.sqlite"


def test_nothing_is_kept_where_no_patient_id_is_met(url: str, tmp_path: Path) -> None:
    key = RegistryKey(tmp_path / "key", url)
    with closing(Store.open(url)) as store:
        key.keep(store, who="anna")

        assert kept_key(store).fingerprint is None
    assert not (tmp_path / "key").exists()


def test_a_key_is_written_once_and_used_again(url: str, tmp_path: Path) -> None:
    first = RegistryKey(tmp_path / "key", url)
    name = first.pseudonym("4711")
    first.write()
    first.write()

    assert existing_key(tmp_path / "key") is not None
    assert RegistryKey(tmp_path / "key", url).pseudonym("4711") == name


def test_of_two_new_keys_the_second_is_refused(url: str, tmp_path: Path) -> None:
    one, two = (RegistryKey(tmp_path / name, url) for name in ("one", "two"))
    for key in (one, two):
        key.pseudonym("4711")
    with closing(Store.open(url)) as store:
        one.keep(store, who="anna")
        with pytest.raises(StoreError, match="another key"):
            two.keep(store, who="paul")


def test_a_key_that_cannot_be_written_is_not_kept(url: str, tmp_path: Path) -> None:
    key = RegistryKey(tmp_path / "nowhere" / "key", url)
    key.pseudonym("4711")
    with closing(Store.open(url)) as store:
        with pytest.raises(OutputError):
            key.keep(store, who="anna")

        assert kept_key(store).fingerprint is None
