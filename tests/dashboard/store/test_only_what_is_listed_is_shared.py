"""A shared browser gets the listed fields of the listed views, in the form they must have, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.store.shared import SHARED, shared, shared_views
from dashboard.store.shared_words import GENERIC, cluster_name, flag_text, own_words, said, why_sentence

CANARY = "Canary10.1.2.3/Alice"
SHAPED = "canary-alice"
"""Has the form of a name, so that only what is no name's place keeps it out."""
T = "2026-11-23T14:03:00.000Z"
OBJECT = {"kind": "Deployment", "namespace": "flask", "name": "guestbook"}

ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "connection": ("cluster", {"state": "live", "since": T, "cluster": "demo", "server": "", "detail": "", "rule": {}}),
    "stack": ("health", {"state": "ok", "healthy": 3, "total": 3, "sentence": ""}),
    "swarm": ("current", {"id": "", "state": "running", "target": "guestbook", "profile": "steps", "users": 3,
                          "started_by": "", "error": "", "workers": [], "ends_at": T}),
    "samples": ("1000", {"t": 1000, "users": 3, "cpu_percent": 54.0, "ready": 2}),
    "hpas": ("u1", {"uid": "u1", "namespace": "flask", "name": "guestbook", "max": 8, "conditions": [],
                    "target": {"kind": "Deployment", "name": "guestbook"}, "metrics": [], "behavior": {}}),
    "workloads": ("u2", {"uid": "u2", "kind": "Deployment", "namespace": "flask", "name": "guestbook", "replicas": 2,
                         "state": "ok", "reason": "1 of 2 pods are ready", "scaled_by": {"manager": ""}}),
    "pods": ("u3", {"uid": "u3", "namespace": "flask", "name": "guestbook-1-x", "short": "x", "ip": "", "node": "",
                    "workload": {"kind": "Deployment", "name": "guestbook", "uid": "u2"}, "state": "Running",
                    "ready": True, "unschedulable": "", "containers": [], "lacks": {}, "role": None}),
    "pod_spans": ("u3", {"uid": "u3", "workload": "u2", "namespace": "flask", "name": "guestbook-1-x"}),
    "why": ("u1", {"hpa": {"namespace": "flask", "name": "guestbook"}, "state": "ok", "word": "Steady", "tone": "ok",
                   "sentence": "Steady: CPU is 54 % of the request, target 50 %.", "advice": "", "evidence": [],
                   "sum": [{"label": "replicas now", "value": "5", "deciding": True}],
                   "countdowns": [{"kind": "sync", "text": "next decision", "ends_at": T, "length_s": 15}],
                   "gauge": {"current_percent": 54, "target_percent": 50}, "metrics": [], "confidence": "computed"}),
    "flags": ("e1", {"id": "e1", "t": T, "kind": "scaled", "text": "1 → 3", "object": OBJECT,
                     "sentence": "guestbook 1 → 3 replicas: CPU is above its target."}),
    "story": ("e1", {"id": "e1", "t": T, "kind": "scaled", "object": OBJECT, "count": 1, "quiet": False, "first": T,
                     "text": "guestbook 1 → 3 replicas: CPU is above its target.", "by": "", "reason": ""}),
}  # fmt: skip
NAMES = {"cluster", "target", "hpa", "name", "namespace", "short"}
"""Fields that hold the name of something that is shown; there a name is a name."""


