"""What a kill does in the background is done in the name of who confirmed it; without their token nothing is killed."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dashboard.audit import Audit
from dashboard.confirming import Plans
from dashboard.data.asking import Asking
from dashboard.data.killing import Killing
from dashboard.data.members import Members
from dashboard.data.outage import Outcome, Written
from dashboard.kube.credential import Credential, acting_as, in_their_name, whose
from dashboard.settings import Target
from dashboard.store.views import Views

BY = {"by": "pia", "session": "s1"}


class Person:
    def __init__(self) -> None:
        self.token: str | None = "hers"
        self.credential = Credential("pia", lambda: self.token)


class Cluster:
    """Who asked for what: (method, path, by). A token that is gone is refused as by the client."""

    def __init__(self, world: Any, app: Any) -> None:
        self.world, self.app = world, app
        self.calls: list[tuple[str, str, str | None]] = []
        self.on_delete: Callable[[], None] = lambda: None

    def _heard(self, method: str, path: str) -> None:
        person = whose(method, path)
        if person is not None:
            person.header()
        self.calls.append((method, path, person.by if person else None))

    def get(self, path: str) -> Any:
        self._heard("GET", path)
        return {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}

    def delete(self, path: str, **_: Any) -> Any:
        self._heard("DELETE", path)
        self.on_delete()
        return {}

    def create(self, path: str, body: Mapping[str, Any]) -> Any:
        self._heard("POST", path)
        return body

    def proxy_service(self, namespace: str, service: str, port: int, path: str, method: str, *rest: Any, **more: Any):  # type: ignore[no-untyped-def]
        self._heard(method, f"/api/v1/namespaces/{namespace}/services/{service}:{port}/proxy{path}")
        return self.app.proxy_service(namespace, service, port, path, method, *rest, **more)

    def proxy_pod(self, namespace: str, pod: str, port: int, path: str, **more: Any) -> Any:
        self._heard("GET", f"/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy{path}")
        return self.world.proxy_pod(namespace, pod, port, path, **more)

    def by(self, *methods: str) -> set[str | None]:
        return {by for method, path, by in self.calls if method in methods and "/pods/" not in path}


class Lab:
    def __init__(self, world: Any, app: Any, clock: Any, folder: Path) -> None:
        self.world, self.app, self.clock = world, app, clock
        self.cluster = Cluster(world, app)
        self.rows: list[Mapping[str, Any]] = []
        self.background: list[Callable[[], None]] = []
        views = Views()
        views.replace("pods", {row["uid"]: row for row in world.rows()})
        self.members = Members(
            views, Asking(self.cluster.proxy_pod), lambda *_: None, lambda *_, **__: None, clock.now
        )  # fmt: skip
        self.killing = Killing(
            self.cluster, Target("guestbook", "flask", "guestbook", 8080, ("/",)), self._look, self.rows.append,
            lambda *_, **__: None, Audit(folder / "audit.jsonl", clock.now), clock.now, clock, clock.sleep,
            lambda work: self.background.append(in_their_name(work)), Plans(clock), self._writes,  # type: ignore[arg-type]
        )  # fmt: skip
        self.views = views

    def _look(self) -> Any:
        self.views.replace("pods", {row["uid"]: row for row in self.world.rows()})
        return self.members.look()

    def _writes(self, write: Callable[[int], Outcome], clock: Callable[[], float]) -> Any:
        """One more write at each look, without a thread."""
        done: list[Written] = []

        def written() -> list[Written]:
            for _ in range(30):
                done.append(Written(len(done), clock(), clock(), write(len(done))))
            return list(done)

        return types.SimpleNamespace(start=lambda: None, stop=lambda: None, written=written)

    def kill(self, person: Person, *, meanwhile: Callable[[], None] = lambda: None) -> Mapping[str, Any]:
        with acting_as(person.credential):
            self.killing.kill(self.killing.plan(**BY).nonce, **BY)
        meanwhile()
        self.background.pop()()
        return self.rows[-1]


@pytest.fixture
def lab(world: Any, app: Any, clock: Any, tmp_path: Path) -> Lab:
    return Lab(world, app, clock, tmp_path)


def test_the_pod_the_event_and_every_test_write_are_the_persons_and_the_agents_our_own(lab: Lab) -> None:
    def fail_over() -> None:
        lab.world.primary, lab.world.term, lab.world.elected_at = "mongo-2", 5, lab.clock.now()
        lab.world.reborn("mongo-0", "127.64.1.9")

    lab.cluster.on_delete = fail_over
    row = lab.kill(Person())

    assert row["state"] == "done", row["error"]
    deleted = [call for call in lab.cluster.calls if call[0] == "DELETE"]
    assert deleted == [("DELETE", "/api/v1/namespaces/mongodb/pods/mongo-0", "pia")]
    assert lab.cluster.by("POST") == {"pia"}
    assert any(path.endswith("/events") for method, path, _ in lab.cluster.calls if method == "POST")
    assert {by for method, path, by in lab.cluster.calls if path.endswith("/proxy/status")} == {None}


def test_who_signs_out_before_the_kill_kills_nothing(lab: Lab) -> None:
    person = Person()

    def sign_out(number: int) -> None:
        if number == 25:
            person.token = None

    lab.app.on_write = sign_out
    row = lab.kill(person)

    assert row["state"] == "failed"
    assert row["error"].startswith("pia is no longer signed in")
    assert row["error"].endswith("Nothing was killed.")
    assert "DELETE" not in {method for method, _, _ in lab.cluster.calls}
