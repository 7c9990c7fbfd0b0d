"""An address has a pace, a body has a time, and a flood of addresses costs no memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dashboard.access import gate
from dashboard.access.gate import Gate, TooSlow
from dashboard.access.origins import Origins
from dashboard.access.paces import Pace, Paces, address_of

ORIGINS = Origins.loopback(8080)


class Door:
    """A gate before an app that says "through", and a clock that goes when it is told to."""

    def __init__(self, **options: Any) -> None:
        self.now = 0.0
        self.read: list[bytes] = []
        self.gate = self._gate = Gate(self._app, ORIGINS, steady=lambda: self.now, **options)

    def knock(self, path: str = "/", *, address: str = "10.0.0.1", **more: Any) -> int:
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "localhost:8080", "REMOTE_ADDR": address}
        b"".join(self._gate({**environ, "wsgi.input": io.BytesIO(), **more}, self._start))
        return int(self.status)

    def let_through(self, path: str, *, address: str = "10.0.0.1", tries: int = 20_000) -> int:
        """How many at once until one is refused."""
        return next((n for n in range(tries) if self.knock(path, address=address) == 429), tries)

    def _app(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.read.append(environ["wsgi.input"].read())
        start_response("200 OK", [])
        return [b"through"]

    def _start(self, status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        self.status = int(status.split()[0])
        self.headers = dict(headers)


def test_an_address_that_asks_too_fast_is_told_when_to_come_again() -> None:
    door = Door()
    assert door.let_through("/") == gate.REQUESTS_AT_ONCE
    assert (door.status, door.headers["Retry-After"]) == (429, "1")
    door.now += 1
    assert door.let_through("/") == gate.REQUESTS_PER_SECOND


def test_what_is_refused_is_counted() -> None:
    door = Door()
    door.let_through("/")
    door.knock(HTTP_HOST="evil.example")
    assert door.gate.answers == {"200": gate.REQUESTS_AT_ONCE, "429": 1, "421": 1}


def test_the_noise_of_one_address_is_not_laid_to_another() -> None:
    door = Door()
    door.let_through("/")
    assert door.knock(address="10.0.0.2") == 200


def test_probes_are_answered_however_noisy_the_neighbours_are() -> None:
    door = Door()
    door.let_through("/")
    assert [door.knock(path) for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 429]


def test_a_page_with_all_its_files_is_far_from_the_pace() -> None:
    assert Door().let_through("/static/abc/js/main.js") >= 9 * gate.REQUESTS_AT_ONCE


def test_a_body_that_trickles_in_is_given_up_and_the_connection_closed() -> None:
    @contextmanager
    def no_time() -> Iterator[None]:
        raise TooSlow
        yield

    door = Door(within=no_time)
    assert door.knock(REQUEST_METHOD="POST", CONTENT_LENGTH="10") == 408
    assert door.headers["Connection"] == "close"
    assert door.read == []


def test_a_route_gets_the_body_whole_and_no_more() -> None:
    door = Door()
    assert door.knock(REQUEST_METHOD="POST", CONTENT_LENGTH="3", **{"wsgi.input": io.BytesIO(b"abcdef")}) == 200
    assert door.read == [b"abc"]


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::9", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("unix:", "unix:"),
    ],
)
def test_a_household_counts_as_one(told: str, counted: str) -> None:
    assert address_of({"REMOTE_ADDR": told}) == counted


def test_a_flood_of_addresses_is_forgotten_and_the_busy_one_is_not() -> None:
    paces = Paces(1, burst=2, steady=lambda: 0.0, keys_max=100)
    for number in range(10_000):
        paces.allows(str(number))
        paces.allows("busy")
    assert len(paces) <= 100
    assert not paces.allows("busy")


def test_a_pace_lets_a_burst_through_and_then_so_many_a_second() -> None:
    now = [0.0]
    pace = Pace(10, burst=50, steady=lambda: now[0])
    assert sum(pace.allows() for _ in range(100)) == 50
    now[0] += 2.0
    assert sum(pace.allows() for _ in range(100)) == 20
