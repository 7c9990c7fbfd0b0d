"""The real web application with scripted rows, and a real Chromium before it. The cluster is not needed here."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from dashboard.access.capabilities import Capability, up_to
from dashboard.access.gate import Gate
from dashboard.access.guard import Access
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.sessions import Session, Sessions, Standing
from dashboard.access.share_links import ShareLinks
from dashboard.data.kill_plan import KillPlan
from dashboard.errors import Refused
from dashboard.kube.credential import Credential
from dashboard.limits.blast.plan import BlastPlan, Bound
from dashboard.limits.blast.variants import variant_of
from dashboard.live.sockets import Sockets
from dashboard.load.pinning import Pinned
from dashboard.load.plan import Plan
from dashboard.load.request import SwarmRequest
from dashboard.runs.archive import Archive, Batch
from dashboard.scaling.pipeline.links import NAMES
from dashboard.settings import Target
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.bundles.catalogue import Catalogue
from dashboard.store.views import Views
from dashboard.story.archive import StoryArchive
from dashboard.web.actions import Headers, LoadChoices, ProxyAnswer
from dashboard.web.factory import create_app
from dashboard.web.runs.kept import Runs
from dashboard.web.story.kept import KeptStory

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

GUESTBOOK_PAGE = b"""<!doctype html><html lang=en><head><meta name=color-scheme content="light dark">
<title>Guestbook</title><link rel=stylesheet href=static/guestbook.css></head><body><h1>Guestbook</h1>
<p>answered by <b>guestbook-7d9f-x2kqp</b> &middot; 1,284 entries &middot; primary mongo-1
<form action=entries method=post><input name=text aria-label=Text> <button>Sign</button></form>
<q>The replicas came just in time.</q><q>Hello from the demo room</q></body></html>"""
GUESTBOOK_STYLE = b"""body { font: 15px system-ui; margin: 1rem } h1 { font-size: 1.4rem }
q { display: block; border-left: 3px solid rgb(12, 125, 112); padding-left: .5rem; margin: .5rem 0; quotes: none }"""

VIEWER = "system:serviceaccount:surgeboard:surgeboard-viewer"
MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
DEPLOY_PAGE = Path(__file__).resolve().parents[1] / "dashboard" / "fixtures" / "deploy-page.json"


def iso(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
class FakeActions:
    """Remembers what it was asked; `refuse` makes the next request fail with that sentence."""

    asked: list[tuple[str, Any]] = field(default_factory=list)
    refuse: str | None = None
    swarm_plan: Plan | None = None
    app_away: str | None = None
    app_unwritten: str | None = None
    agreed: tuple[Any, ...] = ()
    """What the last deploy or roll-back was to take over, which revisions it expected, what it may remove."""
    sealed: str = ""
    """What the last roll-back or teardown said of the page it came from."""
    planned: str = "mixed"
    chosen: Any = None
    """The options of the last plan or deploy."""
    own: frozenset[str] = frozenset()
    problems: dict[str, str] = field(default_factory=dict)
    writes_roles: bool | None = True
    catalogue: Catalogue = field(default_factory=lambda: Catalogue(MANIFESTS))
    documents: dict[str, Any] = field(default_factory=lambda: json.loads(DEPLOY_PAGE.read_text()))

    def bundles(self) -> Sequence[Bundle]:
        return [replace(each, own=True) if each.name in self.own else each for each in self.catalogue.all()]

    def bundle_problems(self) -> Mapping[str, str]:
        return self.problems

    def may_write_roles(self) -> bool | None:
        return self.writes_roles

    def plan(self, bundles: Sequence[str], *, take_over: Collection[str] = (), options: Any = None) -> Document:
        self.chosen = options
        self._take("plan", (tuple(bundles), frozenset(take_over)))
        return Document(self.documents["plans"][self.planned])

    def plan_back(self, bundle: str, number: int, *, take_over: Collection[str] = ()) -> Document:
        self._take("plan_back", (bundle, number, frozenset(take_over)))
        return Document({**self.documents["plans"][self.planned], "seal": SEAL})

    def drift(self, bundle: str) -> Document:
        self._take("drift", (bundle,))
        return Document(self.documents["drift"])

    def removal(self, bundle: str) -> Document:
        self._take("removal", (bundle,))
        return Document({**self.documents["removal"], "seal": SEAL})

    def evidence(self, bundle: str, object_id: str) -> Document:
        self._take("evidence", (bundle, object_id))
        return Document(self.documents["evidence"])

    def history(self, bundle: str) -> Sequence[Mapping[str, Any]]:
        self._take("history", (bundle,))
        return list(self.documents["history"])

    def roll_back(
        self, bundle: str, number: int, by: str, *, take_over: Collection[str] = (), remove: Collection[str] = (),
        seal: str,
    ) -> None:  # fmt: skip
        self.sealed = seal
        self.agreed = (tuple(take_over), None, tuple(remove))
        self._take("roll_back", (bundle, number, by))

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
        self._take("deploy", (tuple(bundles), by))

    def cancel_deploy(self) -> None:
        self._take("cancel_deploy", None)

    def teardown(self, bundle: str, by: str, *, also: Collection[str] = (), seal: str) -> None:
        self.sealed = seal
        self._take("teardown", (bundle, by, *also))

    def load_choices(self) -> LoadChoices:
        shop = Target(id="shop", namespace="shop", service="web", port=80)
        guestbook = Target(id="guestbook", namespace="flask", service="guestbook", port=8080)
        return LoadChoices(targets=[guestbook, shop], scenarios=["guestbook", "checkout"])

    def plan_swarm(self, request: SwarmRequest, by: str, session: str) -> Plan:
        self._take("plan_swarm", (request, by))
        self.swarm_plan = plan_of(request, by, session)
        return self.swarm_plan

    def start_swarm(self, nonce: str, by: str, session: str) -> Plan:
        self._take("start_swarm", (nonce, by))
        assert self.swarm_plan is not None
        return self.swarm_plan

    def set_swarm_users(self, users: int, spawn_rate: int, by: str) -> None:
        self._take("set_swarm_users", (users, spawn_rate, by))

    def stop_swarm(self, by: str) -> None:
        self._take("stop_swarm", by)

    def plan_kill(self, by: str, session: str) -> KillPlan:
        self._take("plan_kill", by)
        return kill_plan(by, session)

    def kill_primary(self, nonce: str, by: str, session: str) -> KillPlan:
        self._take("kill_primary", (nonce, by))
        return kill_plan(by, "")

    def plan_blast(self, variant: str, by: str, session: str) -> BlastPlan:
        self._take("plan_blast", (variant, by))
        return blast_plan(variant, by, session)

    def start_blast(self, nonce: str, by: str, session: str) -> BlastPlan:
        self._take("start_blast", (nonce, by))
        return blast_plan("own", by, session)

    def stop_blast(self, by: str) -> None:
        self._take("stop_blast", by)

    def app_request(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> ProxyAnswer:
        if self.app_away:
            raise Refused(self.app_away, status=503)
        self.asked.append(("app", (method, path, body)))
        if method == "POST" and self.app_unwritten:
            raise Refused(self.app_unwritten, status=403)
        if method == "POST":
            return ProxyAnswer(303, [("Location", "/?signed"), ("Set-Cookie", "app=1")], [b""])
        if path == "static/guestbook.css":
            return ProxyAnswer(200, [("Content-Type", "text/css")], [GUESTBOOK_STYLE])
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Connection", "close")]
        return ProxyAnswer(200, headers, [GUESTBOOK_PAGE])

    def _take(self, name: str, what: Any) -> None:
        if self.refuse:
            sentence, self.refuse = self.refuse, None
            raise Refused(sentence, status=409)
        self.asked.append((name, what))


RUN = Path(__file__).resolve().parents[1] / "dashboard" / "fixtures" / "run.json"
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


class Script:
    """Writes believable rows: a swarm that climbs, an autoscaler that follows from 1 to 3 to 5 pods."""

    def __init__(self, views: Views, clock: Callable[[], float] = time.time) -> None:
        self.views = views
        self.start = clock() - 240
        self.clock = clock

    def connect(self, state: str = "live", *, detail: str = "", since: float | None = None) -> None:
        row = {
            "state": state,
            "since": iso(since or self.start),
            "cluster": "local",
            "server": "https://127.0.0.1:6443",
        }
        self.views.put("connection", "cluster", {**row, "detail": detail})
        self.views.put("viewers", "count", {"count": 3})

    def empty(self) -> None:
        self.connect()
        self.views.put("stack", "health", {"state": "absent", "healthy": 0, "total": 0, "sentence": "nothing deployed"})
        self.views.put("swarm", "current", {"id": None, "state": "none"})
        self.views.put("app", "guestbook", self._app(reachable=False))

    def everything(self) -> None:
        self.connect()
        self.views.put(
            "stack", "health", {"state": "ok", "healthy": 8, "total": 8, "sentence": "stack healthy · 8 of 8"}
        )
        self.views.put("app", "guestbook", self._app(reachable=True))
        self.workloads()
        self.samples(until=int(self.clock() - self.start))
        self.flags_and_story()
        self.explanations()
        self.views.put("swarm", "current", self.swarm("running"))

    def _app(self, *, reachable: bool | None) -> dict[str, Any]:
        url = "http://127.0.0.1:30080/" if reachable else None
        return {"namespace": "flask", "name": "guestbook", "reachable": reachable, "url": url, "proxy_path": "/app/"}

    def swarm(self, state: str) -> dict[str, Any]:
        started = self.start + 60
        return {
            "id": "k3v9", "state": state, "target": "guestbook", "profile": "steps", "users": 120, "target_users": 120,
            "rps": 418.0, "p95_ms": 86.0, "failed_percent": 0.0, "requests": 41_200, "failures": 0, "workers": 1,
            "started_at": iso(started), "ends_at": iso(started + 300), "started_by": "operator", "error": None,
        }  # fmt: skip

    def sample(self, second: int) -> dict[str, Any]:
        users = 0 if second < 60 else min(120, 30 * (1 + (second - 60) // 30))
        replicas = 1 if second < 105 else 3 if second < 165 else 5
        ready = 1 if second < 112 else 3 if second < 173 else 5
        wobble = 1 + 0.03 * math.sin(second * 1.7) + 0.02 * math.sin(second * 0.53)
        cpu = 3.0 if not users else min(300.0, users * 2.25 / ready) * wobble
        return {
            "t": int(1000 * (self.start + second)), "users": users, "rps": round(users * 3.48 * wobble, 1),
            "p95_ms": round((40 + 1.4 * users / ready + (150 if cpu > 120 else 0)) * wobble, 1) if users else None,
            "failed_percent": 0.0 if users else None, "cpu_percent": round(cpu, 1), "cpu_target": 50,
            "replicas": replicas, "ready": ready,
        }  # fmt: skip

    def put_sample(self, second: int) -> None:
        row = self.sample(second)
        self.views.put("samples", str(row["t"]), row)

    def samples(self, *, until: int, gap: tuple[int, int] = (30, 42)) -> None:
        for second in range(until + 1):
            if not gap[0] <= second < gap[1]:
                self.put_sample(second)

    def pod(self, name: str, owner: dict[str, str], born: float, **more: Any) -> dict[str, Any]:
        ready = more.pop("ready_at", born + 7)
        row = {
            "uid": f"uid-{name}", "namespace": owner["namespace"], "name": name,
            "short": name if owner["kind"] == "StatefulSet" else name.rpartition("-")[2],
            "workload": {"kind": owner["kind"], "name": owner["name"], "uid": owner["uid"]}, "phase": "Running",
            "state": "Running", "ready": ready is not None, "restarts": 0, "ip": "127.64.1.9", "node": "local",
            "created_at": iso(self.start + born), "ready_at": iso(self.start + ready) if ready is not None else None,
            "deleted_at": None, "cpu_millicores": 54.0, "cpu_percent": 54.0, "memory_bytes": 74_000_000,
            "memory_limit_bytes": 201_326_592, "metrics_at": iso(self.start + 230), "role": None, "containers": [],
        } | more  # fmt: skip
        self.views.put("pods", row["uid"], row)
        span = {key: row[key] for key in ("uid", "namespace", "name", "created_at", "ready_at")}
        self.views.put("pod_spans", row["uid"], {**span, "workload": owner["uid"], "ended_at": None})
        return row

    def workload(self, kind: str, namespace: str, name: str, replicas: int, hpa: str | None = None) -> dict[str, Any]:
        row = {
            "uid": f"uid-{namespace}-{name}", "kind": kind, "namespace": namespace, "name": name, "replicas": replicas,
            "ready": replicas, "updated": replicas, "hpa": hpa, "healthy": True, "state": "ok", "reason": None,
            "created_at": iso(self.start - 600),
        }  # fmt: skip
        self.views.put("workloads", str(row["uid"]), row)
        return row

    def workloads(self) -> None:
        guestbook = self.workload("Deployment", "flask", "guestbook", 5, hpa="guestbook")
        for name, born, cpu in (("x2kqp", -600, 56), ("m4dzt", 105, 51), ("b8wvn", 105, 158), ("q7hsl", 165, 49)):
            self.pod(f"guestbook-7d9f-{name}", guestbook, born, cpu_percent=float(cpu))
        self.pod("guestbook-7d9f-c9rty", guestbook, 165, cpu_percent=None, ready_at=None, ready=False)
        mongo = self.workload("StatefulSet", "mongodb", "mongo", 3)
        for index, role in enumerate(("secondary", "primary", "secondary")):
            self.pod(f"mongo-{index}", mongo, -700 + 10 * index, role=role, cpu_percent=12.0 + index)
        server = self.workload("Deployment", "kube-system", "metrics-server", 1)
        self.pod("metrics-server-6b5c-wq2mn", server, -800, cpu_percent=4.0)
        worker = self.workload("Job", "load", "swarm-k3v9-worker", 1)
        self.pod("swarm-k3v9-worker-8kd2p", worker, 58, cpu_percent=61.0)
        self.views.put(
            "hpas",
            "uid-hpa",
            {
                "uid": "uid-hpa", "namespace": "flask", "name": "guestbook",
                "target": {"kind": "Deployment", "name": "guestbook"}, "min": 1, "max": 8, "current": 5, "desired": 5,
                "cpu_percent": 54, "cpu_target": 50, "conditions": [], "last_scale_at": iso(self.start + 165),
            },
        )  # fmt: skip

    def tell(
        self,
        key: str,
        second: float,
        kind: str,
        text: str,
        *,
        count: int = 1,
        flag: str | None = None,
        quiet: bool = False,
    ) -> None:
        about = {"kind": "Deployment", "namespace": "flask", "name": "guestbook"}
        row = {"id": key, "t": iso(self.start + second), "kind": kind, "object": about}
        self.views.put("story", key, {**row, "text": text, "count": count, "quiet": quiet})
        if flag:
            self.views.put("flags", key, {**row, "text": flag, "sentence": text})

    def flags_and_story(self) -> None:
        self.tell("s0", 2, "normal", "Pod guestbook-7d9f-x2kqp has its image.", quiet=True)
        self.tell(
            "s1",
            3,
            "failover",
            "mongo-0 stepped down, mongo-1 is primary after 2.0 s; 0 confirmed writes lost",
            flag="failover",
        )
        self.tell(
            "s2", 60, "swarm", "120 load users on flask/guestbook, steps of 30, started by operator", flag="swarm"
        )
        self.tell("s3", 104, "warning", "guestbook-7d9f-x2kqp: readiness probe timed out", count=4)
        self.tell("s4", 105, "scaled", "guestbook 1 → 3 replicas: CPU 201 % of request, target 50 %", flag="1 → 3")
        self.tell("s5", 112, "ready", "guestbook-7d9f-m4dzt answers after 4.1 s")
        self.tell(
            "s6",
            165,
            "scaled",
            "guestbook 3 → 5 replicas: CPU 167 % of request, target 50 %: would want 11, limited to +2 pods per 30 s",
            flag="3 → 5",
        )
        self.tell("s7", 168, "apply", "flask/guestbook changed by operator: 1 object", flag="apply")
        self.tell("s8", 173, "ready", "guestbook-7d9f-q7hsl answers after 4.4 s")

    def explanations(self) -> None:
        now = self.clock()
        self.views.put(
            "why",
            "uid-hpa",
            {
                "hpa": {"namespace": "flask", "name": "guestbook"}, "state": "within_tolerance",
                "word": "Steady", "tone": "ok", "gauge": {"current_percent": 54, "target_percent": 50},
                "countdowns": [
                    {"kind": "sync", "text": "By the newest figures it stays at 5 replicas.", "ends_at": iso(now + 9),
                     "length_s": 15},
                ],
                "evidence": [
                    {"kind": "condition", "name": "", "at": iso(now - 40),
                     "text": "AbleToScale True, ReadyForNewScale: recommended size matches current size"},
                    {"kind": "object", "name": "Deployment/guestbook", "at": None, "text": "5 wanted, 4 ready"},
                ],
                "sentence": "Steady: CPU is 54 % of the request, a little over its 50 % target "
                "but inside the 10 % tolerance, so nothing changes.",
                "sum": [
                    {"label": "replicas now", "value": "5", "deciding": False},
                    {"label": "CPU ÷ target", "value": "54 ÷ 50 = 1.08", "deciding": False},
                    {"label": "inside 0.90 – 1.10?", "value": "yes", "deciding": False},
                    {"label": "without the tolerance ⌈5 × 1.08⌉", "value": "6", "deciding": False},
                    {"label": "bounds", "value": "1 – 8", "deciding": False},
                    {"label": "so the HPA wants", "value": "5 replicas", "deciding": True},
                ],
                "next_decision_at": iso(now + 9), "metrics_at": iso(now - 9), "confidence": "computed", "advice": None,
            },
        )  # fmt: skip
        self.pipeline(requests=("broken", "container app asks for no cpu in 1 of 5 pods"))

    def pipeline(self, **changes: tuple[str, str]) -> None:
        """Every link is ok but those that are given; the first of these that is broken is the fault."""
        well = {
            "api_service": "served by metrics-server", "available": "answers", "endpoints": "1 ready endpoint",
            "kubelet_tls": "1 node read", "fresh": "9 s old", "requests": "on every container",
            "hpa": "CPU 54 %, target 50 %",
        }  # fmt: skip
        told = {name: changes.get(name, ("ok", text)) for name, text in well.items()}
        links = [
            {"id": name, "name": NAMES[name], "state": state, "text": text, "rule": None, "advice": None,
             "cause": "in its own words" if state == "broken" else None}
            for name, (state, text) in told.items()
        ]  # fmt: skip
        fault = next((name for name, (state, _) in told.items() if state == "broken"), None)
        sentence = (
            f"HPA flask/guestbook gets no figures: {told[fault][1]}." if fault else "HPA flask/guestbook is well."
        )
        needed = fault in ("api_service", "available", "endpoints", "kubelet_tls")
        repair = {"bundle": "metrics-server", "needed": True, "why": "The bundle brings it."} if needed else None
        row = {"links": links, "fault": fault, "sentence": sentence, "repair": repair}
        self.views.put("pipeline", "metrics", row)

    def bundles(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        self.views.replace("bundles", rows)

    def deploying(self, *, failed: bool = False) -> None:
        objects = [
            ("metrics-server", "Deployment", "kube-system", "metrics-server", "ready"),
            ("mongodb", "Namespace", None, "mongodb", "created"),
            ("mongodb", "Secret", "mongodb", "mongo", "unchanged"),
            ("mongodb", "StatefulSet", "mongodb", "mongo", "failed" if failed else "waiting"),
            ("flask", "Namespace", None, "flask", "pending"),
            ("flask", "Deployment", "flask", "guestbook", "pending"),
        ]
        detail = {"waiting": "1 of 3 members ready", "failed": "mongo-1: CrashLoopBackOff, exit code 14"}
        steps = [
            {"bundle": bundle, "stage": 1, "object": {"kind": kind, "namespace": namespace, "name": name},
             "result": result, "detail": detail.get(result)}
            for bundle, kind, namespace, name, result in objects
        ]  # fmt: skip
        error = (
            "mongodb/mongo is not ready after 120 s: look at the log of mongo-1, then deploy again." if failed else None
        )
        state = "failed" if failed else "waiting"
        row = {"state": state, "bundle": "mongodb", "steps": steps, "error": error}
        self.views.put("deploy", "current", {**row, "started_at": iso(self.clock()), "finished_at": None})


def whole(app: WSGIApplication) -> WSGIApplication:
    """`app` with every body read and closed before it is sent.

    Werkzeug's server leaves the file of a static answer open when the browser goes away in the middle of it: discarding
    what is left of the request fails before the body is closed.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        body = app(environ, start_response)
        try:
            return list(body)
        finally:
            if isinstance(body, Closing):
                body.close()

    return answer


