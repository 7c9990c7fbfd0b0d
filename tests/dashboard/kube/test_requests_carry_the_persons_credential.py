"""Whose token goes out with which request, and what becomes of a token that is gone or not taken any more."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.kube.client import KubeClient
from dashboard.kube.config import from_kubeconfig
from dashboard.kube.credential import Credential, acting_as, writing_as
from dashboard.kube.errors import SignInAgain, Unauthorized
from dashboard.kube.reflector import Reflector

OURS, THEIRS = "Bearer t0ken", "Bearer hers"
PATH = "/api/v1/namespaces/demo/configmaps"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
REFUSED = (401, {"kind": "Status", "code": 401, "reason": "Unauthorized", "message": "Unauthorized"})


class Person:
    def __init__(self) -> None:
        self.token: str | None = "hers"
        self.credential = Credential("pia", lambda: self.token)


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def reader(api: Any, kubeconfig: Path) -> Iterator[KubeClient]:
    """A dashboard whose own account changes nothing."""
    found = KubeClient(from_kubeconfig(str(kubeconfig), context="fake"), only_reads=True)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _answers(api: Any) -> None:
    api.answers |= {PATH: (201, {}), f"{PATH}/a": (200, {}), REVIEW: (201, {})}


def shown(api: Any) -> list[tuple[str, str]]:
    return [
        (method, head["authorization"])
        for (method, path, _), head in zip(api.requests, api.heads, strict=True)
        if path.startswith((PATH, REVIEW))
    ]


def test_all_of_a_persons_request_goes_out_with_their_token_and_nothing_of_ours(
    api: Any, client: KubeClient, person: Person
) -> None:
    with acting_as(person.credential):
        client.get(f"{PATH}/a")
        client.create(PATH, {})
        client.delete(f"{PATH}/a")
    client.get(f"{PATH}/a")

    assert shown(api) == [("GET", THEIRS), ("POST", THEIRS), ("DELETE", THEIRS), ("GET", OURS)]


def test_what_goes_on_for_a_person_reads_as_ourselves_and_changes_as_them(
    api: Any, reader: KubeClient, person: Person
) -> None:
    with writing_as(person.credential):
        reader.get(f"{PATH}/a")
        reader.patch(f"{PATH}/a", {})
        reader.create(REVIEW, {})

    assert shown(api) == [("GET", OURS), ("PATCH", THEIRS), ("POST", OURS)]


@pytest.mark.parametrize("verb", ["create", "apply", "patch", "delete", "proxy"])
def test_without_a_person_nothing_that_changes_is_even_sent(api: Any, reader: KubeClient, verb: str) -> None:
    sending = {
        "create": lambda: reader.create(PATH, {}), "apply": lambda: reader.apply(f"{PATH}/a", {}),
        "patch": lambda: reader.patch(f"{PATH}/a", {}), "delete": lambda: reader.delete(f"{PATH}/a"),
        "proxy": lambda: reader.proxy_pod("load", "master", 8090, "/stop", "POST"),
    }  # fmt: skip
    with pytest.raises(SignInAgain, match="own account changes nothing"):
        sending[verb]()
    assert api.requests == []


def test_a_review_changes_nothing_and_is_asked_in_our_own_name(api: Any, reader: KubeClient) -> None:
    reader.create(REVIEW, {})

    assert shown(api) == [("POST", OURS)]


def test_once_the_token_is_gone_nothing_is_sent_with_another(
    api: Any, client: KubeClient, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with acting_as(person.credential):
        client.get(f"{PATH}/a")
        person.token = None
        with pytest.raises(SignInAgain, match="pia is no longer signed in"):
            client.get(f"{PATH}/a")

    assert shown(api) == [("GET", THEIRS)]
    assert "hers" not in caplog.text
    assert "hers" not in repr(person.credential)


@pytest.mark.parametrize("through", ["get", "stream", "proxy"])
def test_a_token_that_the_cluster_does_not_take_says_who_has_to_sign_in(
    api: Any, client: KubeClient, person: Person, through: str
) -> None:
    proxied = "/api/v1/namespaces/flask/services/guestbook:8080/proxy/"
    api.answers |= {f"{PATH}/a": REFUSED, proxied: REFUSED}
    sending = {
        "get": lambda: client.get(f"{PATH}/a"), "stream": lambda: client.stream(f"{PATH}/a"),
        "proxy": lambda: client.proxy_service("flask", "guestbook", 8080),
    }  # fmt: skip
    with acting_as(person.credential), pytest.raises(SignInAgain, match=r"token of pia .* Sign in again"):
        sending[through]()


def test_our_own_refused_token_is_nobody_elses(api: Any, client: KubeClient) -> None:
    api.answers[f"{PATH}/a"] = REFUSED
    with pytest.raises(Unauthorized) as caught:
        client.get(f"{PATH}/a")
    assert not isinstance(caught.value, SignInAgain)


def test_what_the_app_itself_refuses_is_handed_on(api: Any, client: KubeClient, person: Person) -> None:
    api.answers["/api/v1/namespaces/flask/services/guestbook:8080/proxy/"] = (401, {"error": "who are you?"})
    with acting_as(person.credential):
        answer = client.proxy_service("flask", "guestbook", 8080)
    assert (answer.status, json.loads(answer.read())) == (401, {"error": "who are you?"})


def test_a_persons_refused_token_does_not_load_our_own_anew(
    api: Any, client: KubeClient, person: Person, kubeconfig: Path
) -> None:
    api.answers[f"{PATH}/a"] = REFUSED
    kubeconfig.write_text(kubeconfig.read_text().replace("t0ken", "fresh"))
    with acting_as(person.credential), pytest.raises(SignInAgain):
        client.get(f"{PATH}/a")
    api.answers[f"{PATH}/a"] = (200, {})
    client.get(f"{PATH}/a")

    assert shown(api)[-1] == ("GET", OURS)


def test_a_watch_is_our_own_though_a_person_asks_meanwhile(api: Any, watched: Any, until: Any, person: Person) -> None:
    with acting_as(person.credential):
        watched.start()
    until(lambda: watched.names() == [] and api.opened)

    heads = {head["authorization"] for (_, path, _), head in zip(api.requests, api.heads, strict=True) if path}
    assert heads == {OURS}
    assert isinstance(watched.reflector, Reflector)
