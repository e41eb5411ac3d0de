from pathlib import Path

import pytest

import reirrad
from reirrad.reports.script_text import bare_script

MODULES = sorted((Path(reirrad.__file__).parent / "reports" / "viewer").glob("*.js"))


def test_comments_go_and_the_program_stays() -> None:
    text = """/** What it is. */

import { a } from "./a.js";

/**
 * Twice.
 *
 * @param {number} x
 */
export function twice(x) {
  // The reason.
  return /** @type {number} */ (2 * x) + a["/ * /"];
}
"""
    assert bare_script(text) == (
        'import { a } from "./a.js";\n'
        "export function twice(x) {\n"
        '  return  (2 * x) + a["/ * /"];\n'
        "}\n"
    )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_every_module_keeps_its_exports(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    bare = bare_script(text)
    assert bare.count("\nexport ") + bare.startswith("export ") == sum(
        line.startswith("export ") for line in text.splitlines()
    )
    assert "/**" not in bare
