"""Where the cluster refuses a read, whoever depends on it says "not known", never "none"; with the right it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.acting import ClusterActions
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.kube.credential import Credential, acting_as
from dashboard.kube.rules import rule_of
from dashboard.settings import Target
from dashboard.stack.bundles.bundle import ObjectRef
from dashboard.stack.health.summary import ObjectState
from dashboard.stack.presence import Presence
from dashboard.store.connection import Connection
from dashboard.store.views import Views

APP = Target("guestbook", "flask", "guestbook", 8080)


def forbidden(path: str, verb: str = "GET") -> errors.Forbidden:
    error = errors.Forbidden(403, "Forbidden", "it may not be read")
    error.rule = rule_of(verb, path)
    return error


@pytest.fixture
def presence() -> Presence:
    views = Views()
    Connection(views, cluster="c", server="https://127.0.0.1:1").report("pods", state="live", since=1.0)
    return Presence(views, APP, "https://127.0.0.1:1", lambda _path: {})


@pytest.mark.parametrize("read", ["deployments", "statefulsets"])
def test_a_stack_whose_workloads_may_not_be_read_is_not_absent(presence: Presence, read: str) -> None:
    presence.tick()
    assert (presence.views.get("stack", "health") or {})["state"] == "absent"
    presence.views.put("connection", read, {"state": "forbidden"})
    presence.tick()
    health = presence.views.get("stack", "health") or {}
    assert (health["state"], health["healthy"], health["total"]) == ("forbidden", None, None)


@pytest.mark.parametrize("read", ["deployments", "app"])
def test_an_app_that_cannot_be_seen_is_neither_there_nor_away(presence: Presence, read: str) -> None:
    presence.views.put("connection", read, {"state": "forbidden"})
    presence.tick()
    assert (presence.views.get("app", "guestbook") or {})["reachable"] is None


class Client:
    """The lever: `error` is what the app's proxy answers with."""

    error: errors.ApiError | None = None

    def proxy_service(self, *_: Any) -> Any:
        if self.error:
            raise self.error
        return type("Answer", (), {"status": 200, "headers": [], "body": [b"hello"], "close": staticmethod(print)})


def acting(client: Client, heard: Callable[[Any], None]) -> ClusterActions:
    nobody: Any = None
    return ClusterActions(client, nobody, nobody, nobody, nobody, APP, nobody, nobody, heard)


def test_an_app_that_may_not_be_asked_is_refused_with_the_right_it_takes() -> None:
    heard: list[Any] = []
    client = Client()
    actions = acting(client, heard.append)
    client.error = forbidden("/api/v1/namespaces/flask/services/guestbook:8080/proxy/")
    with pytest.raises(Refused, match="needs get services/proxy guestbook:8080 in namespace flask") as refused:
        actions.app_request("GET", "", "", [], b"")
    assert refused.value.status == 403
    client.error = None
    assert actions.app_request("GET", "", "", [], b"").status == 200
    assert heard == [refused.value.__cause__, None]


def test_what_one_person_may_not_is_no_news_for_the_others() -> None:
    heard: list[Any] = []
    client = Client()
    client.error = forbidden("/api/v1/namespaces/flask/services/guestbook:8080/proxy/")
    with acting_as(Credential("pia", lambda: "hers")), pytest.raises(Refused) as refused:
        acting(client, heard.append).app_request("GET", "", "", [], b"")
    assert (refused.value.status, heard) == (403, [])


def test_an_app_asked_by_who_has_signed_out_says_to_sign_in() -> None:
    client = Client()
    client.error = errors.SignInAgain("pia is no longer signed in. Sign in again.")
    with pytest.raises(Refused, match="Sign in again") as refused:
        acting(client, lambda _error: None).app_request("GET", "", "", [], b"")
    assert refused.value.status == 401


def test_an_app_that_is_away_is_not_called_denied() -> None:
    heard: list[Any] = []
    client = Client()
    client.error = errors.Unreachable("nobody there")
    with pytest.raises(Refused) as refused:
        acting(client, heard.append).app_request("GET", "", "", [], b"")
    assert (refused.value.status, heard) == (503, [])


def test_the_row_of_an_unread_object_carries_the_rule_for_all_of_its_kind() -> None:
    ref = ObjectRef("v1", "Secret", "flask", "x")
    rule = rule_of("get", "/api/v1/namespaces/flask/secrets/x")
    row = ObjectState(ref, "unknown", "may not be read", rule).document()
    assert row["rule"]["sentence"] == "needs get secrets in namespace flask"
    assert "rule" not in ObjectState(ref, "ok", "").document()
