"""What passes to the app and back, and what must not."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.kube.client import KubeClient
from dashboard.kube.errors import BadRequest

PREFIX = "/api/v1/namespaces/flask/services/guestbook:80/proxy"


def test_a_request_reaches_the_service_with_its_body_and_query(api: Any, client: KubeClient) -> None:
    api.answers[f"{PREFIX}/api/entries"] = (201, b"made")
    answer = client.proxy_service(
        "flask", "guestbook", 80, "/api/entries?page=2", "post", {"Content-Type": "application/json"}, b"[1]"
    )
    assert (answer.status, answer.read()) == (201, b"made")
    assert api.requests[-1] == ("POST", f"{PREFIX}/api/entries", {"page": "2"})
    assert api.bodies[-1] == b"[1]"
    assert api.heads[-1]["content-type"] == "application/json"


def test_credentials_of_the_browser_stay_here(api: Any, client: KubeClient) -> None:
    theirs = {
        "Cookie": "session=secret",
        "Authorization": "Bearer theirs",
        "Impersonate-User": "root",
        "X-Forwarded-For": "1.2.3.4",
        "Connection": "upgrade",
        "X-Swarm-Token": "kept",
    }
    client.proxy_service("flask", "guestbook", 80, "/", "GET", theirs).close()
    sent = api.heads[-1]
    assert sent["authorization"] == "Bearer t0ken"
    assert sent["x-swarm-token"] == "kept"
    assert not sent.keys() & {"cookie", "impersonate-user", "x-forwarded-for"}


def test_cookies_of_the_app_do_not_reach_the_browser(api: Any, client: KubeClient) -> None:
    api.answers[f"{PREFIX}/"] = (200, b"page", {"Set-Cookie": "a=b"})
    answer = client.proxy_service("flask", "guestbook", 80, "/")
    names = {name.lower() for name, _ in answer.headers}
    assert "content-type" in names
    assert not names & {"set-cookie", "connection", "transfer-encoding", "server"}
    answer.close()


def test_a_redirect_is_handed_on_and_not_followed(api: Any, client: KubeClient) -> None:
    api.answers[f"{PREFIX}/entries"] = (303, b"", {"Location": "./"})
    answer = client.proxy_service("flask", "guestbook", 80, "/entries", "POST", {}, b"text=hi")
    assert answer.status == 303
    assert ("Location", "./") in answer.headers
    answer.close()


def test_a_refusal_of_the_app_is_an_answer(api: Any, client: KubeClient) -> None:
    api.answers["/api/v1/namespaces/mongodb/pods/mongo-0:8081/proxy/status"] = (503, b"away")
    answer = client.proxy_pod("mongodb", "mongo-0", 8081, "/status", timeout=(1.0, 2.0))
    assert (answer.status, answer.read()) == (503, b"away")


@pytest.mark.parametrize("path", ["/../../../secrets", "/a/../../x", "/%2e%2e/x", "/./x", "/a\\..\\x"])
def test_a_path_that_climbs_out_of_the_app_is_refused(api: Any, client: KubeClient, path: str) -> None:
    """It would be read from the API itself, with our credential."""
    with pytest.raises(BadRequest):
        client.proxy_service("flask", "guestbook", 80, path)
    assert api.requests == []
