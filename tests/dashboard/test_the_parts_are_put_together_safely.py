"""What keeps each part safe is tested beside it; here, that a whole dashboard is made with it. Nothing is started."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest

from dashboard.access import gate
from dashboard.settings import Settings
from dashboard.wiring import Dashboard

NOWHERE = """{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}],
clusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}], users: [{name: u, user: {token: t}}]}"""
LOCAL: dict[str, Any] = {}
TOKEN: dict[str, Any] = {"auth": "token", "urls": ("http://board.example:8080",)}
PROXY: dict[str, Any] = {**TOKEN, "auth": "proxy", "trusted_proxies": ("10.1.2.3/32",)}

Make = Callable[..., Dashboard]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    (tmp_path / "kubeconfig").write_text(NOWHERE)
    made: list[Dashboard] = []

    def build(**settings: Any) -> Dashboard:
        made.append(Dashboard(Settings(data_dir=tmp_path, kubeconfig=tmp_path / "kubeconfig", **settings)))
        return made[-1]

    yield build
    for each in made:
        each.core.client.close()


def ask(dashboard: Dashboard, path: str, **environ: Any) -> int:
    told: list[str] = []
    base = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "x", "SERVER_PORT": "8080", "QUERY_STRING": "",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "REMOTE_ADDR": "10.9.9.9",
        "SERVER_PROTOCOL": "HTTP/1.1",
    }  # fmt: skip
    answer = dashboard.wsgi({**base, **environ}, lambda status, *_: told.append(status))
    list(answer)
    if hasattr(answer, "close"):
        answer.close()
    return int(told[0][:3])


@pytest.mark.parametrize(("settings", "only_reads"), [(LOCAL, False), (TOKEN, True), (PROXY, True)])
def test_where_people_sign_in_its_own_account_changes_nothing(
    make: Make, settings: dict[str, Any], only_reads: bool
) -> None:
    made = make(**settings)
    assert made.core.client.only_reads is only_reads
    assert made.core.swarms.only_reads is only_reads


@pytest.mark.parametrize("settings", [LOCAL, TOKEN, PROXY])
def test_whoever_is_signed_out_or_revoked_is_looked_for_at_once(
    make: Make, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(**settings)
    looked: list[int] = []
    assert made.access.shares is not None
    assert made.access.shares.when_revoked == made.sockets.look_again
    monkeypatch.setattr(made.sockets, "look_again", lambda: looked.append(1))
    session, _ = made.access.sessions.open(by="ada")
    made.access.sessions.close(session.id)
    assert looked == [1]


@pytest.mark.parametrize("settings", [TOKEN, PROXY])
def test_people_are_asked_about_again_in_the_background(make: Make, settings: dict[str, Any]) -> None:
    made = make(**settings)
    assert made.access.door is not None
    assert made._rechecks.works == [made.access.door.rechecks.tick]
    assert made._rechecks.period_s <= 10
    assert made.access.door.rechecks.period_s <= 60


def test_failed_sign_ins_are_paced_and_not_locked_out(make: Make) -> None:
    made = make(**TOKEN)
    assert made.access.door is not None
    told = {made.access.door.attempts.begin("10.0.0.1") for _ in range(100)}
    assert 0 < max(told) <= 10


@pytest.mark.parametrize(("settings", "status"), [(LOCAL, 421), (TOKEN, 200)])
def test_probes_alone_answer_by_any_name(make: Make, settings: dict[str, Any], status: int) -> None:
    made = make(**settings)
    assert ask(made, "/healthz", HTTP_HOST="10.0.0.7:8080") == status
    assert ask(made, "/sign-in", HTTP_HOST="10.0.0.7:8080") == 421


@pytest.mark.parametrize("settings", [TOKEN, PROXY])
def test_only_named_proxies_are_believed(make: Make, settings: dict[str, Any]) -> None:
    proxies = make(**settings).wsgi._proxies
    told: dict[str, Any] = {}
    for peer in ("10.1.2.3", "10.1.2.4"):
        environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_USER": "ada"}
        proxies.receive(environ)
        told[peer] = environ.get("surgeboard.said")
        assert "HTTP_X_FORWARDED_USER" not in environ
    assert (told["10.1.2.3"] is not None) is (settings is PROXY)
    assert told["10.1.2.4"] is None


def test_a_body_has_its_time(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.wiring.BODY_S", 0.01)

    class Never:
        def read(self, _size: int) -> bytes:
            gevent.sleep(60)
            return b""

    post = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "10", "HTTP_HOST": "localhost:8080", "wsgi.input": Never()}
    assert ask(make(), "/sign-out", **post) == 408
    assert gate.BODY_S <= 20


def test_what_the_story_tells_goes_through_the_redaction(make: Make) -> None:
    made = make()
    made.core.story.note("warning", "it said password=hunter2-canary")
    told = str(made.core.views.rows("story"))
    assert "it said" in told
    assert "hunter2" not in told


def test_sockets_are_of_our_own_addresses_and_as_many_as_was_said(make: Make) -> None:
    made = make(**TOKEN, viewers_max=7, viewers_per_address=3)
    assert made.sockets._origins == {"http://board.example:8080"}
    assert made.sockets._viewers_max == 7
    assert made.sockets.admission._per_address == 3
