import pytest

from reirrad import MACHINE_CODE
from reirrad.workflows.preparation import prepare


@pytest.mark.slow
def test_machine_code_of_the_heavy_loops_is_kept() -> None:
    prepare()
    kept = {path.name.split("-")[0] for path in MACHINE_CODE.rglob("*.nbi")}
    assert {"layers.layer_cells", "dose_lookup.looked_up", "fitting.fitted"} <= kept
    assert "solid_lattice._raise_levels" in kept
