import platform
from importlib.metadata import version

from reirrad.workflows.installation import installation_facts


def test_the_installation_is_identified() -> None:
    facts = dict(installation_facts())
    assert facts["reirrad"] == version("reirrad")
    assert facts["Python"].startswith(platform.python_version())
    assert f"numpy {version('numpy')}" in facts["Libraries"]
    assert f"pydicom {version('pydicom')}" in facts["Libraries"]
    assert "pytest" not in facts["Libraries"]
    assert facts["Processor"].endswith("logical cores")
    assert all(facts.values())


def test_the_fingerprint_is_that_of_the_program() -> None:
    first, second = (dict(installation_facts()) for _ in range(2))
    name = "Fingerprint of program and tables"
    assert first[name] == second[name]
    assert len(first[name]) == 16
