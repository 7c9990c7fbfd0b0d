"""The web application with hand-made rows and actions that remember what they were asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.access.capabilities import Capability, up_to
from dashboard.access.gate import Gate
from dashboard.access.guard import Access
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.sessions import Session, Sessions
from dashboard.access.share_links import ShareLinks
from dashboard.kube.credential import Credential
from dashboard.runs.archive import Archive
from dashboard.store.views import Views
from dashboard.story.archive import StoryArchive
from dashboard.web.factory import create_app
from dashboard.web.runs.kept import Runs
from dashboard.web.story.kept import KeptStory
from tests.dashboard.web.acting import RecordingActions
from tests.dashboard.web.recorded import put_run

PORT = 8080


class Client(FlaskClient):
    """A browser that knows the dashboard under its own name."""

    def open(self, *arguments: Any, **options: Any) -> Any:
        return super().open(*arguments, **{"base_url": f"http://127.0.0.1:{PORT}", **options})


class Web:
    """One dashboard: `client()` for strangers, `signed_in()` for the operator or for somebody with fewer rights."""

    def __init__(self, data_dir: Path, *, read_only: bool = False) -> None:
        self.port = PORT
        self.read_only = read_only
        self.views = Views(epoch="e1")
        self.actions = RecordingActions()
        self.now = 1000.0
        self.links = SignInLinks(f"http://127.0.0.1:{PORT}", data_dir)
        origins = Origins.loopback(PORT)
        self.shares = ShareLinks(data_dir, clock=lambda: self.now, steady=lambda: self.now)
        self.access = Access(
            sessions=Sessions(lambda: self.now), links=self.links, origins=origins, port=PORT, shares=self.shares,
            read_only=read_only,
        )  # fmt: skip
        self.archive = Archive(data_dir / "runs.db")
        runs = Runs(self.archive, 200, 90)
        self.story = StoryArchive(data_dir / "story.db")
        self.cluster: str | None = "c1"
        story = KeptStory(self.story, lambda: self.cluster, 50_000, 30)
        self.app: Flask = create_app(
            self, views=self.views, actions=self.actions, access=self.access, runs=runs, story=story
        )
        self.app.test_client_class = Client
        self.app.wsgi_app = Gate(self.app.wsgi_app, origins)  # type: ignore[method-assign,arg-type]

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def signed_in(
        self,
        most: Capability | None = None,
        *,
        by: str | None = None,
        until: float | None = None,
        address: str = "127.0.0.1",
    ) -> Any:
        """A browser that came in by a link; with `most` or `by` as somebody with no more than that."""
        before = {each.id for each in self._sessions()}
        client = self.client()
        url = self.links.renew()
        answer = client.get(url[url.index("/sign-in") :], environ_overrides={"REMOTE_ADDR": address})
        assert answer.status_code == 303
        self.session = next(each for each in self._sessions() if each.id not in before)
        if most is not None:
            self.session.capabilities = up_to(most)
        if by is not None:
            self.session.by, self.session.credential = by, Credential(by, lambda: "a token")
        self.session.expires_at = until
        return client

    def _sessions(self) -> list[Session]:
        return list(self.access.sessions._by_secret.values())


@pytest.fixture
def web(tmp_path: Path) -> Web:
    return Web(tmp_path)


@pytest.fixture
def read_only_web(tmp_path: Path) -> Web:
    return Web(tmp_path, read_only=True)


@pytest.fixture
def recorded(web: Web) -> Callable[..., str]:
    """Puts a run into the archive, as it was recorded or with changes; gives its id."""
    return lambda **changes: put_run(web.archive, **changes)


@pytest.fixture
def recorded_here(read_only_web: Web) -> Callable[..., str]:
    """The same in the archive of the read-only dashboard."""
    return lambda **changes: put_run(read_only_web.archive, **changes)


@pytest.fixture
def htmx() -> Callable[..., dict[str, str]]:
    """The headers htmx and the browser send with a form of our own page."""

    def headers(**more: str) -> dict[str, str]:
        return {"HX-Request": "true", "Sec-Fetch-Site": "same-origin", **more}

    return headers
