"""What a browser that came by a share link is told: view → fields, and nothing that is not listed here. Pure.

Every value has a form it must have; text is taken only when it is made of our own words (shared_words.py). So what
somebody put into an object, a message of the cluster or a person's name has no way through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from dashboard.store.shared_words import GENERIC, cluster_name, flag_text, is_name, own_words, said, why_sentence

Row = Mapping[str, Any]
Check = Callable[[Any], Any]
Fields = Mapping[str, Check]

NAMESPACES = frozenset({"flask", "mongodb", "load"})
"""Whose workloads and pods are shown: the stack's and its load's, whatever else the dashboard may see."""
READS = frozenset(
    {"pods", "deployments", "statefulsets", "replicasets", "jobs", "horizontalpodautoscalers", "metrics", "swarm"}
)
"""The rows of `connection` that a figure hangs on; of each only whether it can be read."""
KINDS = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "Job", "Pod", "HorizontalPodAutoscaler"})
POD_STATES = frozenset(
    {"Running", "Pending", "Terminating", "ContainerCreating", "PodInitializing", "Completed", "Succeeded",
     "CrashLoopBackOff", "Error", "OOMKilled", "Evicted", "Failed"}
)  # fmt: skip
TROUBLE = "in trouble"
"""Every other state of a pod: what keeps an image from coming may name its registry."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|\+00:00)\Z")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,199}\Z")
_WORD = re.compile(r"[a-z][a-z_]{0,39}\Z")
_INIT = re.compile(r"Init:\d{1,3}/\d{1,3}\Z")


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _time(value: Any) -> str | None:
    return value if isinstance(value, str) and _TIME.match(value) else None


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and _KEY.match(value) else None


def _name(value: Any) -> str | None:
    return value if is_name(value) else None


def _one_of(*words: str) -> Check:
    return lambda value: value if isinstance(value, str) and value in words else None


def _own(value: Any) -> str | None:
    return value if isinstance(value, str) and own_words(value) else None


def _pod_state(value: Any) -> str:
    known = isinstance(value, str) and (value in POD_STATES or _INIT.match(value))
    return value if known else TROUBLE


def _nested(fields: Fields) -> Check:
    return lambda value: _taken(value, fields) if isinstance(value, Mapping) else None


def _taken(row: Row, fields: Fields) -> dict[str, Any]:
    return {name: check(row.get(name)) for name, check in fields.items()}


_STATE = _one_of("live", "syncing", "stale", "forbidden", "down")
_KIND = _one_of(*KINDS)
_NAMED: Fields = {"namespace": _name, "name": _name}
_OBJECT = _nested({"kind": _KIND, **_NAMED})
_TONE = _one_of("ok", "progressing", "waiting", "suspended", "stale", "failed", "unknown")
_WORKLOAD: Fields = {
    "uid": _id, "kind": _KIND, **_NAMED, "replicas": _number, "ready": _number, "updated": _number, "hpa": _name,
    "healthy": _flag, "state": _one_of("ok", "progressing", "failed"), "reason": _own, "created_at": _time,
}  # fmt: skip
_POD: Fields = {
    "uid": _id, **_NAMED, "short": _name, "workload": _nested({"kind": _KIND, "name": _name, "uid": _id}),
    "state": _pod_state, "ready": _flag, "restarts": _number, "created_at": _time, "ready_at": _time,
    "deleted_at": _time, "cpu_millicores": _number, "cpu_percent": _number, "memory_bytes": _number,
    "memory_limit_bytes": _number, "metrics_at": _time, "role": _one_of("primary", "secondary", "arbiter"),
}  # fmt: skip
_SPAN: Fields = {"uid": _id, "workload": _id, **_NAMED, "created_at": _time, "ready_at": _time, "ended_at": _time}
_HPA: Fields = {
    "uid": _id, **_NAMED, "target": _nested({"kind": _KIND, "name": _name}), "min": _number, "max": _number,
    "current": _number, "desired": _number, "cpu_percent": _number, "cpu_target": _number, "last_scale_at": _time,
}  # fmt: skip
_SAMPLE: Fields = dict.fromkeys(
    ("t", "users", "rps", "p95_ms", "failed_percent", "cpu_percent", "cpu_target", "replicas", "ready"), _number
)
_SWARM: Fields = {
    "state": _one_of("none", "starting", "running", "stopping", "stopped", "failed"), "target": _name,
    "profile": _one_of("steady", "steps", "spike"), "started_at": _time, "ends_at": _time,
    **dict.fromkeys(("users", "target_users", "rps", "p95_ms", "failed_percent", "requests", "failures"), _number),
}  # fmt: skip
_STACK: Fields = {
    "state": _one_of("ok", "progressing", "failed", "absent", "forbidden"), "healthy": _number, "total": _number
}  # fmt: skip
_WHY: Fields = {
    "hpa": _nested(_NAMED), "state": lambda value: value if isinstance(value, str) and _WORD.match(value) else None,
    "word": _own, "tone": _TONE, "gauge": _nested({"current_percent": _number, "target_percent": _number}),
    "next_decision_at": _time, "metrics_at": _time, "confidence": _one_of("seen", "computed", "inferred"),
}  # fmt: skip
_STEP: Fields = {"label": _own, "value": _own, "deciding": _flag}
_WAIT: Fields = {
    "kind": lambda value: value if isinstance(value, str) and own_words(value) else None, "text": _own,
    "ends_at": _time, "length_s": _number,
}  # fmt: skip


