"""Where the recordings are, and a fresh API server to play them against."""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from localcluster.apiserver.assembly import ApiSettings, assemble

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def recordings() -> Path:
    """The folder of recordings of a real cluster; the test is skipped without it."""
    folder = Path(os.environ.get("SURGEBOARD_GOLDEN") or _ROOT.parent / "shared" / "golden")
    if not folder.is_dir():
        pytest.skip("skipped: no recordings")
    return folder


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """An admin's session and the address of a fresh API server."""
    api = assemble(ApiSettings())
    await api.start()
    pem = tmp_path / "admin.pem"
    pair = api.admin()
    pem.write_bytes(pair.certificate + pair.key)
    context = ssl.create_default_context(cadata=api.authority.certificate.decode())
    context.load_cert_chain(pem)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        yield session, api.url
    await api.stop()


@pytest.fixture
async def stranger() -> AsyncIterator[aiohttp.ClientSession]:
    """A session without a certificate; it does not check the server's either."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session:
        yield session
