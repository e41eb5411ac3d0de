from pathlib import Path

import pytest

from reirrad.dicom.network.credentials import load_credentials
from reirrad.errors import InputError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "credentials.toml"
    file.touch(mode=0o600)
    return file


def test_they_come_from_the_file_before_the_environment(file: Path) -> None:
    environment = {"REIRRAD_DICOMWEB_TOKEN": "of the environment"}
    file.write_text('user = "me"\npassword = "hidden"\n')

    found = load_credentials(file, environment)
    assert found is not None
    assert (found.user, found.password, found.token) == ("me", "hidden", "")
    assert "hidden" not in repr(found)

    found = load_credentials(None, environment)
    assert found is not None
    assert {"REIRRAD_DICOMWEB_TOKEN": found.token} == environment
    assert load_credentials(None, {}) is None


@pytest.mark.parametrize(
    "content",
    [
        'user = "me"',
        'password = "hidden"',
        'user = "me"\npassword = "hidden"\ntoken = "hidden"',
        'user = "me"\npassword = 5',
        'user = "me"\npassword = ""',
        'user = "m:e"\npassword = "hidden"',
        'user = "me"\npasswort = "hidden"',
        "hidden",
        "",
    ],
)
def test_incomplete_ones_are_refused_and_not_quoted(file: Path, content: str) -> None:
    file.write_text(content)

    with pytest.raises(InputError, match="--credentials") as refusal:
        load_credentials(file, {})
    assert "hidden" not in str(refusal.value)


def test_a_file_that_others_can_read_is_refused(file: Path) -> None:
    file.write_text('token = "hidden"')
    file.chmod(0o640)

    with pytest.raises(InputError, match="chmod 600"):
        load_credentials(file, {})


def test_half_an_environment_is_refused() -> None:
    with pytest.raises(InputError, match="REIRRAD_DICOMWEB_PASSWORD"):
        load_credentials(None, {"REIRRAD_DICOMWEB_USER": "me"})
