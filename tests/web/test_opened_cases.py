import asyncio
import time
from collections.abc import Iterator
from threading import Event

import pytest

from reirrad.core.settings import Settings
from reirrad.errors import InputError
from reirrad.store.cases import Version
from reirrad.web.opened_cases import OpenedCases
from reirrad.web.problems import RefusedError
from reirrad.workflows.case_reading import OpenedPatient
from reirrad.workflows.settings import checked_settings

SETTINGS: Settings = checked_settings({}, name="settings")


def version(case_id: str) -> Version:
    return Version(
        case_id=case_id,
        number=1,
        created="",
        created_by="",
        reason="",
        settings={},
        matrix=None,
        based_on=None,
        state="done",
        problems=(),
        summary={},
    )


class Grids:
    """Opens cases; each takes until it is let."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.may_end: dict[str, Event] = {name: Event() for name in "ABCDEFGH"}

    def opened(self, asked: Version) -> OpenedPatient:
        self.begun.append(asked.case_id)
        assert self.may_end[asked.case_id].wait(10.0)
        return OpenedPatient((), 0, (), SETTINGS)


@pytest.fixture
def grids() -> Iterator[Grids]:
    made = Grids()
    yield made
    for event in made.may_end.values():
        event.set()


def refused(cases: OpenedCases, name: str) -> int | None:
    try:
        asyncio.run(cases.patient(version(name)))
    except RefusedError as error:
        return error.status
    return None


def test_three_people_with_three_cases_all_get_theirs(grids: Grids) -> None:
    cases = OpenedCases(grids.opened, wait_s=0.0)
    for _ in range(5):
        assert [refused(cases, name) for name in "ABC"] == [503, 503, 503]
    for name in "ABC":
        grids.may_end[name].set()
    openings = [cases.begin(version(name)) for name in "ABC"]
    for opening in openings:
        opening.result(10.0)
    assert grids.begun == ["A", "B", "C"]
    # The last two that were asked for stay.
    assert refused(cases, "C") is None
    assert refused(cases, "B") is None
    assert grids.begun == ["A", "B", "C"]
    cases.begin(version("A")).result(10.0)
    assert grids.begun == ["A", "B", "C", "A"]
    cases.stop()


def test_who_looks_through_many_cases_waits_for_the_last(grids: Grids) -> None:
    cases = OpenedCases(grids.opened, wait_s=0.0)
    opening = cases.begin(version("A"))
    while not opening.running():
        time.sleep(0.001)
    for name in "BCDEFGH":
        refused(cases, name)
    for event in grids.may_end.values():
        event.set()
    cases.begin(version("H")).result(10.0)
    assert grids.begun == ["A", "E", "F", "G", "H"]
    cases.stop()


def test_a_reading_waits_for_the_grids_but_not_for_ever(grids: Grids) -> None:
    hurried = OpenedCases(grids.opened, wait_s=0.2)
    assert refused(hurried, "A") == 503
    cases = OpenedCases(grids.opened, wait_s=60.0)

    async def asked_while_it_opens() -> OpenedPatient:
        asyncio.get_running_loop().call_later(0.05, grids.may_end["A"].set)
        return await cases.patient(version("A"))

    before_s = time.perf_counter()
    assert asyncio.run(asked_while_it_opens()).n_courses == 0
    assert time.perf_counter() - before_s < 30.0
    hurried.stop()
    cases.stop()


def test_what_cannot_be_read_again_says_so_and_is_tried_again() -> None:
    tried: list[str] = []

    def opened(asked: Version) -> OpenedPatient:
        tried.append(asked.case_id)
        msg = "a.dcm: gone."
        raise InputError(msg)

    cases = OpenedCases(opened)
    for _ in range(2):
        with pytest.raises(RefusedError) as no:
            asyncio.run(cases.patient(version("A")))
        assert no.value.problems[-1] == "a.dcm: gone."
    assert tried == ["A", "A"]
    cases.stop()
