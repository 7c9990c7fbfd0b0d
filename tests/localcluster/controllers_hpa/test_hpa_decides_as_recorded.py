"""The recorded scenario, sync by sync: same sizes, same conditions with their times, same Events."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from localcluster.client import Object
from localcluster.controllers.hpa.behavior import History
from localcluster.controllers.hpa.reconciler import Reconciler
from localcluster.controllers.hpa.sharing import Selectors
from localcluster.errors import ApiError

START = datetime(2026, 11, 23, 4, 50, 40, 345000, tzinfo=UTC)
"""The moment of t = 0, from the times the API server stamped on its answers."""
FIRST_SYNC, RHYTHM, END = 19.17, 15.0215, 535.0
"""When the recorded controller first looked at `app`, its true period (15 s and what a sync took), the last metrics."""


def sync_times(recording: Any, name: str) -> Iterable[float]:
    """The moments of the recorded syncs: the rhythm, corrected by each status written."""
    written = [t for t, _, obj in recording.watched("horizontalpodautoscalers") if obj["metadata"]["name"] == name]
    number = 0
    while (moment := FIRST_SYNC + number * RHYTHM) < END:
        near = [t for t in written if abs(t - moment) < 2]
        yield min(near[0] - 0.005, moment + 0.03) if near else moment
        number += 1


def metrics_at(recording: Any, seconds: float) -> Object | ApiError:
    """What the metrics API answered: the poll that follows shows the same scrape."""
    services = recording.present("apiservice", at=seconds)
    if not services:
        return ApiError(404, "NotFound", "404 page not found")
    conditions = services["v1beta1.metrics.k8s.io"]["status"].get("conditions", [])
    if not any(c["type"] == "Available" and c["status"] == "True" for c in conditions):
        return ApiError(503, "ServiceUnavailable", "service unavailable")
    for entry in recording.entries:
        if entry["type"] == "request" and "/metrics.k8s.io/" in entry["path"] and entry["t"] > seconds:
            return entry["response"]
    raise AssertionError(f"the recording has no metrics after {seconds}")


def of_app(document: Object | ApiError, app: str, *, measured_before: set[str]) -> Object | ApiError:
    """The same with the label selector the controller asks with.

    A pod that the sync itself removed is gone from the poll that follows; the sync still saw it, as idle as its peers.
    """
    if isinstance(document, ApiError):
        return document
    items = [item for item in document["items"] if item["metadata"]["labels"]["app"] == app]
    for name in sorted(measured_before - {item["metadata"]["name"] for item in items}):
        items.append({**items[0], "metadata": {**items[0]["metadata"], "name": name}})
    return {**document, "items": items}


async def play(recording: Any, api: Any, clock: Any, recorder: Any, name: str) -> list[tuple[float, Object]]:
    """Runs every sync of one autoscaler on the recorded surroundings; returns the statuses it stored."""
    reconciler, history, stored = Reconciler(api, recorder, clock, Selectors()), History(), []
    first = next(obj for _, _, obj in recording.watched("horizontalpodautoscalers") if obj["metadata"]["name"] == name)
    hpa, measured = copy.deepcopy(first), set[str]()
    for moment in sync_times(recording, name):
        clock.moment = START + timedelta(seconds=moment)
        api.deployments = copy.deepcopy(recording.present("deployments", at=moment))
        if "app" in api.deployments:
            api.deployments["app"]["spec"]["replicas"] = replicas_before(recording, moment)
        api.pods = list(recording.present("pods", at=moment).values())
        present = {pod["metadata"]["name"] for pod in api.pods if not pod["metadata"].get("deletionTimestamp")}
        api.metrics = of_app(metrics_at(recording, moment), name, measured_before=measured & present)
        measured = {item["metadata"]["name"] for item in metrics_items(api.metrics)}
        api.statuses.clear()
        await reconciler.sync(hpa, history)
        for _, status in api.statuses:
            stored.append((moment, status))
            hpa = {**hpa, "status": status}
    return stored


def metrics_items(document: Object | ApiError) -> list[Object]:
    return [] if isinstance(document, ApiError) else document["items"]


def replicas_before(recording: Any, moment: float) -> int:
    """The size of `app` when the sync began: the change the sync itself made comes a moment later."""
    return recording.present("deployments", at=moment - 0.2)["app"]["spec"]["replicas"]


def recorded_statuses(recording: Any, name: str) -> list[Object]:
    found = recording.watched("horizontalpodautoscalers")
    modified = [(t, obj) for t, type_, obj in found if type_ == "MODIFIED" and t < END]
    return [obj["status"] for _, obj in modified if obj["metadata"]["name"] == name]


def recorded_events(recording: Any, name: str) -> list[tuple[str, str, str]]:
    """Each kind of Event once, in the order they first came."""
    found = []
    for _, type_, obj in recording.watched("events"):
        about = obj["involvedObject"]
        if type_ == "ADDED" and about["kind"] == "HorizontalPodAutoscaler" and about["name"] == name:
            found.append((obj["type"], obj["reason"], obj["message"]))
    return found


def distinct(events: list[tuple[str, str, str, str]]) -> list[tuple[str, str, str]]:
    return list(dict.fromkeys((kind, reason, message) for _, kind, reason, message in events))


async def test_it_climbs_and_falls_as_recorded(recording: Any, api: Any, clock: Any, recorder: Any) -> None:
    """Without metrics, over the policies' steps to the maximum, and down again after the window."""
    stored = await play(recording, api, clock, recorder, "app")
    assert [status for _, status in stored] == recorded_statuses(recording, "app")
    assert [replicas for _, replicas in api.scaled] == [3, 5, 3, 1]
    assert distinct(recorder.events) == recorded_events(recording, "app")


async def test_it_refuses_a_target_without_requests_as_recorded(
    recording: Any, api: Any, clock: Any, recorder: Any
) -> None:
    stored = await play(recording, api, clock, recorder, "noreq")
    assert [status for _, status in stored] == recorded_statuses(recording, "noreq")
    assert distinct(recorder.events) == recorded_events(recording, "noreq")


async def test_it_reports_a_missing_target_as_recorded(recording: Any, api: Any, clock: Any, recorder: Any) -> None:
    stored = await play(recording, api, clock, recorder, "missing")
    assert [status for _, status in stored] == recorded_statuses(recording, "missing")
    assert distinct(recorder.events) == recorded_events(recording, "missing")
