"""What several tests of whole assessments look at."""

from pathlib import Path

import pytest

from reirrad.core.assessment import Assessment
from reirrad.workflows.assess import assess
from tests.workflows.exports import FEW_DRAWS


@pytest.fixture(scope="session")
def real_abdomen(shared: Path) -> Assessment:
    """The real abdomen with the registration that came with it."""
    return assess(
        [shared / "data" / "liver_ct_two_course"],
        settings=FEW_DRAWS,
        with_views=False,
        progress=lambda _: None,
    )
