"""A TLS context for a server, from keys that are in memory."""

from __future__ import annotations

import ssl
from pathlib import Path
from tempfile import TemporaryDirectory

from localcluster.certificates import KeyPair


def server_context(serving: KeyPair, *, client_authority: bytes | None = None) -> ssl.SSLContext:
    """Clients may show a certificate of `client_authority` (PEM); one signed by others ends the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if client_authority is not None:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=client_authority.decode())
    with TemporaryDirectory() as folder:  # the ssl module reads a key from a file only
        pem = Path(folder, "serving.pem")
        pem.touch(mode=0o600)
        pem.write_bytes(serving.certificate + serving.key)
        context.load_cert_chain(pem)
    return context
