"""The exported cases, made once for all tests of DICOM."""

from collections.abc import Callable

import pytest

from tests.dicom.results.cases import AXES, Case, case


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Case]:
    made: dict[str, Case] = {}

    def get(name: str) -> Case:
        if name not in made:
            folder = tmp_path_factory.mktemp(name.replace(" ", "_"))
            made[name] = case(folder, AXES[name])
        return made[name]

    return get
