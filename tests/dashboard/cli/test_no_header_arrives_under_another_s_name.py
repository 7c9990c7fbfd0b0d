"""A server may take X_Forwarded_User for X-Forwarded-User; ours takes it for nothing, by a setting and in truth."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from gunicorn.config import ForwardedAllowIPS, HeaderMap
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from gunicorn.http.wsgi import create

from dashboard.access.forwarded import Proxies, Said, said_of
from dashboard.cli.serve import Application
from dashboard.settings import Settings


@pytest.fixture
def cfg(tmp_path: Path) -> Any:
    return Application(Settings(data_dir=tmp_path)).cfg


def arrived(cfg: Any, *lines: str) -> dict[str, Any]:
    """The environ of a request with these headers, as the server makes it."""
    text = "\r\n".join(["GET / HTTP/1.1", "Host: x", *lines, "", ""]).encode()
    peer = ("127.0.0.1", 5)
    request = Request(cfg, IterUnreader(iter([text])), peer)
    with socket.socket() as nobody:
        _response, environ = create(request, nobody, peer, ("127.0.0.1", 8080), cfg)
    return dict(environ)


def test_it_is_set_and_not_left_to_a_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HeaderMap, "default", "dangerous")
    monkeypatch.setattr(ForwardedAllowIPS, "default", "*")
    made = Application(Settings(data_dir=tmp_path)).cfg
    assert (made.header_map, made.forwarded_allow_ips) == ("drop", [])


def test_a_name_with_underscores_never_arrives(cfg: Any) -> None:
    environ = arrived(cfg, "X-Forwarded-User: ada", "X_Forwarded_User: root", "X_Forwarded_Groups: admins")
    assert (environ["HTTP_X_FORWARDED_USER"], "HTTP_X_FORWARDED_GROUPS" in environ) == ("ada", False)
    Proxies.of(["127.0.0.1/32"], tell_who=True).receive(environ)
    assert said_of(environ) == Said("ada")


def test_where_it_were_taken_it_would_be_seen_here(cfg: Any) -> None:
    cfg.set("header_map", "dangerous")
    assert "root" in arrived(cfg, "X_Forwarded_User: root")["HTTP_X_FORWARDED_USER"]
