"""Cookies ignore ports: whatever another program of the host has set beside ours, ours is still found."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.access.guard import Access
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.sessions import Sessions


@pytest.mark.parametrize(
    "odd",
    [
        "a[b]=1",
        'json={"a": 1}',
        "x y=1",
        "a=b c",
        "=",
        ";;",
        "no-value",
        'q="open',
        "a=\\777",
        "ü=ä",
        "a,b=1",
        "@=(",
        "$=1",
    ],
)
def test_our_cookie_is_found_among_odd_ones(tmp_path: Path, odd: str) -> None:
    access = Access(
        sessions=Sessions(lambda: 0.0), links=SignInLinks("x", tmp_path), origins=Origins.loopback(8080), port=8080
    )
    session, secret = access.sessions.open(by="operator")
    for header in (f"{odd}; surgeboard-8080={secret}", f"surgeboard-8080={secret}; {odd}"):
        assert access.session_of({"HTTP_COOKIE": header, "HTTP_HOST": "localhost:8080"}) is session
