"""A PACS on loopback: Orthanc with its DICOMweb plugin, in a folder of its own."""

import json
import os
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

__all__ = [
    "OWN_TITLE",
    "Certificates",
    "Pacs",
    "free_port",
    "made_certificates",
    "pacs",
]

ORTHANC = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin")
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
OPENSSL = shutil.which("openssl")
OWN_TITLE = "REIRRAD"
START_S = 30.0


@dataclass(frozen=True)
class Certificates:
    """A throwaway authority and what it signed, all for 127.0.0.1."""

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True)
class Pacs:
    """A running Orthanc."""

    port: int
    web: str
    own_port: int
    """Port to which it moves objects for us."""

    @property
    def address(self) -> str:
        return f"ORTHANC@127.0.0.1:{self.port}"

    def rest(self, path: str, body: object = None) -> Any:
        """Ask Orthanc's own interface; only of a PACS without TLS."""
        data = None if body is None else json.dumps(body).encode()
        root = self.web.removesuffix("/dicom-web")
        method = "GET" if body is None else "POST"
        if body == "DELETE":
            data, method = None, "DELETE"
        request = urllib.request.Request(f"{root}{path}", data, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            content = answer.read()
        return json.loads(content) if content else None

    def instances(self) -> list[str]:
        found: list[str] = self.rest("/instances")
        return found

    def emptied(self) -> "Pacs":
        for patient in self.rest("/patients"):
            self.rest(f"/patients/{patient}", "DELETE")
        return self


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def made_certificates(folder: Path) -> Certificates:
    """A new authority, and a certificate of it for 127.0.0.1."""
    if OPENSSL is None:
        pytest.skip("openssl is not installed: no certificates can be made")
    folder.mkdir(parents=True, exist_ok=True)

    def run(arguments: str) -> None:
        subprocess.run(  # noqa: S603 - a fixed program
            [str(OPENSSL), *arguments.split()],
            cwd=folder,
            check=True,
            capture_output=True,
        )

    new_key = "-newkey rsa:2048 -nodes -days 2"
    run(f"req -x509 {new_key} -keyout ca.key -out ca.pem -subj /CN=Throwaway")
    run(f"req {new_key} -keyout own.key -out own.csr -subj /CN=node")
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
    run(
        "x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
        "-extfile san -out own.pem"
    )
    return Certificates(folder / "ca.pem", folder / "own.pem", folder / "own.key")


@contextmanager
def pacs(folder: Path, **more: object) -> Iterator[Pacs]:
    """Start Orthanc, wait until it answers, and stop it in the end."""
    if ORTHANC is None or not PLUGIN.exists():
        pytest.skip(
            "Orthanc with its DICOMweb plugin is not installed (Debian packages "
            "orthanc and orthanc-dicomweb)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    port, web_port, own_port = free_port(), free_port(), free_port()
    configuration = {
        "Name": "test",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "DicomAet": "ORTHANC",
        "DicomPort": port,
        "DicomCheckCalledAet": True,
        "DicomAlwaysAllowStore": False,
        "DicomAlwaysAllowEcho": False,
        "HttpPort": web_port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "UnknownSopClassAccepted": True,
        "StableAge": 1,
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        "DicomModalities": {
            "reirrad": {
                "AET": OWN_TITLE,
                "Host": "127.0.0.1",
                "Port": own_port,
                "AllowGet": True,
            }
        },
        **more,
    }
    file = folder / "orthanc.json"
    file.write_text(json.dumps(configuration))
    running = Pacs(port, f"http://127.0.0.1:{web_port}/dicom-web", own_port)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - a fixed program
            [str(ORTHANC), str(file)],
            stdout=log,
            stderr=log,
            # Orthanc's DICOM library otherwise holds small answers back for 40 ms.
            env={**os.environ, "TCP_NODELAY": "1"},
        )
    try:
        _wait(process, [port, web_port], folder / "log")
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@contextmanager
def https(running: Pacs, certificates: Certificates) -> Iterator[str]:
    """An https address in front of a PACS, as a reverse proxy gives it.

    Orthanc 1.10.1 of Debian ends with a fault of memory at its first https request.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    target = int(running.web.split(":")[2].split("/")[0])

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                secured = context.wrap_socket(self.request, server_side=True)
                with secured, socket.create_connection(("127.0.0.1", target)) as plain:
                    _exchange(secured, plain)

    class Proxy(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Proxy(("127.0.0.1", 0), Forward) as proxy:
        serving = threading.Thread(target=proxy.serve_forever, args=(0.05,))
        serving.start()
        try:
            yield f"https://127.0.0.1:{proxy.server_address[1]}/dicom-web"
        finally:
            proxy.shutdown()
            serving.join()


def _exchange(secured: ssl.SSLSocket, plain: socket.socket) -> None:
    """Carry bytes both ways until one side closes."""

    def carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(1 << 16):
                target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    back = threading.Thread(target=carry, args=(plain, secured), daemon=True)
    back.start()
    carry(secured, plain)
    back.join()


def _wait(process: "subprocess.Popen[bytes]", ports: list[int], log: Path) -> None:
    until = time.monotonic() + START_S
    for port in ports:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    pytest.fail(f"Orthanc does not start:\n{log.read_text()[-3000:]}")
                time.sleep(0.05)
