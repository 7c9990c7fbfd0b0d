"""All of a deploy goes out in the name of who asked for it; when their token goes, it ends and can be resumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.kube.credential import Credential, acting_as, in_their_name, whose

METHODS = {"get": "GET", "list": "GET", "create": "POST", "apply": "PATCH", "patch": "PATCH", "delete": "DELETE"}
LEASE = "/apis/coordination.k8s.io/v1/namespaces/surgeboard/leases/deploy"
MAPS = "/api/v1/namespaces/shop/configmaps"


def config_map(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}, "data": {}}


NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}


class Signed:
    """The cluster, and with whose credential it was asked; `gone_at(path)` is called before each write."""

    def __init__(self, cluster: Any) -> None:
        self.cluster = cluster
        self.calls: list[tuple[str, str, str | None]] = []
        self.before: Callable[[str, str], None] = lambda _verb, _path: None

    def __getattr__(self, verb: str) -> Any:
        asked = getattr(self.cluster, verb)
        if verb not in METHODS:
            return asked

        def ask(path: str, *given: Any, **more: Any) -> Any:
            if not more.get("dry_run"):
                self.before(verb, path)
            person = whose(METHODS[verb], path)
            self.calls.append((verb, path, person.by if person else None))
            if person is not None:
                person.header()
            return asked(path, *given, **more)

        return ask


class Person:
    def __init__(self) -> None:
        self.token: str | None = "hers"
        self.credential = Credential("pia", lambda: self.token)


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def signed(deploying: Any) -> Signed:
    deploying.put([NAMESPACE, *(config_map(name) for name in "abc")])
    deploying.stack.cluster = signed = Signed(deploying.cluster)
    deploying.stack.spawn = lambda work: deploying.waiting.append(in_their_name(work))
    return signed


def run(deploying: Any, person: Person, ask: Callable[[], None]) -> Any:
    """A request, and then what it began, when the request is long over."""
    with acting_as(person.credential):
        ask()
    while deploying.waiting:
        deploying.waiting.pop(0)()
    return deploying.last


def test_deploy_roll_back_and_teardown_ask_nothing_in_our_own_name(
    deploying: Any, signed: Signed, person: Person
) -> None:
    stack = deploying.stack
    run(deploying, person, lambda: stack.deploy(["shop"], by="pia"))
    deploying.put([NAMESPACE, config_map("a")])
    run(deploying, person, lambda: stack.deploy(["shop"], by="pia", expect={}, remove=[]))
    run(deploying, person, lambda: stack.roll_back("shop", 1, by="pia"))
    row = run(deploying, person, lambda: stack.teardown("shop", by="pia"))

    assert row["state"] == "done"
    assert {"create", "apply", "patch", "delete"} <= {verb for verb, _, _ in signed.calls}
    assert {by for _, _, by in signed.calls} == {"pia"}


def test_a_token_that_goes_in_the_middle_ends_it_with_who_has_to_sign_in(
    deploying: Any, signed: Signed, person: Person
) -> None:
    def sign_out(verb: str, path: str) -> None:
        if (verb, path) == ("apply", f"{MAPS}/b"):
            person.token = None

    signed.before = sign_out
    row = run(deploying, person, lambda: deploying.stack.deploy(["shop"], by="pia"))

    assert row["state"] == "failed"
    assert row["error"] == (
        "pia is no longer signed in, so nothing more is done in their name. Sign in again. What is applied stays; "
        "deploy again to complete it."
    )
    assert deploying.results()["ConfigMap a"] == "created"
    assert deploying.results()["ConfigMap b"] == "failed"
    assert deploying.notes[-1][0] == "warning"
    assert {by for _, _, by in signed.calls} == {"pia"}, "not even the lease is given back in another name"

    # Signed in again, it is completed at once: what we could not give back does not stand in our way.
    signed.before, person.token = lambda _verb, _path: None, "new"
    row = run(deploying, person, lambda: deploying.stack.deploy(["shop"], by="pia"))
    assert row["state"] == "done"
    assert deploying.results() == {
        "Namespace shop": "unchanged", "ConfigMap a": "unchanged", "ConfigMap b": "created", "ConfigMap c": "created",
    }  # fmt: skip
    assert deploying.revisions.history("shop")[0].state == "applied"


def test_what_could_not_be_given_back_runs_out_for_everybody_else(
    deploying: Any, signed: Signed, person: Person
) -> None:
    def sign_out(verb: str, path: str) -> None:
        if path == f"{MAPS}/b":
            person.token = None

    signed.before = sign_out
    run(deploying, person, lambda: deploying.stack.deploy(["shop"], by="pia"))
    another = deploying.another()
    with pytest.raises(Refused, match=r"pia .* has been deploying"):
        another.run(["shop"], by="sam")
    deploying.time.seconds += 31

    assert another.run(["shop"], by="sam")["state"] == "done"


def test_while_it_waits_for_health_a_token_that_goes_ends_it_too(
    deploying: Any, signed: Signed, person: Person
) -> None:
    deployment = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": 1},
    }  # fmt: skip
    deploying.put([NAMESPACE, deployment])
    deploying.cluster.becomes_healthy = False
    polls = 0

    def sign_out(verb: str, path: str) -> None:
        nonlocal polls
        polls += (verb, path) == ("get", "/apis/apps/v1/namespaces/shop/deployments/web")
        if polls > 4:
            person.token = None

    signed.before = sign_out
    row = run(deploying, person, lambda: deploying.stack.deploy(["shop"], by="pia"))

    assert row["state"] == "failed"
    assert row["error"].startswith("pia is no longer signed in")


def test_signed_out_before_it_begins_nothing_is_begun(deploying: Any, signed: Signed, person: Person) -> None:
    person.token = None
    with acting_as(person.credential), pytest.raises(Exception, match="no longer signed in"):
        deploying.stack.deploy(["shop"], by="pia")
    assert deploying.rows == []
    assert deploying.waiting == []
