"""From rows to what the algorithm takes: settings, pods, times. Pure; unknown stays unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dashboard.kube.quantities import number
from dashboard.scaling.algorithm import Behavior, PodFigure, Policy, Rules, Settings

UTILISATION = 80
"""The target Kubernetes fills in where an HPA names no metric: CPU, in percent of the request."""
WINDOW_S = 15.0
"""What metrics-server's figures usually cover."""

Row = Mapping[str, Any]


def settings_of(hpa: Row, *, target_percent: float | None = None) -> Settings:
    """Of a row of `hpas`. `target_percent`: of the metric that is meant; the CPU target where none is given."""
    target = target_percent if target_percent is not None else hpa.get("cpu_target") or UTILISATION
    low = hpa.get("min")
    return Settings(1 if low is None else low, hpa.get("max") or 1, target, behavior_of(hpa.get("behavior")))


def behavior_of(row: Row | None) -> Behavior:
    """With Kubernetes' defaults for what it leaves out."""
    if row is None:
        return Behavior.unwritten()
    usual = Behavior.defaults()
    return Behavior(_rules(row.get("up"), usual.up), _rules(row.get("down"), usual.down))


def figures_of(pods: Iterable[Row]) -> tuple[PodFigure, ...]:
    """CPU of rows of `pods`, in millicores."""
    return tuple(_figure(pod) for pod in pods)


def quantity(text: str | None) -> float | None:
    """`100m` is 0.1."""
    value = number(text)
    return None if value is None else float(value)


def moment(text: str | None) -> float | None:
    """Seconds since 1970."""
    return datetime.fromisoformat(text).timestamp() if text else None


def _figure(pod: Row) -> PodFigure:
    return PodFigure(
        name=pod["name"],
        used=pod.get("cpu_millicores"),
        requested=pod.get("cpu_request_millicores"),
        phase=pod.get("phase"),
        ready=bool(pod.get("ready")),
        started_at=moment(pod.get("started_at")),
        ready_changed_at=moment(pod.get("readiness_changed_at")),
        measured_at=moment(pod.get("metrics_at")),
        window_s=pod.get("metrics_window_s") or WINDOW_S,
        leaving=bool(pod.get("deleted_at")),
    )


def _rules(row: Row | None, usual: Rules) -> Rules:
    if row is None:
        return usual
    window, tolerance = row.get("stabilization_s"), quantity(row.get("tolerance"))
    policies = tuple(
        Policy(each["type"], each["value"], each["period_s"])
        for each in row.get("policies") or ()
        if each.get("type") in ("Pods", "Percent") and each.get("value") and each.get("period_s")
    )
    return Rules(
        stabilization_s=usual.stabilization_s if window is None else window,
        select=row.get("select") or usual.select,
        policies=policies or usual.policies,
        tolerance=usual.tolerance if tolerance is None else tolerance,
    )
