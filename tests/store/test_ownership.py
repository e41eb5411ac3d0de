import pytest

from reirrad.errors import StoreError
from reirrad.store.database import Store
from reirrad.store.ownership import bind


def test_database_and_folder_stay_together(store: Store) -> None:
    bind(store, "a" * 32, used=False)
    bind(store, "a" * 32, used=True)
    with pytest.raises(StoreError, match="lie in another store folder"):
        bind(store, "b" * 32, used=False)


def test_a_folder_with_cases_is_not_given_an_empty_database(store: Store) -> None:
    with pytest.raises(StoreError, match="in another database"):
        bind(store, "a" * 32, used=True)
    # A failure of the power before the database had the number.
    bind(store, "a" * 32, used=False)


def test_a_postgresql_database_has_one_server(url: str) -> None:
    first, second = Store.open(url), Store.open(url)
    if first.address.kind == "postgresql":
        with (
            first.alone(),
            pytest.raises(StoreError, match="another `reirrad serve` uses"),
            second.alone(),
        ):
            pass
    with second.alone():
        bind(first, "a" * 32, used=False)  # others may write meanwhile
    first.close()
    second.close()
