"""What the dialog ticks goes by what the cluster says of the person who looks, not of the dashboard's own account."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.acting import ClusterActions
from dashboard.kube import errors
from dashboard.kube.credential import Credential, acting_as, acting_with
from dashboard.settings import Target


class Answer:
    def __init__(self, allowed: bool) -> None:
        self.allowed = allowed

    def json(self) -> dict[str, Any]:
        return {"status": {"allowed": self.allowed}}


class Client:
    """Says yes or no, or fails."""

    def __init__(self, says: bool | errors.ApiError) -> None:
        self.says = says
        self.asked: list[tuple[str | None, str, Any]] = []

    def request(self, _method: str, path: str, *, body: Any, timeout: Any) -> Answer:
        person = acting_with.get()
        self.asked.append((person.by if person else None, path.rpartition("/")[2], body["spec"]["resourceAttributes"]))
        if isinstance(self.says, errors.ApiError):
            raise self.says
        return Answer(self.says)


def actions(client: Client) -> ClusterActions:
    nobody: Any = None
    app = Target("guestbook", "flask", "guestbook", 8080)
    return ClusterActions(client, nobody, nobody, nobody, nobody, app, nobody, nobody)


@pytest.mark.parametrize("says", [True, False])
def test_it_is_one_question_in_the_persons_name(says: bool) -> None:
    client = Client(says)
    with acting_as(Credential("pia", lambda: "hers")):
        assert actions(client).may_write_roles() is says
    ((by, review, asked),) = client.asked
    assert (by, review) == ("pia", "selfsubjectaccessreviews")
    assert (asked["verb"], asked["group"], asked["resource"]) == (
        "create", "rbac.authorization.k8s.io", "clusterroles",
    )  # fmt: skip
    assert not asked.get("namespace")


def test_no_answer_is_neither_yes_nor_no() -> None:
    assert actions(Client(errors.Unavailable(503, "", "away"))).may_write_roles() is None