def _connection(key: str, row: Row) -> dict[str, Any] | None:
    if key == "cluster":
        return {"state": _STATE(row.get("state")), "since": _time(row.get("since")),
                "cluster": cluster_name(row.get("cluster"))}  # fmt: skip
    return {"state": _STATE(row.get("state")), "since": _time(row.get("since"))} if key in READS else None


def _single(only: str, fields: Fields) -> Callable[[str, Row], dict[str, Any] | None]:
    return lambda key, row: _taken(row, fields) if key == only else None


def _in_namespace(fields: Fields) -> Callable[[str, Row], dict[str, Any] | None]:
    def made(_key: str, row: Row) -> dict[str, Any] | None:
        taken = _taken(row, fields) if _is_among(row.get("namespace"), NAMESPACES) else {}
        return taken if taken.get("uid") and taken.get("name") else None

    return made


def _is_among(value: Any, words: Collection[str]) -> bool:
    return isinstance(value, str) and value in words


def _sample(key: str, row: Row) -> dict[str, Any] | None:
    return _taken(row, _SAMPLE) if key.isdecimal() else None


def _why(_key: str, row: Row) -> dict[str, Any] | None:
    hpa = row.get("hpa")
    if not isinstance(hpa, Mapping) or not _is_among(hpa.get("namespace"), NAMESPACES):
        return None
    kept = _taken(row, _WHY)
    steps, waits = ([each for each in row.get(name) or () if isinstance(each, Mapping)] for name in
                    ("sum", "countdowns"))  # fmt: skip
    return {
        **kept,
        "sentence": why_sentence(row.get("sentence"), word=kept["word"], about=_name(hpa.get("name"))),
        "sum": [step for each in steps if (step := _taken(each, _STEP))["label"]],
        "countdowns": [wait for each in waits if (wait := _taken(each, _WAIT))["text"] and wait["kind"]],
    }


def _about(row: Row) -> tuple[bool, dict[str, Any] | None]:
    """Whether a line may be told at all, and the object it is about as far as that is shown."""
    found = row.get("object")
    if not isinstance(found, Mapping):
        return True, None
    about = _OBJECT(found)
    if about["namespace"] not in NAMESPACES:
        # A node's own trouble is the stack's too, but its name is nobody's business.
        return found.get("kind") == "Node", None
    return True, about if about["kind"] else None


def _line(_key: str, row: Row) -> dict[str, Any] | None:
    told, about = _about(row)
    kind = row.get("kind")
    if not told or not isinstance(kind, str) or kind not in GENERIC or row.get("quiet"):
        return None
    return {"id": _id(row.get("id")), "t": _time(row.get("t")), "first": _time(row.get("first")), "kind": kind,
            "object": about, "text": said(kind, row.get("text")), "count": _number(row.get("count"))}  # fmt: skip


def _planted(_key: str, row: Row) -> dict[str, Any] | None:
    told, about = _about(row)
    kind = row.get("kind")
    if not told or not isinstance(kind, str) or kind not in GENERIC:
        return None
    return {"id": _id(row.get("id")), "t": _time(row.get("t")), "kind": kind, "object": about,
            "text": flag_text(kind, row.get("text")), "sentence": said(kind, row.get("sentence"))}  # fmt: skip


SHARED: Mapping[str, Callable[[str, Row], dict[str, Any] | None]] = {
    "connection": _connection,
    "stack": _single("health", _STACK),
    "swarm": _single("current", _SWARM),
    "samples": _sample,
    "hpas": _in_namespace(_HPA),
    "workloads": _in_namespace(_WORKLOAD),
    "pods": _in_namespace(_POD),
    "pod_spans": _in_namespace(_SPAN),
    "why": _why,
    "flags": _planted,
    "story": _line,
}
"""The views that are shared, each with what makes its row; a view that nobody listed is not."""


def shared(view: str, key: str, row: Row) -> dict[str, Any] | None:
    """The row as a shared browser gets it, or None for one that it does not get."""
    made_by = SHARED.get(view)
    return made_by(key, row) if made_by is not None and _KEY.match(key) else None


def shared_views(views: Mapping[str, Mapping[str, Row]]) -> dict[str, dict[str, Row]]:
    """All rows as a shared browser gets them."""
    found: dict[str, dict[str, Row]] = {}
    for view in SHARED.keys() & views.keys():
        rows = ((key, shared(view, key, row)) for key, row in views[view].items())
        found[view] = {key: row for key, row in rows if row is not None}
    return found
