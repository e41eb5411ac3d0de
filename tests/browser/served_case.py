"""A case served on loopback: the viewer's modules, a packed scene and a bare page."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import reirrad
from reirrad.reports.case_page import case_page
from reirrad.reports.script_text import bare_script
from tests.reports.specimens import single_course

__all__ = ["VIEWER", "case_files", "serving"]

VIEWER = Path(reirrad.__file__).parent / "reports" / "viewer"
PAIR: dict[str, Any] = {
    "resbrt_type": "Type 1B",
    "as_applied_type": "Type 1B",
    "estro_eortc": "type 1",
    "tone": "verdict",
    "policy": "",
    "reasons": [],
    "sure": None,
}
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src blob: data:"
)
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Case</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/viewer/viewer.css">
<link rel="stylesheet" href="/viewer/answers.css">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/open.js"></script></head>
<body><div id="case"></div></body></html>"""
OPEN = """import { showCase } from "./viewer/case.js";
const json = async (name) => (await fetch(name)).json();
const part = async (name) => {
  const answer = await fetch(`scene/${name}`);
  return new Uint8Array(await answer.arrayBuffer());
};
const start = performance.now();
const [manifest, page] = [await json("scene/manifest.json"), await json("page.json")];
const root = document.getElementById("case");
const asks = { count: 0, answer: async () => null };
window.asks = asks;
const source = { manifest, part, page, reading: null };
if (location.search === "?native") {
  source.reading = async (point) => { asks.count++; return asks.answer(point); };
}
window.open_again = async () => (window.view = await showCase(root, source));
await window.open_again();
await window.view.drawnFirst;
root.dataset.openedMs = String(performance.now() - start);
"""


def case_files(
    manifest: Mapping[str, Any], parts: Mapping[str, bytes], page: Mapping[str, Any]
) -> dict[str, bytes]:
    """Everything a page needs to show one case, by path.

    `page` says what its test is about; the answers of a single course fill the rest.
    """
    answers = case_page(single_course()) | dict(page)
    answers["pairs"] = [PAIR | pair for pair in page.get("pairs", ())]
    files = {
        "/": PAGE.encode(),
        "/open.js": OPEN.encode(),
        "/page.css": b"body { margin: 0; background: #000; }",
        "/page.json": json.dumps(answers).encode(),
        "/scene/manifest.json": json.dumps(manifest).encode(),
    }
    return files | {f"/scene/{name}": part for name, part in parts.items()}


def _viewer_file(name: str) -> bytes | None:
    source = VIEWER / name
    if not source.is_file():
        return None
    text = source.read_text(encoding="utf-8")
    return (bare_script(text) if source.suffix == ".js" else text).encode()


class _Server(ThreadingHTTPServer):
    """A browser asks for all modules at once."""

    request_queue_size = 64


@contextmanager
def serving(files: Mapping[str, bytes]) -> Iterator[str]:
    """Address of a server on loopback that gives these files and the viewer's."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            body = files.get(path)
            if body is None and path.startswith("/viewer/"):
                body = _viewer_file(Path(path).name)
            self.send_response(404 if body is None else 200)
            suffix = Path(path).suffix if path != "/" else ".html"
            kind = TYPES.get(suffix, "application/octet-stream")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
