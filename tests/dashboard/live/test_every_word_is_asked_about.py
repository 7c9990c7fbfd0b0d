"""A right that is gone is gone at the next word a browser says, and at once when somebody is signed out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from dashboard.live.sockets import EVENTS_PER_SECOND, Sockets
from dashboard.store.views import Views


class Quiet(WSGIRequestHandler):
    def log(self, *_arguments: Any) -> None:
        """Nobody reads it."""


class Place:
    """Sockets that ask about nobody by themselves for an hour. `people` are signed in, `gets` is what they may."""

    def __init__(self, origin: str) -> None:
        app = Flask(__name__)
        self.people = {"good", "other"}
        self.gets: Literal["full", "shared"] | None = "full"
        self.seen: list[dict[str, Any]] = []
        self.sockets = Sockets(
            app, Views(epoch="test"), origins=[origin], authorize=self._authorize, async_mode="threading",
            audience_of=lambda _person, _wish: self.gets, recheck=3600.0, ping=600,
        )  # fmt: skip
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.sockets.start()
        self._thread.start()

    def _authorize(self, environ: dict[str, Any]) -> str | None:
        self.seen.append(environ)
        who = str(environ.get("HTTP_COOKIE"))
        return who if who in self.people else None

    def close(self) -> None:
        self.sockets.stop()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)


@pytest.fixture
def place(origin: str) -> Iterator[Place]:
    made = Place(origin)
    yield made
    made.close()


@pytest.fixture
def joined(place: Place, browser: Any) -> Iterator[Callable[..., Any]]:
    opened: list[Any] = []

    def join(cookie: str = "good") -> Any:
        opened.append(browser(place.server.server_port, cookie=cookie))
        assert opened[-1].event()[0] == "snapshot"
        return opened[-1]

    yield join
    for each in opened:
        each.socket.close()


def words_until_closed(looking: Any) -> list[str]:
    heard: list[str] = []
    try:
        while True:
            heard.append(looking.text())
    except ConnectionError:
        return heard


def test_who_may_not_any_more_gets_no_answer_to_what_they_ask(place: Place, joined: Any) -> None:
    looking = joined()
    place.people.clear()
    looking.say('42["resync",{}]')
    assert not [text for text in words_until_closed(looking) if "snapshot" in text]


@pytest.mark.parametrize("words", ['42["anything",1]', "40/other,", "41", '450-["x"]'])
def test_no_other_word_is_heard_either(place: Place, joined: Any, words: str) -> None:
    looking = joined()
    place.people.clear()
    looking.say(words)
    words_until_closed(looking)


def test_who_still_may_is_answered(joined: Any) -> None:
    looking = joined()
    looking.say('42["resync",{}]')
    assert looking.event()[0] == "snapshot"


def test_signing_somebody_out_closes_their_sockets_now_and_nobody_elses(place: Place, joined: Any) -> None:
    gone, stays = joined("good"), joined("other")
    place.people.discard("good")
    place.sockets.look_again()
    words_until_closed(gone)
    stays.say('42["resync",{}]')
    assert stays.event()[0] == "snapshot"


def test_more_messages_than_a_page_sends_end_the_connection(place: Place, joined: Any) -> None:
    place.sockets._steady = lambda: 0.0
    looking = joined()
    for _ in range(EVENTS_PER_SECOND + 1):  # a pace of all packets lets twice as many through
        looking.say('42["resync",{}]')
    words_until_closed(looking)


def test_more_packets_that_are_no_messages_than_a_page_sends_end_it_too(joined: Any) -> None:
    looking = joined()
    for _ in range(1000):  # a few thousand bytes, far below the pace of those
        looking.say("3")
    words_until_closed(looking)


def test_who_may_see_nothing_is_refused_as_they_connect(place: Place, browser: Any) -> None:
    place.gets = None
    looking = browser(place.server.server_port)
    assert looking.welcome.startswith("44")
    assert place.sockets.hub.count == 0
    looking.close()


def test_who_may_see_less_than_before_has_to_come_again(place: Place, joined: Any) -> None:
    looking = joined()
    place.gets = "shared"
    place.sockets.look_again()
    words_until_closed(looking)


def test_who_never_says_hello_is_sent_off(place: Place, browser: Any) -> None:
    looking = browser(place.server.server_port, hello=False)
    looking.text()
    place.sockets._steady = lambda: time.monotonic() + 3601
    place.sockets.look_again()
    words_until_closed(looking)
    looking.close()


@pytest.mark.parametrize("reason", ["PING_TIMEOUT", "TRANSPORT_ERROR", "SERVER_DISCONNECT"])
def test_who_is_given_up_loses_the_connection_though_it_reads_nothing(place: Place, joined: Any, reason: str) -> None:
    """A writer that is stuck behind it would else keep all that waits until TCP gives up."""
    looking = joined()
    (sid,) = place.sockets._eio.sockets
    place.sockets._eio.handlers["disconnect"](sid, getattr(place.sockets._eio.reason, reason))
    words_until_closed(looking)


def test_what_was_found_at_the_handshake_is_there_when_it_is_asked_again(place: Place, joined: Any) -> None:
    joined()
    place.seen[-1]["surgeboard.session"] = "s1"
    place.sockets.look_again()
    end = time.monotonic() + 30
    while len(place.seen) < 2:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert place.seen[-1]["surgeboard.session"] == "s1"
