"""A real server whose cases are in a PostgreSQL database."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from reirrad.cli.main import app
from tests.store import postgresql
from tests.web.server import running_server
from tests.workflows.exports import PATIENT, course, write_patient


def refused(store: Path, url: str) -> str:
    words = ["serve", "--no-browser", "--port", "0", "--store", str(store)]
    result = CliRunner().invoke(app, [*words, "--database", url])
    assert result.exit_code == 2
    return " ".join(result.output.split())


@pytest.mark.slow
def test_a_case_is_assessed_and_listed(tmp_path: Path) -> None:
    courses = [course(n, target_x=12.0 * n, frame="1.2.3.9") for n in (1, 2)]
    write_patient(tmp_path / "patient", *courses)
    store = tmp_path / "store"
    options = ("--import-from", str(tmp_path))
    with postgresql.server() as database:
        url = database.empty_schema()
        with running_server(store, *options, "--database", url) as server:
            client = server.client()
            body = {"path": str(tmp_path / "patient")}
            case = client.send("POST", "/api/imports", body, status=201)["case"]
            assert "another `reirrad serve` uses this database" in refused(
                tmp_path / "second", url
            )
            assert client.ended(case)["problems"] == []
            client.written(case)
            (row,) = client.get("/api/cases")
            assert (row["id"], row["state"]) == (case, "done")
            assert (row["label"], row["registered"]) == (PATIENT.id, True)
            signing = {"name": "B. Physician", "comment": ""}
            path = f"/api/cases/{case}/versions/1"
            accept = {**signing, "verdict": "accepted"}
            client.send("POST", f"{path}/registration-review", accept)
            review = client.send("POST", f"{path}/approval", signing)
            assert review["assessment"] == "approved"

        assert not (store / "reirrad.sqlite").exists()
        assert "lie in another store folder" in refused(tmp_path / "second", url)
        assert "cases of the store folder are in another database" in refused(
            store, database.empty_schema()
        )
        listed = CliRunner().invoke(
            app, ["trail", "--store", str(store), "--database", url]
        )
        assert "assessment approved" in listed.output
        assert "The trail holds." in listed.output
