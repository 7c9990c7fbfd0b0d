"""What the pages ask of the cluster, answered from fixtures; what was asked is kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard.data.kill_plan import KillPlan
from dashboard.errors import Refused
from dashboard.limits.blast.plan import BlastPlan, Bound
from dashboard.limits.blast.variants import variant_of
from dashboard.load.pinning import Pinned
from dashboard.load.plan import Plan
from dashboard.load.request import SwarmRequest
from dashboard.settings import Target
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.bundles.catalogue import Catalogue
from dashboard.web.actions import Headers, LoadChoices, ProxyAnswer

MANIFESTS = Path(__file__).resolve().parents[3] / "manifests"
DEPLOY_PAGE = Path(__file__).resolve().parents[1] / "fixtures" / "deploy-page.json"
PAGE = ProxyAnswer(200, [("Content-Type", "text/html")], [b"<p>hello"])


@dataclass
class Document:
    """What planning and health answer with, as far as a page looks at it."""

    content: dict[str, Any]

    def document(self) -> dict[str, Any]:
        return self.content


def blast_plan(variant: str, by: str, session: str) -> BlastPlan:
    """An experiment as a cluster would allow it."""
    bound = Bound("96Mi", 96 * 2**20, "its own manifest")
    objects = ("Secret blast-a1", "Job blast-a1-watch", "Job blast-a1-subject", "Lease swarm")
    made_at = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)
    return BlastPlan("nonce-of-the-leak", session, by, "a1", variant_of(variant), bound, objects, "quota load", made_at)


def plan_of(request: SwarmRequest, by: str, session: str) -> Plan:
    """A plan as a cluster would allow it."""
    target = Target("guestbook", "flask", "guestbook", 8080, ("/", "/work"))
    pinned = Pinned("guestbook.flask.svc.cluster.local", 8080, ("10.96.0.7",), ("10.244.1.5",), "uid")
    made_at = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)
    return Plan("nonce-of-the-plan", session, by, "k3v9", request, target, pinned, "A fence.", made_at)


def kill_plan(by: str, session: str) -> KillPlan:
    """Killing the primary as a cluster would allow it."""
    return KillPlan(
        "nonce-of-the-kill", session, by, "k1ll", "mongo-1", "uid-mongo-1", 4,
        "mongo-1.mongo.mongodb.svc.cluster.local", "local", True, ("mongo-0", "mongo-2"), 2, 2,
    )  # fmt: skip


SEAL = "5" * 64


@dataclass
class RecordingActions:
    """Levers: `refuse` makes actions fail, `answer` is what the sample app says, `planned` which plan is made."""

    asked: list[tuple[str, Any]] = field(default_factory=list)
    refuse: Refused | Exception | None = None
    answer: ProxyAnswer | Refused = PAGE
    swarm_plan: Plan | None = None
    agreed: tuple[Any, ...] = ()
    """What the last deploy or roll-back was to take over, which revisions it expected, what it may remove."""
    sealed: str = ""
    """What the last roll-back or teardown said of the page it came from."""
    planned: str = "mixed"
    chosen: Any = None
    """The options of the last plan or deploy."""
    own: frozenset[str] = frozenset()
    problems: dict[str, str] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=lambda: Catalogue(MANIFESTS))
    writes_roles: bool | None = True
    documents: dict[str, Any] = field(default_factory=lambda: json.loads(DEPLOY_PAGE.read_text()))

    def bundles(self) -> Sequence[Bundle]:
        return [replace(each, own=True) if each.name in self.own else each for each in self.catalogue.all()]

    def bundle_problems(self) -> Mapping[str, str]:
        return self.problems

    def may_write_roles(self) -> bool | None:
        self.asked.append(("may_write_roles", ()))
        return self.writes_roles

    def plan(self, bundles: Sequence[str], *, take_over: Collection[str] = (), options: Any = None) -> Document:
        self.chosen = options
        self._take("plan", tuple(bundles), frozenset(take_over))
        return Document(self.documents["plans"][self.planned])

    def plan_back(self, bundle: str, number: int, *, take_over: Collection[str] = ()) -> Document:
        self._take("plan_back", bundle, number, frozenset(take_over))
        return Document({**self.documents["plans"][self.planned], "seal": SEAL})

    def drift(self, bundle: str) -> Document:
        self._take("drift", bundle)
        return Document(self.documents["drift"])

    def removal(self, bundle: str) -> Document:
        self._take("removal", bundle)
        return Document({**self.documents["removal"], "seal": SEAL})

    def evidence(self, bundle: str, object_id: str) -> Document:
        self._take("evidence", bundle, object_id)
        return Document(self.documents["evidence"])

    def history(self, bundle: str) -> Sequence[Mapping[str, Any]]:
        self._take("history", bundle)
        return list(self.documents["history"])

    def roll_back(
        self, bundle: str, number: int, by: str, *, take_over: Collection[str] = (), remove: Collection[str] = (),
        seal: str,
    ) -> None:  # fmt: skip
        self.sealed = seal
        self.agreed = (tuple(take_over), None, tuple(remove))
        self._take("roll_back", bundle, number, by)

    def deploy(
        self,
        bundles: Sequence[str],
        by: str,
        *,
        take_over: Collection[str] = (),
        expect: Mapping[str, str] | None = None,
        remove: Collection[str] | None = None,
        options: Any = None,
    ) -> None:
        self.chosen = options
        self.agreed = (tuple(take_over), expect, remove)
        self._take("deploy", tuple(bundles), by)

    def cancel_deploy(self) -> None:
        self._take("cancel_deploy")

    def teardown(self, bundle: str, by: str, *, also: Collection[str] = (), seal: str) -> None:
        self.sealed = seal
        self._take("teardown", bundle, by, *also)

    def load_choices(self) -> LoadChoices:
        shop = Target(id="shop", namespace="shop", service="web", port=80)
        guestbook = Target(id="guestbook", namespace="flask", service="guestbook", port=8080)
        return LoadChoices(targets=[guestbook, shop], scenarios=["guestbook", "checkout"])

    def plan_swarm(self, request: SwarmRequest, by: str, session: str) -> Plan:
        self._take("plan_swarm", request, by)
        self.swarm_plan = plan_of(request, by, session)
        return self.swarm_plan

    def start_swarm(self, nonce: str, by: str, session: str) -> Plan:
        self._take("start_swarm", nonce, by)
        assert self.swarm_plan is not None
        return self.swarm_plan

    def set_swarm_users(self, users: int, spawn_rate: int, by: str) -> None:
        self._take("set_swarm_users", users, spawn_rate, by)

    def stop_swarm(self, by: str) -> None:
        self._take("stop_swarm", by)

    def plan_kill(self, by: str, session: str) -> KillPlan:
        self._take("plan_kill", by)
        return kill_plan(by, session)

    def kill_primary(self, nonce: str, by: str, session: str) -> KillPlan:
        self._take("kill_primary", nonce, by)
        return kill_plan(by, "")

    def plan_blast(self, variant: str, by: str, session: str) -> BlastPlan:
        self._take("plan_blast", variant, by)
        return blast_plan(variant, by, session)

    def start_blast(self, nonce: str, by: str, session: str) -> BlastPlan:
        self._take("start_blast", nonce, by)
        return blast_plan("own", by, session)

    def stop_blast(self, by: str) -> None:
        self._take("stop_blast", by)

    def app_request(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> ProxyAnswer:
        self._take("app_request", method, path, query, dict(headers), body)
        if isinstance(self.answer, Refused):
            raise self.answer
        return self.answer

    def _take(self, name: str, *what: Any) -> None:
        self.asked.append((name, what))
        if self.refuse is not None:
            raise self.refuse