def places(row: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value of a row, those inside it included."""
    if isinstance(row, dict):
        return [path, *[found for name, value in row.items() for found in places(value, (*path, name))]]
    if isinstance(row, list):
        return [path, *[found for index, value in enumerate(row) for found in places(value, (*path, index))]]
    return [path]


def put(row: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of the row with another value there."""
    if not path:
        return value
    copied = dict(row) if isinstance(row, dict) else list(row)
    copied[path[0]] = put(copied[path[0]], path[1:], value)
    return copied


def test_every_shared_view_is_tried_here() -> None:
    assert set(ROWS) == set(SHARED)


@pytest.mark.parametrize("view", ROWS)
def test_what_a_row_is_made_for_gets_through(view: str) -> None:
    key, row = ROWS[view]
    assert shared(view, key, row), "this test would prove nothing"


@pytest.mark.parametrize("view", ROWS)
@pytest.mark.parametrize("form", [CANARY, [CANARY], {CANARY: CANARY}, {"sentence": CANARY, "name": CANARY}])
def test_a_canary_in_any_field_never_gets_through(view: str, form: Any) -> None:
    key, row = ROWS[view]
    for path in places(row)[1:]:
        for told in (form, f"{row.get('text', '')} {CANARY}" if isinstance(form, str) else form):
            made = shared(view, key, put(row, path, told))
            assert "Canary" not in json.dumps(made), path
            assert "10.1.2.3" not in json.dumps(made), path


@pytest.mark.parametrize("view", ROWS)
def test_a_name_gets_through_only_where_a_name_belongs(view: str) -> None:
    key, row = ROWS[view]
    for path in places(row)[1:]:
        if NAMES & set(path) or path[-1] in ("id", "uid", "workload"):
            continue
        made = shared(view, key, put(row, path, SHAPED))
        assert SHAPED not in json.dumps(made), path


@pytest.mark.parametrize("view", ROWS)
def test_a_field_that_nobody_listed_is_dropped(view: str) -> None:
    key, row = ROWS[view]
    made = shared(view, key, {**row, "env": SHAPED, "args": [SHAPED], "logs": SHAPED, "new": {"deep": SHAPED}})
    assert made is not None
    assert SHAPED not in json.dumps(made)
    assert made == shared(view, key, row)


def test_a_view_that_nobody_listed_is_not_shared() -> None:
    views = {view: {key: row} for view, (key, row) in ROWS.items()}
    found = shared_views({**views, "brand_new": {"a": {"name": "guestbook"}}, "deploy": {"current": {"state": "idle"}}})
    assert set(found) == set(ROWS)
    assert shared("brand_new", "a", {"name": "guestbook"}) is None


def test_a_key_is_no_way_round() -> None:
    _, row = ROWS["pods"]
    assert shared("pods", "Alice, at 10.1.2.3", row) is None


@pytest.mark.parametrize("view", ["pods", "workloads", "pod_spans", "hpas"])
@pytest.mark.parametrize("name", ["10.1.2.3", "2001.db8", "fe80"])
def test_a_name_that_is_an_address_is_none(view: str, name: str) -> None:
    key, row = ROWS[view]
    made = shared(view, key, {**row, "name": name})
    assert (made is None) == (name == "10.1.2.3"), "the others have but the letters of one"


@pytest.mark.parametrize("view", ["pods", "workloads", "pod_spans", "hpas"])
@pytest.mark.parametrize("namespace", ["kube-system", "alice", "default", None])
def test_other_namespaces_are_not_shared(view: str, namespace: str | None) -> None:
    key, row = ROWS[view]
    assert shared(view, key, {**row, "namespace": namespace}) is None


@pytest.mark.parametrize(
    "state", ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError"]
)
def test_what_keeps_an_image_away_is_not_told(state: str) -> None:
    key, row = ROWS["pods"]
    made = shared("pods", key, {**row, "state": state})
    assert made is not None
    assert made["state"] == "in trouble"


def test_of_reads_only_those_a_figure_hangs_on_are_told_and_no_rule() -> None:
    refused = {"state": "forbidden", "since": T, "detail": "User alice may not", "rule": {"yaml": "rules: []"}}
    assert shared("connection", "pods", refused) == {"state": "forbidden", "since": T}
    assert shared("connection", "secrets", refused) is None


@pytest.mark.parametrize(
    ("kind", "told", "said_so"),
    [
        ("swarm", "120 load users on guestbook, steps, started by alice.", "120 load users on guestbook."),
        ("swarm", "60 load users from now on, set by alice.", "60 load users from now on."),
        ("stop", "Swarm stopped by alice.", "The swarm was stopped."),
        ("stop", "Swarm ended: the node worker-7 is gone.", GENERIC["stop"]),
        ("apply", "Deploying mongodb, flask, asked for by alice.", "Deploying mongodb, flask."),
        ("apply", "mongodb, flask deployed.", "mongodb, flask deployed."),
        ("apply", "Rolling flask back to revision 3, asked for by alice; Secrets and data stay as they are.",
         "Rolling flask back to revision 3."),
        ("oom", "Out of memory on worker-7: Killed process 12.", GENERIC["oom"]),
        ("failover", "alice killed the primary mongo-1 to see a failover.",
         "The primary mongo-1 was killed to see a failover."),
        ("failover", "mongo-2 is primary now, before it was mongo-1: 10.1.2.3 fell silent.",
         "mongo-2 is primary now, before it was mongo-1."),
        ("scaled", "guestbook 1 → 3 replicas: CPU is above its target.",
         "guestbook 1 → 3 replicas: CPU is above its target."),
        ("scaled", "guestbook 1 → 3 replicas: external metric alice-queue above target.", "guestbook 1 → 3 replicas."),
        ("scaled", "alice (kubectl) set Deployment guestbook from 2 to 4, not the HPA.",
         "guestbook was set from 2 to 4, not by the HPA."),
    ],
)  # fmt: skip
def test_the_story_is_told_again_without_who_and_where(kind: str, told: str, said_so: str) -> None:
    assert said(kind, told) == said_so


@pytest.mark.parametrize("kind", ["normal", "warning", "ready", "restart", "experiment", "brand-new"])
def test_other_kinds_of_the_story_are_not_told(kind: str) -> None:
    for view in ("story", "flags"):
        key, row = ROWS[view]
        assert shared(view, key, {**row, "kind": kind}) is None


def test_routine_is_not_told() -> None:
    key, row = ROWS["story"]
    assert shared("story", key, {**row, "quiet": True}) is None


def test_a_node_that_ran_out_of_memory_has_no_name() -> None:
    key, row = ROWS["story"]
    node = {"kind": "Node", "namespace": None, "name": "worker-7"}
    made = shared("story", key, {**row, "kind": "oom", "object": node, "text": "Out of memory on worker-7: x"})
    assert made is not None
    assert made["object"] is None
    assert "worker" not in json.dumps(made)


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        ("kind-demo", "kind-demo"), ("alice@prod", "prod"), ("https://10.1.2.3:6443", ""), ("api.example.com", ""),
        ("default/api-example-com:6443/alice", ""), ("arn:aws:eks:eu-1:123456789012:cluster/x", ""), (None, ""),
    ],
)  # fmt: skip
def test_a_cluster_s_name_holds_no_user_and_no_address(context: str | None, shown: str) -> None:
    assert cluster_name(context) == shown


