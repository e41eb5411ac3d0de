"""The review page inside one file: its modules joined, its data embedded."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from reirrad.reports.page_blocks import Json
from reirrad.reports.scene_files import PackedScene
from reirrad.reports.script_text import bare_script

__all__ = ["EmbeddedViewer", "embedded_viewer", "joined_script"]

VIEWER = files("reirrad.reports") / "viewer"
ENTRY = "embedded"
STYLES = ("viewer.css", "answers.css")
START = 'await showEmbedded(document.getElementById("viewer"));\n'
IMPORT = re.compile(
    r'^import \{[^}]*\} from "\./(?P<viewer>viewer/)?(?P<name>\w+)\.js";\n',
    re.MULTILINE,
)
EXPORT = re.compile(
    r"^export (?=(?:async )?(?:function|const|let|class)\b)", re.MULTILINE
)


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedViewer:
    """Everything that a page needs to show a case without a server.

    Parameters
    ----------
    style, script
        As they stand in the page.
    script_hash
        By which the page's policy allows this script and no other.
    page, manifest
        JSON that is safe inside a script element.
    parts
        Name of each part of the scene to its bytes in base64.
    """

    style: str
    script: str
    script_hash: str
    page: str
    manifest: str
    parts: Mapping[str, str]


def embedded_viewer(page: Json, scene: PackedScene) -> EmbeddedViewer:
    """The viewer of one case.

    Parameters
    ----------
    page
        Of :func:`reirrad.reports.case_page.case_page`.
    scene
        What is drawn; for a report packed for display only.
    """
    script = joined_script(ENTRY) + START
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return EmbeddedViewer(
        style=_viewer_style(),
        script=script,
        script_hash=f"sha256-{base64.b64encode(digest).decode('ascii')}",
        page=_inside_script(json.dumps(page, allow_nan=False, separators=(",", ":"))),
        manifest=_inside_script(scene.manifest_json),
        parts={
            name: base64.b64encode(content).decode("ascii")
            for name, content in sorted(scene.parts.items())
        },
    )


def joined_script(entry: str, folder: Traversable = VIEWER) -> str:
    """The modules that an entry needs, as one script.

    Each stands after those that it imports. Imports, exports and comments are left out:
    names at the top of the modules are all different.

    Parameters
    ----------
    entry
        Name of a module without its ending.
    folder
        Where it is. What it imports from ``./viewer/`` is found in this package.
    """
    joined: dict[tuple[str, str], str] = {}
    _join(entry, folder, joined)
    return "".join(joined.values())


def _viewer_style() -> str:
    """The style sheets of the viewer and of the answers."""
    return "".join((VIEWER / name).read_text(encoding="utf-8") for name in STYLES)


def _join(name: str, folder: Traversable, joined: dict[tuple[str, str], str]) -> None:
    module = (folder.name, name)
    if module in joined:
        return
    joined[module] = ""
    text = (folder / f"{name}.js").read_text(encoding="utf-8")
    for found in IMPORT.finditer(text):
        _join(found["name"], VIEWER if found["viewer"] else folder, joined)
    del joined[module]
    joined[module] = EXPORT.sub("", IMPORT.sub("", bare_script(text)))


def _inside_script(text: str) -> str:
    """JSON without the letter that could end a script element."""
    return text.replace("<", "\\u003c")
