import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.curve_metrics import curve_metrics, curve_request
from reirrad.core.dvh import STANDARD_METRICS, dose_volume, metric_value

NAMES = (*STANDARD_METRICS, "V5Gy[cc]", "V5Gy[%]", "CV5Gy[cc]", "CV5Gy[%]", "V0Gy[cc]")


@given(st.integers(0, 10_000), st.integers(1, 60))
def test_every_row_has_the_metrics_of_its_dose_volume_curve(
    seed: int, count: int
) -> None:
    random = np.random.default_rng(seed)
    values = random.uniform(0.0, 10.0, (3, count))
    volumes = random.uniform(0.01, 1.0, (3, count))
    volumes[:, 1:] *= random.random((3, count - 1)) > 0.3
    found = curve_metrics(values, volumes, [curve_request(name) for name in NAMES])
    for row in range(3):
        curve = dose_volume(values[row], volumes[row])
        for name, value in zip(NAMES, found[row], strict=True):
            assert value == pytest.approx(metric_value(name, curve), abs=1e-9), name


def test_a_row_without_volume_has_no_metric() -> None:
    requests = [curve_request("Mean[Gy]"), curve_request("D1cc[Gy]")]
    found = curve_metrics(np.ones((2, 3)), np.array([[0.0] * 3, [1.0] * 3]), requests)
    assert np.isnan(found[0]).all()
    assert found[1] == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("name", ["D5[Gy]", "V15Gy", "Median[Gy]", ""])
def test_what_is_no_metric_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a dose metric"):
        curve_request(name)