def test_an_explanation_in_foreign_words_becomes_its_state() -> None:
    told = 'Blocked by the quota alice of namespace flask: pods "x" is forbidden.'
    assert why_sentence(told, word="Blocked by a quota", about="guestbook") == "guestbook: Blocked by a quota."
    assert "alice" not in why_sentence(told, word=None, about=None)


@pytest.mark.parametrize("text", ["10.1.2.3", "see 1:2", "https://x", "alice", "CPU is 3 %, alice", "", "CPU " * 200])
def test_own_words_are_own_words(text: str) -> None:
    assert not own_words(text)


def test_a_flag_says_sizes_or_one_of_a_few_words() -> None:
    assert flag_text("scaled", "1 → 3") == "1 → 3"
    assert flag_text("apply", "alice") == "apply"
    assert flag_text("oom", None) == "OOM"


@pytest.mark.parametrize(
    "sentence",
    [
        "At its minimum of 1 replica: CPU is 3 % of the request, target 50 %.",
        "Scaling up to 3 replicas: CPU is 240 % of the request, target 50 %, as fast as its policies allow.",
        (
            "Steady: CPU is 54 % of the request, a little over its 50 % target but inside the 10 % tolerance, "
            "so nothing changes."
        ),
        (
            "Holding 5 replicas: CPU is 0 % of the request, target 50 %, but a higher wish within the last 1 min "
            "still counts."
        ),
        "Not scaling: the cluster has no metrics API, so the HPA cannot see any CPU figure.",
        "Paused: the target has 0 replicas, which switches scaling off.",
    ],
)
def test_what_we_say_of_an_autoscaler_ourselves_is_shared_whole(sentence: str) -> None:
    assert why_sentence(sentence, word="Steady", about="guestbook") == sentence
