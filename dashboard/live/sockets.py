"""The websocket: who may open one, what a browser may say, and how the hub's messages get out.

Websocket only, an explicit list of origins, everyone asked who they are when they connect and again and again
while they stay. It decides nothing about rows. Flask's own hooks never run here.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engineio import exceptions
from engineio import packet as frames
from flask import Flask, request
from flask_socketio import ConnectionRefusedError as Refusal
from flask_socketio import SocketIO

from dashboard.access.paces import Pace
from dashboard.live import websocket
from dashboard.live.admission import PER_ADDRESS, Admission
from dashboard.live.audiences import audience_of
from dashboard.live.hub import Hub
from dashboard.live.mailbox import Audience
from dashboard.store.views import Views

log = logging.getLogger(__name__)

PING = 10  # seconds between pings, and for an answer to one
RECHECK = 5.0  # seconds: how long a person signed out may still look on
GRACE = 2.0  # seconds for a last word before the connection is cut
EVENTS_PER_SECOND = 20

Environ = dict[str, Any]
Authorize = Callable[[Environ], Any]
AudienceOf = Callable[[Any, Any], Audience | None]


class Sockets:
    """All browsers' sockets. `authorize` tells the person of a handshake, or None for nobody we know.

    `audience_of(person, wish)`: how much they get, None for nothing; `wish` is what the page said as it connected.
    """

    def __init__(
        self,
        app: Flask,
        views: Views,
        *,
        origins: Sequence[str],
        authorize: Authorize,
        viewers_max: int = 500,
        per_address: int = PER_ADDRESS,
        audience_of: AudienceOf = audience_of,
        async_mode: str = "gevent",
        ping: int = PING,
        recheck: float = RECHECK,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        if not origins or "*" in origins or isinstance(origins, str):
            raise ValueError("give the list of the dashboard's own origins: an empty one would let everybody in")
        websocket.repair()
        self._origins = frozenset(origins)
        self._authorize = authorize
        self._viewers_max = viewers_max
        self._every = recheck
        self._steady = steady
        self._born: dict[str, float] = {}
        self._audience_of = audience_of
        self._joined: dict[str, Audience] = {}
        self._paces: dict[str, Pace] = {}
        self._stop = threading.Event()
        self._wake = threading.Event()
        self.io = SocketIO(
            app,
            async_mode=async_mode,
            transports=["websocket"],
            cors_allowed_origins=sorted(origins),
            ping_interval=ping,
            ping_timeout=ping,
            max_http_buffer_size=websocket.LARGEST_MESSAGE,
            async_handlers=False,
            manage_session=False,
            cookie=None,
            logger=False,
            engineio_logger=False,
        )
        self._eio = self.io.server.eio
        self.hub = Hub(views, self)
        self._wrap_engine()
        self.io.on_event("connect", self._connected)
        self.io.on_event("resync", self._resync)
        self.admission = Admission(
            app.wsgi_app, is_full=self.is_full, session_of=self._session_of, share_of=self._share_of,
            per_address=per_address, steady=steady,
        )  # fmt: skip
        app.wsgi_app = self.admission  # type: ignore[method-assign]

    def start(self) -> None:
        """Check the repaired websocket, then begin to send."""
        websocket.check()
        self.hub.start()
        threading.Thread(target=self._recheck_all, name="sockets", daemon=True).start()

    def stop(self) -> None:
        """Send no more, and let every browser go, so that the server can end at once."""
        self._stop.set()
        self._wake.set()
        self.hub.stop()
        for sid in list(self._eio.sockets):
            self._dismiss(sid)

    def look_again(self) -> None:
        """Somebody has just been signed out: ask about everyone now, not when it is time."""
        self._wake.set()

    def is_full(self) -> bool:
        """Whether one more browser is one too many."""
        # Those that have gone stay in the library's table for a while: they take nobody's place.
        return sum(not each.closed for each in list(self._eio.sockets.values())) >= self._viewers_max

    def _session_of(self, environ: Mapping[str, Any]) -> str | None:
        person = self._authorize(dict(environ))
        return None if person is None else str(getattr(person, "id", person))

    def _share_of(self, environ: Mapping[str, Any]) -> str | None:
        return getattr(self._authorize(dict(environ)), "share", None)

    # The hub's transport

    def pack(self, name: str, payload: bytes, /) -> frames.Packet:
        """A Socket.IO event of the default channel, encoded once for all."""
        return frames.Packet(frames.MESSAGE, data=f'2["{name}",{payload.decode()}]')

    def send(self, browser: str, packed: frames.Packet, /) -> None:
        """To the browser's queue."""
        with contextlib.suppress(exceptions.EngineIOError):
            self._eio.send_packet(browser, packed)

    def is_idle(self, browser: str, /) -> bool:
        """Whether its queue is empty; one message more may be on its way."""
        found = self._eio.sockets.get(browser)
        return found is not None and not found.closed and found.queue.qsize() == 0

    # What browsers do

    def _wrap_engine(self) -> None:
        """Ours around Socket.IO's own handlers: it has no place for a rate, a deadline or a cut."""
        inner = dict(self._eio.handlers)

        def connect(sid: str, environ: Environ) -> Any:
            if environ.get("HTTP_ORIGIN") not in self._origins:
                return False  # a browser always tells; the library lets silence pass
            self._born[sid] = self._steady()
            self._paces[sid] = Pace(EVENTS_PER_SECOND, steady=self._steady)
            return inner["connect"](sid, environ)

        def message(sid: str, data: Any) -> Any:
            pace = self._paces.get(sid)
            if pace is None or not pace.allows():
                log.warning("a browser sent more than %d messages a second and was dropped", EVENTS_PER_SECOND)
                self._dismiss(sid)
                return None
            if not self._may_stay(sid):
                self._dismiss(sid)  # whatever it wants: the right it came with may be gone since
                return None
            answer = inner["message"](sid, data)
            # Only now has the browser been told that it is connected.
            if sid in self._joined and sid in self._born:
                del self._born[sid]
                self.hub.join(sid, self._joined[sid])
            return answer

        def disconnect(sid: str, reason: str) -> Any:
            environ = self.io.server.environ.get(sid, {})
            self._forget(sid)
            answer = inner["disconnect"](sid, reason)
            self._cut(environ, reason=reason)
            return answer

        for name, handler in (("connect", connect), ("message", message), ("disconnect", disconnect)):
            self._eio.on(name, handler)

    def _connected(self, wish: Any = None) -> None:
        audience = self._gets(request.environ, wish)
        if audience is None:
            raise Refusal("signed out")
        sid = request.sid  # type: ignore[attr-defined]
        self._joined[self.io.server.manager.eio_sid_from_sid(sid, "/")] = audience

    def _gets(self, environ: Environ, wish: Any = None) -> Audience | None:
        person = self._authorize(environ)
        return None if person is None else self._audience_of(person, wish)

    def _resync(self, _wish: Any = None) -> None:

        sid = request.sid  # type: ignore[attr-defined]
        self.hub.resync(self.io.server.manager.eio_sid_from_sid(sid, "/"))

    # Keeping watch

    def _recheck_all(self) -> None:
        while True:
            self._wake.wait(self._every)
            self._wake.clear()
            if self._stop.is_set():
                return
            for sid in list(self._eio.sockets):
                try:
                    self._recheck(sid)
                except Exception:
                    log.exception("a browser could not be checked and was dropped")
                    self._dismiss(sid)

    def _recheck(self, sid: str) -> None:
        born = self._born.get(sid)
        if born is not None and self._steady() - born > self._every:
            self._dismiss(sid)  # refused, or it never said hello
            return
        if not self._may_stay(sid):
            self._dismiss(sid)

    def _may_stay(self, sid: str) -> bool:
        """Whether a browser that was let in still may see what it sees; one on its way in is asked at the door."""
        gets = self._joined.get(sid)
        if gets is None:
            return True
        environ = self.io.server.environ.get(sid)
        now = None if environ is None else self._gets(environ)
        # Whoever may see more than they asked for stays with that; whoever may see less has to come again.
        return now is not None and (gets != "full" or now == "full")

    def _dismiss(self, sid: str) -> None:
        found = self._eio.sockets.get(sid)
        if found is not None:
            found.close(wait=False, abort=False)

    def _forget(self, sid: str) -> None:
        self._born.pop(sid, None)
        self._paces.pop(sid, None)
        self._joined.pop(sid, None)
        self.hub.leave(sid)

    def _cut(self, environ: Mapping[str, Any], *, reason: str) -> None:
        """A writer stuck behind a browser that does not read would keep its queue until TCP gives up."""
        raw = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
        if raw is None:
            return
        reasons = self._eio.reason
        if reason in {reasons.PING_TIMEOUT, reasons.TRANSPORT_ERROR}:
            _shut(raw)
        elif reason == reasons.SERVER_DISCONNECT:
            timer = threading.Timer(GRACE, _shut, args=(raw,))
            timer.daemon = True
            timer.start()


def _shut(raw: socket.socket) -> None:
    with contextlib.suppress(OSError):
        raw.shutdown(socket.SHUT_RDWR)
