"""A certificate says who somebody is before any token is read: a person's request must not be made with ours."""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dashboard.kube.client import KubeClient
from dashboard.kube.config import from_kubeconfig
from dashboard.kube.credential import Credential, acting_as, writing_as

Pair = tuple[bytes, bytes]


def certified(name: str, signer: Pair | None = None) -> Pair:
    """Certificate and key as PEM; signed by itself without a signer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, signing = subject, key
    if signer is not None:
        issuer = x509.load_pem_x509_certificate(signer[0]).subject
        signing = serialization.load_pem_private_key(signer[1], None)  # type: ignore[assignment]
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(signing, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return made.public_bytes(pem), key.private_bytes(pem, form, plain)


class Server:
    """An API server that asks for a certificate and takes it or leaves it. `met`: (common name, Authorization)."""

    def __init__(self, folder: Path) -> None:
        self.met: list[tuple[str | None, str | None]] = []
        self.authority = certified("authority")
        (folder / "ca.pem").write_bytes(self.authority[0])
        (folder / "server.pem").write_bytes(b"".join(certified("server", self.authority)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        context.load_verify_locations(folder / "ca.pem")
        context.verify_mode = ssl.CERT_OPTIONAL
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"server_of": self}))
        self._http.daemon_threads = True
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class Handler(BaseHTTPRequestHandler):
    server_of: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""

    def do_GET(self) -> None:
        peer: Any = self.connection.getpeercert()  # type: ignore[attr-defined]
        names = [value for part in (peer or {}).get("subject", ()) for key, value in part if key == "commonName"]
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server_of.met.append((next(iter(names), None), self.headers.get("Authorization")))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


setattr(Handler, "do_PATCH", Handler.do_GET)  # noqa: B010 - the name is the library's


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path)
    yield found
    found.close()


@pytest.fixture
def client(server: Server, tmp_path: Path) -> Iterator[KubeClient]:
    """With a kubeconfig that signs in by certificate, as an administrator's does."""
    certificate, key = (base64.b64encode(each).decode() for each in certified("admin", server.authority))
    authority = base64.b64encode(server.authority[0]).decode()
    (tmp_path / "config").write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server.url, "certificate-authority-data": authority}}],
        "users": [{"name": "u", "user": {"client-certificate-data": certificate, "client-key-data": key}}],
    }))  # fmt: skip
    found = KubeClient(from_kubeconfig(str(tmp_path / "config"), context="c"))
    yield found
    found.close()


def test_a_persons_requests_show_their_token_and_no_certificate(server: Server, client: KubeClient) -> None:
    pia = Credential("pia", lambda: "hers")
    client.get("/version")
    with acting_as(pia):
        client.get("/version")
    with writing_as(pia):
        client.get("/version")
        client.patch("/api/v1/namespaces/a", {})
    client.reload()
    with acting_as(pia):
        client.get("/version")

    ours, theirs = ("admin", None), (None, "Bearer hers")
    assert server.met == [ours, theirs, ours, theirs, theirs]
