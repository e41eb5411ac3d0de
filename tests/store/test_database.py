import multiprocessing
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import reirrad.store
from reirrad.core.cohort.clinical_records import Patient
from reirrad.errors import StoreError
from reirrad.store import database
from reirrad.store.cases import list_cases
from reirrad.store.database import Store
from reirrad.store.registry import put_records
from reirrad.store.registry_schema import tables
from reirrad.store.trail import events, verify_trail
from tests.pacs import free_port
from tests.store.postgresql import PASSWORD, Server
from tests.store.specimens import new_case


def test_what_was_kept_is_there_when_it_is_opened_again(url: str) -> None:
    first = Store.open(url)
    case = new_case(first)
    first.close()
    second = Store.open(url)
    assert [row.id for row in list_cases(second)] == [case.id]
    second.close()


def test_tables_and_migrations_agree(store: Store) -> None:
    with store.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, tables["patient"].metadata) == []
        assert context.get_current_revision() is not None


def test_a_database_of_the_review_page_alone_is_brought_up_to_date(url: str) -> None:
    store = Store.open(url)
    case = new_case(store)
    with store.writing() as connection:
        for table in reversed(tables["patient"].metadata.sorted_tables):
            if table.name.startswith("cohort_"):
                table.drop(connection)
        if store.address.kind == "postgresql":
            connection.exec_driver_sql("DROP FUNCTION cohort_change_is_append_only")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    store.close()
    store = Store.open(url)
    assert [row.id for row in list_cases(store)] == [case.id]
    put_records(store, [Patient(patient="P1")], who="anna", reason="test")
    assert [event.id for event in events(store, None)] == [1, 2]
    assert verify_trail(store) == []
    store.close()


def test_threads_that_open_an_empty_database_wait_for_one_another(url: str) -> None:
    opened: list[Store] = []

    def open_it() -> None:
        opened.append(Store.open(url))

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    new_case(opened[0])
    assert [len(list_cases(store)) for store in opened] == [1] * 4
    for store in opened:
        store.close()


def test_a_new_file_that_somebody_writes_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "reirrad.sqlite"
    writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    leaving = threading.Timer(0.3, writer.close)
    leaving.start()
    store = Store.open(f"sqlite:///{path}")
    assert list_cases(store) == []
    leaving.join()
    store.close()


def test_a_new_file_that_somebody_keeps_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.2)
    path = tmp_path / "reirrad.sqlite"
    keeper = sqlite3.connect(path, isolation_level=None)
    keeper.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="kept the file locked"):
        Store.open(f"sqlite:///{path}")
    keeper.close()


def _open_and_add(url: str) -> None:
    store = Store.open(url)
    new_case(store)
    store.close()


@pytest.mark.slow
def test_processes_that_open_an_empty_database_wait_for_one_another(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=_open_and_add, args=(url,)) for _ in range(4)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0] * 4
    store = Store.open(url)
    assert len(list_cases(store)) == 4
    assert [event.id for event in events(store, None)] == [1, 2, 3, 4]
    store.close()


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    store = Store.open(url)
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(StoreError, match="newer version of reirrad"):
        Store.open(url)


def test_a_writer_does_not_keep_readers_waiting(store: Store) -> None:
    case = new_case(store)
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM review_case")
        assert [row.id for row in list_cases(store)] == [case.id]
    assert list_cases(store) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "reirrad.sqlite"
    with pytest.raises(StoreError, match="folder exists") as refused:
        Store.open(f"sqlite:///{path}")
    assert str(path) in str(refused.value)


def test_a_file_that_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "reirrad.sqlite"
    with pytest.raises(StoreError, match="no such database"):
        Store.existing(f"sqlite:///{path}")
    assert not path.exists()
    Store.open(f"sqlite:///{path}").close()
    Store.existing(f"sqlite:///{path}").close()


def test_other_accounts_cannot_read_the_file(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'reirrad.sqlite'}")
    new_case(store)
    modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0}
    store.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "reirrad.sqlite"
    path.write_text("this is a letter to somebody, not a database" * 50)
    with pytest.raises(StoreError, match="not a SQLite database"):
        Store.open(f"sqlite:///{path}")


