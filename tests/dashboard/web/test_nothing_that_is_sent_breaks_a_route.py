"""Anything at all, sent to any route by anybody: the answer is never a failure of ours. FUZZ_CASES makes it longer."""

from __future__ import annotations

import ipaddress
import itertools
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.access.capabilities import ROUTES

SHORT = 15
CASES = int(os.environ.get("FUZZ_CASES", SHORT))
WEB = Path(__file__).resolve().parents[3] / "dashboard" / "web"
FIELDS = sorted(
    {name for file in WEB.rglob("*.py") for name in re.findall(r"\.get(?:list)?\(\"([a-z_]+)\"", file.read_text())}
)
"""Every name that a route looks for, and some more."""
ODD = ("", " ", "0", "-1", "1e308", "NaN", "٦٠", "9" * 400, "\x00", "\u202e", "..", "../../etc/passwd", "%00", "null",
       "[]", "{}", '{"$gt":0}', "' OR 1=1 --", "<script>", "{{7*7}}", "\r\nSet-Cookie: x=1", "\ud7ff", "🎈" * 50,
       "2026-11-23T12:00:00Z", "0001-01-01T00:00:00Z", "+999999-01-01", "flask", "mongodb", "own", "guestbook",
       "steps", "01M83X1QXRFY6TVQZCQ7TRZJSV", "v1/ConfigMap/flask/guestbook")  # fmt: skip
TEXT = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PARTS = st.sampled_from(["flask", "1", "x", "operator", "..", "%2e%2e", "~"]) | TEXT
PAIRS = st.lists(st.tuples(st.sampled_from(FIELDS) | TEXT, TEXT), max_size=8)
HEADERS = st.dictionaries(
    st.sampled_from(["Accept", "HX-Target", "HX-Request", "If-None-Match", "If-Modified-Since", "Range",
                     "Sec-Fetch-Mode", "Accept-Language", "Content-Type", "Authorization", "Cookie"]),
    st.sampled_from(["", "*/*", "text/html", "application/json", "bytes=0-", "bytes=-1", "\"", "x" * 3000, "navigate",
                     "bad-refusal", "application/x-www-form-urlencoded", "multipart/form-data; boundary=", "a=b;=;c"]),
    max_size=4,
)  # fmt: skip
BODY = st.one_of(
    PAIRS.map(lambda pairs: "&".join(f"{quote(key)}={quote(text)}" for key, text in pairs).encode()),
    st.dictionaries(TEXT, st.recursive(TEXT | st.none() | st.integers() | st.floats(), st.lists, max_leaves=5),
                    max_size=5).map(lambda document: json.dumps(document).encode()),
    st.binary(max_size=300),
)  # fmt: skip


def sent(web: Any, client: Any, data: st.DataObject, endpoint: str, htmx: Callable[..., dict[str, str]]) -> int:
    """One request for an address of the endpoint, made of anything."""
    rule = data.draw(st.sampled_from([each for each in web.app.url_map.iter_rules() if each.endpoint == endpoint]))
    path = re.sub(r"<[^>]+>", lambda _: quote(data.draw(PARTS), safe="/~"), rule.rule)
    query = "&".join(f"{quote(key)}={quote(text)}" for key, text in data.draw(PAIRS))
    method = data.draw(st.sampled_from(sorted(rule.methods)))
    headers = data.draw(HEADERS)
    if data.draw(st.booleans()):
        headers = {**headers, **htmx()}
    with client.open(f"{path}?{query}", method=method, headers=headers, data=data.draw(BODY)) as answer:
        return int(answer.status_code)


def address_of(number: int) -> str:
    """Another for each person who comes in."""
    return str(ipaddress.IPv4Address("10.0.0.0") + number)


@pytest.mark.parametrize("endpoint", sorted(ROUTES))
def test_no_request_is_answered_with_a_failure_of_ours(
    web: Any, recorded: Any, htmx: Callable[..., dict[str, str]], endpoint: str
) -> None:
    recorded()
    web.views.put("connection", "cluster", {"state": "live"})  # else the probe says rightly that it is not
    signed_in, stranger = web.signed_in(), web.client()
    numbers = itertools.count()

    @settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=CASES == SHORT)
    @given(st.data())
    def send(data: st.DataObject) -> None:
        nonlocal signed_in
        if endpoint == "sign_in.sign_out":
            signed_in = web.signed_in(address=address_of(next(numbers)))  # none comes too often
        client = data.draw(st.sampled_from([signed_in, stranger]))
        status = sent(web, client, data, endpoint, htmx)
        assert status < 500, status
        assert client is signed_in or status not in range(200, 300) or ROUTES[endpoint].value in {"public", "frame"}

    send()
