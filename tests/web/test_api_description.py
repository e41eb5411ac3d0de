"""The server does what its description says, whatever is sent."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from reirrad.web.configuration import Bounds
from tests.web.applications import Application, done_case

pytestmark = pytest.mark.slow
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
ENDLESS = "/api/progress"
# Settings and matrices have rules that no schema can say.
WITH_RULES = ("/imports", "/versions", "/finish")


class Described:
    """A description that is served, with a case that its examples can find."""

    case = ""
    csrf = ""


@pytest.fixture(scope="module")
def description(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[schemathesis.BaseSchema]:
    """The application on a port of its own; jobs stay queued."""
    bounds = Bounds(
        requests_per_minute=10**6, sign_ins_per_minute=3, open_uploads=10**6
    )
    application = Application(tmp_path_factory.mktemp("described"), bounds=bounds)
    Described.case = done_case(application.parts)
    Described.csrf = application.parts.open_csrf
    server = uvicorn.Server(
        uvicorn.Config(
            application.app, port=0, log_config=None, lifespan="off", ws="none"
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/api/openapi.json")
    server.should_exit = True
    thread.join()
    application.close()


def asked(case: "schemathesis.Case[Any]", mode: GenerationMode) -> None:
    """Send a request, and check the answer in every way."""
    known = {"case": Described.case, "number": 1}
    if mode is POSITIVE and case.operation.method != "delete":
        # So that it finds something.
        for name in set(known) & set(case.path_parameters or {}):
            case.path_parameters[name] = known[name]
    left_out: list[Any] = []
    if not case.path_parameters and not case.operation.body:
        # What an address does not look at, such as a query, is not wrong there.
        left_out.append(negative_data_rejection)
    if case.operation.path.endswith(WITH_RULES):
        left_out.append(positive_data_acceptance)
    answer = case.call(headers={"X-CSRF-Token": Described.csrf})
    if answer.status_code == 503:
        # Not a defect: what is being opened or written is told to come.
        left_out.append(not_a_server_error)
        assert "retry-after" in answer.headers
    case.validate_response(answer, excluded_checks=left_out)


def test_every_answer_is_one_that_is_described(
    description: schemathesis.BaseSchema,
) -> None:
    listed: Any = description.get_all_operations()
    found = [one.ok() for one in listed]
    told = []
    for operation in found:
        if operation.path == ENDLESS:
            continue
        for mode, examples in ((POSITIVE, 12), (NEGATIVE, 6)):
            try:
                sent_each(operation, mode, examples)
            except Unsatisfiable:
                continue  # nothing that could be wrong with it
            except (Exception, BaseExceptionGroup) as fault:
                told.append(f"{operation.label}: {fault}")

    assert len(found) > 18
    assert told == []


def sent_each(operation: Any, mode: GenerationMode, examples: int) -> None:
    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: "schemathesis.Case[Any]") -> None:
        asked(case, mode)

    ask()
