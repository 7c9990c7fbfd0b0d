"""The web application with hand-made rows and actions that remember what they were asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
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
from dashboard.data.kill_plan import KillPlan
from dashboard.errors import Refused
from dashboard.kube.credential import Credential
from dashboard.limits.blast.plan import BlastPlan, Bound
from dashboard.limits.blast.variants import variant_of
from dashboard.load.pinning import Pinned
from dashboard.load.plan import Plan
from dashboard.load.request import SwarmRequest
from dashboard.runs.archive import Archive, Batch
from dashboard.settings import Target
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.bundles.catalogue import Catalogue
from dashboard.store.views import Views
from dashboard.story.archive import StoryArchive
from dashboard.web.actions import Headers, LoadChoices, ProxyAnswer
from dashboard.web.factory import create_app
from dashboard.web.runs.kept import Runs
from dashboard.web.story.kept import KeptStory

PORT = 8080
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


RUN = Path(__file__).resolve().parents[1] / "fixtures" / "run.json"
SERIES = ("samples", "metrics", "flags", "explanations", "events", "spans")
COLUMNS = ("name", "note", "by", "why", "target", "profile", "peak_users", "peak_replicas", "requests", "failures",
           "request", "revisions", "scaled", "reaction", "load_at", "stopped_at", "finished_at", "swarm_id",
           "error")  # fmt: skip


def put_run(archive: Archive, **changes: Any) -> str:
    """A recorded run in the archive, as it was or with `changes`; its id."""
    document = {**json.loads(RUN.read_text()), **changes}
    begun = {name: document[name] for name in (*COLUMNS, "started_at") if name in document}
    begun["outcome"] = {name: document.get(name) for name in ("failures_by", "workers", "ceiling", "saturated")}
    rows = {name: document[name] for name in SERIES}
    rows |= {"endpoints": document["endpoints_over_time"], "pods": document["pods_over_time"]}
    run_id = archive.begin(begun, Batch(rows), at=datetime.fromisoformat(document["started_at"]))
    assert run_id is not None
    if document["state"] != "recording":
        archive.finish(run_id, Batch(run={"state": document["state"], "finished_at": document["finished_at"]}))
    archive.tag(run_id, document["tags"])
    return run_id


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