def _fill_up(store: Store) -> None:
    """SQLite answers the same when the disk has no page more to give."""
    with store.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.exec_driver_sql(
            "INSERT INTO review_case VALUES ('x', '', '', ?)", ("y" * 100_000,)
        )


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'reirrad.sqlite'}")
    case = new_case(store)
    with pytest.raises(StoreError, match="disk is full"):
        _fill_up(store)
    assert [row.id for row in list_cases(store)] == [case.id]
    store.close()


def _said(script: str, *words: str, environment: dict[str, str] | None = None) -> str:
    """What a script prints in a process of its own."""
    ended = subprocess.run(  # noqa: S603 - this project's own code
        [sys.executable, "-c", script, *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


OPEN = """
import sys
from reirrad.store.database import Store
Store.open(sys.argv[1]).close()
print(Store)
"""
READ_ONLY = """
import os, sys
from reirrad.core.cohort.clinical_records import Patient
from reirrad.errors import StoreError
from reirrad.store.database import Store
from reirrad.store.cases import add_case
Store.open(sys.argv[2]).close()  # nobody may not read the libraries of root
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    add_case(Store.open(sys.argv[1]), by="anna", source="upload")
except StoreError as error:
    print(error)
"""


def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="reirrad-read-only-") as name:
        folder = Path(name)
        path = folder / "reirrad.sqlite"
        Store.open(f"sqlite:///{path}").close()
        path.chmod(0o444)
        folder.chmod(0o555)
        said = _said(
            READ_ONLY, f"sqlite:///{path}", f"sqlite:///{tmp_path / 'other.sqlite'}"
        )
        folder.chmod(0o755)
    assert "may not be written" in said


def test_a_server_that_is_not_there() -> None:
    port = free_port()
    with pytest.raises(StoreError, match="cannot be reached") as refused:
        Store.open(f"postgresql://anna:s3cret@127.0.0.1:{port}/reirrad")
    assert f"127.0.0.1:{port}" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_wrong_password(postgresql_server: Server) -> None:
    url = postgresql_server.url("postgres").replace(PASSWORD, "s3cret")
    with pytest.raises(StoreError, match="user or the password") as refused:
        Store.open(url)
    assert "s3cret" not in str(refused.value)


def test_a_database_that_was_not_created(postgresql_server: Server) -> None:
    with pytest.raises(StoreError, match="Create it first"):
        Store.open(postgresql_server.url("elsewhere"))


def test_the_driver_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r'pip install "reirrad\[postgresql\]"'):
        Store.open("postgresql://anna:s3cret@127.0.0.1/reirrad")


def test_a_server_that_restarts_is_found_again(
    postgresql_server: Server,
) -> None:
    url = postgresql_server.empty_schema()
    store = Store.open(url)
    case = new_case(store)
    other = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with other.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    other.dispose()
    assert [row.id for row in list_cases(store)] == [case.id]
    store.close()


def _end_in_the_middle(store: Store) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM review_case")
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with store.reading() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
        connection.exec_driver_sql("SELECT 1")


def test_a_server_that_ends_in_the_middle_says_so(postgresql_server: Server) -> None:
    store = Store.open(postgresql_server.empty_schema())
    case = new_case(store)
    with pytest.raises(StoreError, match="nothing of this step was kept"):
        _end_in_the_middle(store)
    assert [row.id for row in list_cases(store)] == [case.id]
    store.close()


def test_a_folder_with_a_percent_sign_can_hold_the_program(tmp_path: Path) -> None:
    moved = tmp_path / "100%s" / "reirrad"
    shutil.copytree(Path(reirrad.store.__file__).parents[1], moved)
    said = _said(
        OPEN,
        f"sqlite:///{tmp_path / 'a.sqlite'}",
        environment={"PYTHONPATH": str(moved.parent)},
    )
    assert "Store" in said
