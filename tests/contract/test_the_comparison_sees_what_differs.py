"""The yardstick itself: it sees a difference in every part it compares, and none in what is declared to differ."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.contract.conformance import comparing, kubernetes_events, sequences
from tests.contract.conformance.comparing import Sides
from tests.contract.conformance.player import Answer

ROW: dict[str, Any] = {
    "type": "request", "method": "POST", "path": "/api/v1/namespaces/n/pods", "status": 429,
    "response_headers": {"Content-Type": "application/json", "Retry-After": "10"},
    "response": {"kind": "Status", "status": "Failure", "reason": "TooManyRequests", "message": "not now", "code": 429},
}  # fmt: skip


def _event(kind: str, name: str, **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "n", "uid": f"uid of {name}", "resourceVersion": "7"}
    return {"type": kind, "object": {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, **more}}


def _phases(name: str, *phases: str) -> list[dict[str, Any]]:
    changes = [_event("MODIFIED", name, status={"phase": phase}) for phase in phases]
    return [_event("ADDED", name, status={"phase": "Pending"}), *changes, _event("DELETED", name)]


def _told(recorded: Any, received: Any) -> list[str]:
    tally, _ = sequences.compare({"pods": recorded}, {"pods": received}, sides=Sides())
    return [each.full() for each in tally.differences]


@pytest.mark.parametrize(
    ("path", "value"),
    [(("status",), 500), (("response", "reason"), "Expired"), (("response", "message"), "later"),
     (("response", "details"), {"name": "x"}), (("response_headers", "Retry-After"), "1"),
     (("response_headers", "Warning"), '299 - "old"')],
)  # fmt: skip
def test_every_part_of_an_answer_counts(path: tuple[str, ...], value: Any) -> None:
    other = copy.deepcopy(ROW)
    place = other if len(path) == 1 else other[path[0]]
    place[path[-1]] = value
    answer = Answer(ROW, other["status"], other["response_headers"], other["response"])
    heads, _ = comparing.requests([answer], sides=Sides())
    assert [each.what for each in heads.differences] == ["POST /api/v1/namespaces/n/pods"]


def test_what_every_cluster_makes_anew_is_no_difference() -> None:
    body = {
        "kind": "Pod",
        "metadata": {"name": "p", "uid": "1", "resourceVersion": "1"},
        "status": {"podIP": "10.0.0.1"},
    }
    ours = {
        "kind": "Pod",
        "metadata": {"name": "p", "uid": "2", "resourceVersion": "9"},
        "status": {"podIP": "127.1.1.1"},
    }
    row = {**ROW, "status": 200, "response": body, "response_headers": {}}
    heads, bodies = comparing.requests([Answer(row, 200, {}, ours)], sides=Sides())
    assert not heads.differences
    assert not bodies.differences
    _, bodies = comparing.requests([Answer(row, 200, {}, {**ours, "status": {}})], sides=Sides())
    assert bodies.differences[0].line().endswith('status.podIP is absent, recorded "<masked>"')


def test_a_phase_left_out_or_out_of_order_is_seen() -> None:
    recorded = _phases("p", "Running", "Succeeded")
    assert _told(recorded, _phases("p", "Running", "Succeeded")) == []
    assert _told(recorded, _phases("p", "Succeeded"))
    assert _told(recorded, _phases("p", "Succeeded", "Running"))


def test_an_object_that_never_came_and_one_too_many_are_seen() -> None:
    assert _told(_phases("p"), []) == ["pods p:\n      never seen, recorded ADDED DELETED"]
    assert _told([], _phases("p")) == ["pods p:\n      ADDED DELETED, not recorded"]


def test_writes_merged_by_timing_are_no_difference() -> None:
    first, second = {"phase": "Pending", "readyReplicas": 0}, {"phase": "Running", "readyReplicas": 3}
    between = {"phase": "Running", "readyReplicas": 1}
    recorded = [_event("ADDED", "p", status=first), *(_event("MODIFIED", "p", status=s) for s in (between, second))]
    assert _told(recorded, [_event("ADDED", "p", status=first), _event("MODIFIED", "p", status=second)]) == []
    assert _told(recorded, [_event("ADDED", "p", status=first), _event("MODIFIED", "p", status=between)])


def test_the_order_of_events_about_an_object_counts() -> None:
    def about(*reasons: str) -> list[Any]:
        involved = {"kind": "Pod", "name": "p", "uid": "1"}
        base = {"kind": "Event", "metadata": {"name": "e"}, "involvedObject": involved, "type": "Normal"}
        return [{"type": "ADDED", "object": {**base, "reason": reason, "message": "it is"}} for reason in reasons]

    same = kubernetes_events.compare(about("Pulled", "Started"), about("Pulled", "Started"), sides=Sides())
    assert not same.differences
    other = kubernetes_events.compare(about("Pulled", "Started"), about("Started", "Pulled"), sides=Sides())
    assert len(other.differences) == 1
