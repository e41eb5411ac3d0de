from pathlib import Path

import numpy as np
import pytest

from reirrad.errors import InputError
from reirrad.workflows.dvh_table import read_dvh_table

CURVE = "structure,dose_gy,volume_cc\n"
METRICS = "structure,metric,value\n"


def table(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = folder / "dvh.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_points_of_several_structures_become_histograms(tmp_path: Path) -> None:
    text = f"{CURVE}Liver,0,100\nLiver,10,50\nStomach,0,8\nLiver,20,0\nStomach,5,0\n"
    liver, stomach = read_dvh_table(table(tmp_path, text)).histograms
    assert (liver.name, stomach.name) == ("Liver", "Stomach")
    np.testing.assert_allclose(liver.dose_gy, [0.0, 10.0, 20.0])
    np.testing.assert_allclose(stomach.volume, [8.0, 0.0])


def test_a_curve_that_begins_above_zero_is_whole_below(tmp_path: Path) -> None:
    text = f"{CURVE}Liver,5,100\nLiver,10,0\n"
    (liver,) = read_dvh_table(table(tmp_path, text)).histograms
    np.testing.assert_allclose(liver.dose_gy, [0.0, 5.0, 10.0])
    np.testing.assert_allclose(liver.volume, [100.0, 100.0, 0.0])


def test_metrics_are_read_by_name(tmp_path: Path) -> None:
    text = f"{METRICS}Liver,Mean[Gy],8.5\nLiver,volume[cc],1500\nCord,D0.1cc[Gy],9\n"
    metrics = read_dvh_table(table(tmp_path, text)).metrics
    assert metrics == {
        "Liver": {"Mean[Gy]": 8.5, "volume[cc]": 1500.0},
        "Cord": {"D0.1cc[Gy]": 9.0},
    }


def test_semicolons_and_a_mark_of_byte_order_are_understood(tmp_path: Path) -> None:
    text = f"{METRICS}Liver,Mean[Gy],8.5\n".replace(",", ";")
    path = table(tmp_path, text, encoding="utf-8-sig")
    assert read_dvh_table(path).metrics == {"Liver": {"Mean[Gy]": 8.5}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found nothing"),
        ("name,dose,volume\n", "first line must be structure,dose_gy,volume_cc"),
        (CURVE, "holds no histogram"),
        (METRICS, "holds no metric"),
        (f"{CURVE}Liver,0\n", "line 2: must hold a name, a dose and a volume"),
        (f"{CURVE}Liver,0,many\n", "line 2"),
        (f"{CURVE}Liver,0,-3\n", "line 2"),
        (f"{CURVE}Liver,0,nan\n", "line 2"),
        (f"{CURVE}Liver,0,10\n", "Liver: two or more points"),
        (f"{CURVE}Liver,1,10\nLiver,1,0\n", "doses must rise"),
        (f"{CURVE}Liver,0,10\nLiver,1,11\nLiver,2,0\n", "must fall with dose"),
        (f"{CURVE}Liver,0,10\nLiver,1,9\n", "cut short"),
        (f"{METRICS}Liver,D98,3\n", "'D98' is not a metric"),
        (f"{METRICS}Liver,Mean[Gy],x\n", "line 2: must hold a name, a metric"),
        (f"{METRICS}Liver,Mean[Gy],3\nLiver,Mean[Gy],4\n", "line 3: Liver has Mean"),
    ],
)
def test_a_table_that_cannot_be_used_says_where(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(InputError, match=words) as refusal:
        read_dvh_table(table(tmp_path, text))
    assert "dvh.csv" in str(refusal.value)


def test_every_bad_line_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read_dvh_table(table(tmp_path, f"{METRICS}Liver,D98,3\nLiver,D95,3\n"))
    assert len(refusal.value.problems) == 2


def test_a_table_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dvh.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match="not text in UTF-8"):
        read_dvh_table(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_dvh_table(tmp_path / "nowhere.csv")
