"""The text matrix of --registration."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from reirrad.errors import InputError
from reirrad.workflows.matrix_file import read_matrix

IDENTITY = "1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "matrix.txt"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1 0 0 5\n0 1 0 -7.5\n0 0 1 1e1\n0 0 0 1", id="blanks"),
        pytest.param("1,0,0,5\n0,1,0,-7.5\n0,0,1,10\n0,0,0,1\n", id="commas"),
        pytest.param("1;0;0;5\n0;1;0;-7.5\n0;0;1;10\n0;0;0;1\n", id="semicolons"),
        pytest.param(
            "[[1, 0, 0, 5],\n [0, 1, 0, -7.5],\n [0, 0, 1, 10],\n [0, 0, 0, 1]]",
            id="brackets",
        ),
        pytest.param(
            "# from CT 1 to CT 2\n\n1 0 0 5 # mm\n0 1 0 -7.5\n0 0 1 10\n0 0 0 1\n\n",
            id="comments and blank lines",
        ),
        pytest.param("\ufeff1\t0\t0\t5\r\n0 1 0 -7.5\r\n0 0 1 10\r\n0 0 0 1", id="bom"),
    ],
)
def test_every_usual_way_of_writing_is_read(tmp_path: Path, text: str) -> None:
    matrix = read_matrix(written(tmp_path, text))

    np.testing.assert_array_equal(matrix[:3, :3], np.eye(3))
    np.testing.assert_array_equal(matrix[:3, 3], [5.0, -7.5, 10.0])


@given(
    turn=st.tuples(*[st.floats(-180.0, 180.0)] * 3),
    shift=st.tuples(*[st.floats(-500.0, 500.0)] * 3),
)
def test_a_written_rigid_matrix_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    turn: tuple[float, float, float],
    shift: tuple[float, float, float],
) -> None:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz", turn, degrees=True).as_matrix()
    matrix[:3, 3] = shift
    path = tmp_path_factory.mktemp("matrix") / "matrix.txt"
    np.savetxt(path, matrix, fmt="%.17g")

    np.testing.assert_array_equal(read_matrix(path), matrix)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "found 0 lines", id="empty"),
        pytest.param("1 0 0 0\n0 1 0 0\n0 0 1 0\n", "found 3 lines", id="three lines"),
        pytest.param(
            IDENTITY.replace("1 0 0 0", "1 0 0"),
            "line 1: .* found 3 numbers",
            id="three numbers",
        ),
        pytest.param(
            IDENTITY.replace("0 1 0 0", "0 1 0,5 0"),
            "line 2: .* found 5 numbers .*point",
            id="decimal comma",
        ),
        pytest.param(
            IDENTITY.replace("0 0 1 0", "0 0 one 0"),
            "line 3: .* not a number",
            id="word",
        ),
        pytest.param(IDENTITY.replace("1 0 0 0", "1 0 0 nan"), "not finite", id="nan"),
        pytest.param(
            "1 0 0 0\n0 1 0 0\n0 0 1 0\n5 6 7 1\n", "looks transposed", id="transposed"
        ),
        pytest.param(
            IDENTITY.replace("0 0 0 1", "0 0 0 2"), "must be 0 0 0 1", id="last line"
        ),
        pytest.param(
            IDENTITY.replace("0 1 0 0", "0 -1 0 0"), "mirror image", id="mirror"
        ),
        pytest.param(
            "10 0 0 0\n0 10 0 0\n0 0 10 0\n0 0 0 1\n", "have 10 10 10", id="scaled"
        ),
        pytest.param(
            "1 0.1 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n", "right angles", id="sheared"
        ),
    ],
)
def test_what_is_not_rigid_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_matrix(written(tmp_path, text))


def test_a_missing_file_is_refused_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.txt: .*no such file"):
        read_matrix(tmp_path / "absent.txt")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xff\xfe\x00\x01", id="not text"),
        pytest.param(b"1 0 0 0\0", id="zero bytes"),
        pytest.param(b"# long\n" * 20_000, id="very long"),
    ],
)
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "matrix.txt"
    path.write_bytes(content)

    with pytest.raises(InputError, match="four lines of four numbers"):
        read_matrix(path)