@runtime_checkable
class Closing(Protocol):
    """A body that holds something, a file for one."""

    def close(self) -> None:
        """Let go of it."""


class CompiledOnce(BytecodeCache):
    """The templates' bytecode, for every app of this process: compiling takes longer than most tests."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja's: what is known of this template and this text of it."""
        if code := self._code.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja's: keep it."""
        self._code[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


COMPILED = CompiledOnce()


class QuietHandler(WSGIRequestHandler):
    """Says nothing in the log."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's signature
        """Nothing: a test's output is its own."""


class Stand:
    """The dashboard on a loopback port, with levers to cut and refuse its sockets."""

    def __init__(self, data_dir: Path, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.views = Views()
        self.actions = FakeActions()
        self.script = Script(self.views)
        self.refuse_sockets = False
        self.server = self._build(data_dir)
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def _build(self, data_dir: Path) -> BaseWSGIServer:
        server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=QuietHandler)
        self.port = server.server_port
        origins = Origins.loopback(self.port)
        self.links = SignInLinks(f"http://127.0.0.1:{self.port}", data_dir)
        self.shares = ShareLinks(data_dir)
        self.access = Access(
            sessions=Sessions(time.time), links=self.links, origins=origins, port=self.port, read_only=self.read_only,
            shares=self.shares,
        )  # fmt: skip
        self.archive = Archive(data_dir / "runs.db")
        runs = Runs(self.archive, 200, 90)
        self.story = StoryArchive(data_dir / "story.db")
        self.cluster: str | None = "c1"
        story = KeptStory(self.story, lambda: self.cluster, 50_000, 30)
        app = create_app(self, views=self.views, actions=self.actions, access=self.access, runs=runs, story=story)
        app.jinja_env.bytecode_cache = COMPILED
        self.sockets = self._wire_sockets(app, sorted(origins.origins))
        server.app = whole(Gate(app.wsgi_app, origins))
        return server

    def _wire_sockets(self, app: Flask, origins: list[str]) -> Sockets:
        def authorize(environ: dict[str, Any]) -> Any:
            return None if self.refuse_sockets else self.access.authorize(environ)

        sockets = Sockets(app, self.views, origins=origins, authorize=authorize, async_mode="threading")
        sockets.start()
        return sockets

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def become(self, most: Capability, *, by: str = VIEWER, until: float | None = None) -> None:
        """Every session, and each that is opened from now on, is this person's, who may no more than `most`."""
        opened = self.access.sessions.open_as

        def open_as(secret: str, standing: Standing, **more: Any) -> Session:
            return self._made(opened(secret, standing, **more), most, by, until)

        for session in self.access.sessions.open_now():
            self._made(session, most, by, until)
        self.access.sessions.open_as = open_as  # type: ignore[method-assign,assignment]

    @staticmethod
    def _made(session: Session, most: Capability, by: str, until: float | None) -> Session:
        session.capabilities, session.lacking = up_to(most), {}
        session.by, session.credential, session.expires_at = by, Credential(by, lambda: "a token"), until
        return session

    def cut(self, *, refuse: bool = False) -> None:
        """Drop every socket; `refuse` keeps new ones out until it is lifted."""
        self.refuse_sockets = refuse
        engine = self.sockets.io.server.eio
        for socket in list(engine.sockets.values()):
            socket.close(wait=False)  # waiting for its queue would wait for ever when its writer has just ended

    def close(self) -> None:
        self.sockets.stop()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)


@pytest.fixture
def read_only() -> bool:
    """Whether the dashboard is; a file of tests may say otherwise."""
    return False


@pytest.fixture
def stand(tmp_path: Path, read_only: bool) -> Iterator[Stand]:
    made = Stand(tmp_path, read_only=read_only)
    yield made
    made.close()


@pytest.fixture
def recorded(stand: Stand) -> Callable[..., str]:
    """Puts a run into the archive, as it was recorded or with changes; gives its id."""
    return lambda **changes: put_run(stand.archive, **changes)


@pytest.fixture
def open_page(chromium: Any, stand: Stand) -> Iterator[Callable[..., Any]]:
    """Opens a signed-in page; at the end no page may have complained in its console."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_it(
        *, width: int = 1440, height: int = 1000, dark: bool = False, signed_in: bool = True, **more: Any
    ) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", **more
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(40_000)
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(stand.links.renew() if signed_in else stand.url)
        return page

    open_it.complaints = complaints  # type: ignore[attr-defined]
    yield open_it
    for context in contexts:
        context.close()
    expected = ("503", "WebSocket", "401", "409", "422", "403")
    assert [text for text in complaints if not any(word in text for word in expected)] == []
