"""Sockets are counted for as long as they are open: by house, by address, by session, and by how fast they come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.live import admission
from dashboard.live.admission import Admission


class House:
    """An admission before an app in which sockets stay for as long as the test wants."""

    def __init__(self, **options: Any) -> None:
        self.now = 0.0
        self.full = False
        self._inside: Callable[[], None] = lambda: None
        self.admission = self._admission = Admission(
            self._app, is_full=lambda: self.full, session_of=lambda environ: environ.get("session"),
            share_of=lambda environ: environ.get("share"), steady=lambda: self.now, **options,
        )  # fmt: skip

    def open(
        self, *, session: str | None = "s", address: str = "10.0.0.1", path: str = "/socket.io/",
        share: str | None = None,
    ) -> int:  # fmt: skip
        """One socket that leaves at once."""
        environ = {"PATH_INFO": path, "REMOTE_ADDR": address, "session": session, "share": share}
        self.said = b"".join(self._admission(environ, self._start)).decode()
        return self.status

    def stay(self, count: int, then: Callable[[], None], **who: Any) -> None:
        """That many at once, and while they are open `then`."""
        if not count:
            return then()
        self._inside = lambda: self.stay(count - 1, then, **who)
        self.now += 1
        assert self.open(**who) == 200
        return None

    def _app(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        del environ
        inside, self._inside = self._inside, lambda: None
        inside()
        start_response("200 OK", [])
        return []

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status = int(status.split()[0])
        self.headers = dict(headers)


def test_a_full_house_is_told_apart_from_a_person_with_too_many_tabs() -> None:
    house = House()
    house.full = True
    assert (house.open(), house.headers["Retry-After"]) == (503, "5")
    assert house.open(path="/") == 200


def test_a_session_has_twenty_places_and_another_session_has_its_own() -> None:
    house = House()

    def full() -> None:
        assert (house.open(), house.headers["Retry-After"]) == (429, "5")
        assert house.open(session="another") == 200

    house.stay(20, full)
    assert house.open() == 200


def test_who_is_nobody_we_know_is_refused_at_once_and_takes_no_place() -> None:
    house = House(per_address=5)

    def look_on() -> None:
        assert house.open(session=None) == 401
        assert house.open(session="one more") == 200

    house.stay(4, look_on)
    house.full = True
    assert house.open(session=None) == 401
    assert "Retry-After" not in house.headers


def test_an_address_has_fifty_places_whoever_sits_there() -> None:
    house = House(per_address=5)

    def full() -> None:
        assert house.open(session="one more") == 429
        assert house.open(session="one more", address="10.0.0.2") == 200

    house.stay(5, full, session="each its own")
    assert house.open(session="one more") == 200
    assert admission.PER_ADDRESS == 50


def test_handshakes_of_an_address_have_a_pace() -> None:
    house = House()
    assert sum(house.open() == 200 for _ in range(1000)) == admission.PER_ADDRESS
    house.now += 1
    assert sum(house.open() == 200 for _ in range(1000)) == admission.HANDSHAKES_PER_SECOND
    assert house.open(address="10.0.0.2") == 200


def test_who_leaves_in_an_error_leaves_nothing_behind() -> None:
    house = House(per_address=1)

    def fail() -> None:
        raise OSError("gone")

    for _ in range(3):
        house._inside = fail
        with pytest.raises(OSError, match="gone"):
            house.open()
    assert house.open() == 200


def test_a_share_link_has_a_hundred_places_and_another_link_has_its_own() -> None:
    house = House(per_address=1000)

    def full() -> None:
        assert (house.open(share="a"), house.headers["Retry-After"]) == (429, "5")
        assert "share link" in house.said
        assert house.open(share="b") == 200
        assert house.open(session="a person") == 200
        assert house.admission.of_share("a") == 100

    house.stay(100, full, share="a")
    assert house.admission.of_share("a") == 0
    assert house.open(share="a") == 200
