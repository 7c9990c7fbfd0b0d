"""Rows as the dashboard's own threads would put them: a stack that scales, a deploy, a fault."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from dashboard.scaling.pipeline.links import NAMES
from dashboard.store.views import Views


def iso(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
