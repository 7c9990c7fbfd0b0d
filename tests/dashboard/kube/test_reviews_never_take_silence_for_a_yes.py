"""Reviews: who asks as whom, what exactly is asked, and that only a clear yes is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dashboard.kube.credential import Credential, acting_as, acting_with
from dashboard.kube.errors import Garbled, Unreachable
from dashboard.kube.reviews import Person, Reviews, is_allowed, person_of
from dashboard.kube.rules import Rule

RIGHT = Rule("apps", "deployments", None, ("patch",), "flask")
ADA = Credential("ada", lambda: "t-ada")


class Client:
    """Lever: `status`, what every review answers. It remembers what it was asked and as whom."""

    def __init__(self, status: Any) -> None:
        self.status = status
        self.asked: list[tuple[str, Mapping[str, Any], Credential | None]] = []

    def request(self, method: str, path: str, *, body: Any = None, timeout: Any = None) -> Any:
        assert method == "POST"
        assert timeout is not None
        self.asked.append((path, body, acting_with.get()))
        if isinstance(self.status, Exception):
            raise self.status
        return self

    def json(self) -> Any:
        return self.status if self.status is None else {"status": self.status}


def test_a_token_is_reviewed_by_our_own_account_for_the_api_server_itself() -> None:
    client = Client({"authenticated": True, "user": {"username": "ada", "groups": ["dev"]}})
    with acting_as(Credential("somebody else", lambda: "other")):
        person = Reviews(client).whose("t-ada")
    assert person == Person("ada", "", ("dev",), {})
    ((path, body, by),) = client.asked
    assert path == "/apis/authentication.k8s.io/v1/tokenreviews"
    assert body["spec"] == {"token": "t-ada"}
    assert by is None


def test_somebody_elses_right_is_asked_by_our_own_account_with_all_that_is_known_of_them() -> None:
    client = Client({"allowed": True})
    person = Person("ada", "u1", ("dev",), {"k": ("v",)})
    with acting_as(ADA):
        assert Reviews(client).may(person, RIGHT)
    ((_, body, by),) = client.asked
    assert by is None
    assert body["spec"] == {
        "user": "ada", "uid": "u1", "groups": ["dev"], "extra": {"k": ["v"]},
        "resourceAttributes": {"namespace": "flask", "verb": "patch", "group": "apps", "resource": "deployments"},
    }  # fmt: skip


def test_ones_own_right_is_asked_with_ones_own_token() -> None:
    client = Client({"allowed": True})
    assert Reviews(client).may_with(ADA, RIGHT)
    ((path, _, by),) = client.asked
    assert path.endswith("/selfsubjectaccessreviews")
    assert by is ADA
    assert acting_with.get() is None


@pytest.mark.parametrize(
    "status",
    [
        {}, {"allowed": False}, {"allowed": "true"}, {"allowed": 1}, {"allowed": None},
        {"allowed": True, "denied": True}, {"allowed": True, "evaluationError": "webhook away"},
    ],
)  # fmt: skip
def test_nothing_but_a_clear_yes_is_one(status: dict[str, Any]) -> None:
    assert not is_allowed(status)


@pytest.mark.parametrize(
    "status",
    [
        {},
        {"authenticated": False, "user": {"username": "ada"}},
        {"authenticated": "true", "user": {"username": "ada"}},
        {"authenticated": True},
        {"authenticated": True, "user": {}},
        {"authenticated": True, "user": {"username": ""}},
        {"authenticated": True, "user": {"username": "system:anonymous"}},
        {"authenticated": True, "user": {"username": "x", "groups": ["system:unauthenticated"]}},
        {"authenticated": True, "error": "half of it", "user": {"username": "ada"}},
    ],
)
def test_nobody_is_somebody_only_by_a_clear_word(status: dict[str, Any]) -> None:
    assert person_of(status) is None


@pytest.mark.parametrize("answer", [None, [], "yes"])
def test_an_answer_that_is_none_is_an_error(answer: Any) -> None:
    with pytest.raises(Garbled):
        Reviews(Client(answer)).whose("t-ada")


@pytest.mark.parametrize("odd", [{"groups": 7}, {"extra": ["x"]}, {"extra": {"k": 1}}])
def test_a_person_that_cannot_be_read_is_an_error_and_nobody(odd: dict[str, Any]) -> None:
    client = Client({"authenticated": True, "user": {"username": "ada", **odd}})
    with pytest.raises(Garbled):
        Reviews(client).whose("t-ada")


def test_silence_is_an_error() -> None:
    client = Client(Unreachable("away"))
    for ask in (
        lambda: Reviews(client).may(Person("ada"), RIGHT), lambda: Reviews(client).may_with(ADA, RIGHT),
    ):  # fmt: skip
        with pytest.raises(Unreachable):
            ask()
