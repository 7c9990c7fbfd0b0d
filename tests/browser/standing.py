"""The dashboard on a loopback port, with levers."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from dashboard.access.capabilities import Capability, up_to
from dashboard.access.gate import Gate
from dashboard.access.guard import Access
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.sessions import Session, Sessions, Standing
from dashboard.access.share_links import ShareLinks
from dashboard.kube.credential import Credential
from dashboard.live.sockets import Sockets
from dashboard.runs.archive import Archive
from dashboard.store.views import Views
from dashboard.story.archive import StoryArchive
from dashboard.web.factory import create_app
from dashboard.web.runs.kept import Runs
from dashboard.web.story.kept import KeptStory
from tests.browser.acting import VIEWER, FakeActions
from tests.browser.rows import Script
from tests.browser.serving import COMPILED, QuietHandler, whole


class Stand:
    """The dashboard on a loopback port, with levers to cut and refuse its sockets."""

    def __init__(self, data_dir: Path, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.views = Views()
        self.actions = FakeActions()
        self.script = Script(self.views)
        self.refuse_sockets = False
        self.server = self._build(data_dir)
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def _build(self, data_dir: Path) -> BaseWSGIServer:
        server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=QuietHandler)
        self.port = server.server_port
        origins = Origins.loopback(self.port)
        self.links = SignInLinks(f"http://127.0.0.1:{self.port}", data_dir)
        self.shares = ShareLinks(data_dir)
        self.access = Access(
            sessions=Sessions(time.time), links=self.links, origins=origins, port=self.port, read_only=self.read_only,
            shares=self.shares,
        )  # fmt: skip
        self.archive = Archive(data_dir / "runs.db")
        runs = Runs(self.archive, 200, 90)
        self.story = StoryArchive(data_dir / "story.db")
        self.cluster: str | None = "c1"
        story = KeptStory(self.story, lambda: self.cluster, 50_000, 30)
        app = create_app(self, views=self.views, actions=self.actions, access=self.access, runs=runs, story=story)
        app.jinja_env.bytecode_cache = COMPILED
        self.sockets = self._wire_sockets(app, sorted(origins.origins))
        server.app = whole(Gate(app.wsgi_app, origins))
        return server

    def _wire_sockets(self, app: Flask, origins: list[str]) -> Sockets:
        def authorize(environ: dict[str, Any]) -> Any:
            return None if self.refuse_sockets else self.access.authorize(environ)

        sockets = Sockets(app, self.views, origins=origins, authorize=authorize, async_mode="threading")
        sockets.start()
        return sockets

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def become(self, most: Capability, *, by: str = VIEWER, until: float | None = None) -> None:
        """Every session, and each that is opened from now on, is this person's, who may no more than `most`."""
        opened = self.access.sessions.open_as

        def open_as(secret: str, standing: Standing, **more: Any) -> Session:
            return self._made(opened(secret, standing, **more), most, by, until)

        for session in self.access.sessions.open_now():
            self._made(session, most, by, until)
        self.access.sessions.open_as = open_as  # type: ignore[method-assign,assignment]

    @staticmethod
    def _made(session: Session, most: Capability, by: str, until: float | None) -> Session:
        session.capabilities, session.lacking = up_to(most), {}
        session.by, session.credential, session.expires_at = by, Credential(by, lambda: "a token"), until
        return session

    def cut(self, *, refuse: bool = False) -> None:
        """Drop every socket; `refuse` keeps new ones out until it is lifted."""
        self.refuse_sockets = refuse
        engine = self.sockets.io.server.eio
        for socket in list(engine.sockets.values()):
            socket.close(wait=False)  # waiting for its queue would wait for ever when its writer has just ended

    def close(self) -> None:
        self.sockets.stop()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)
