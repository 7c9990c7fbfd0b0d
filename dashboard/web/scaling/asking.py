"""What a what-if is asked about: fields checked one by one, and the samples it is worked out on. Works nothing out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from dashboard.errors import Refused
from dashboard.scaling.algorithm import Settings
from dashboard.scaling.measuring import is_cpu_share
from dashboard.scaling.metric_words import listed, named
from dashboard.scaling.reading import settings_of
from dashboard.store.times import seconds
from dashboard.web.forms import only, whole
from dashboard.web.runs.kept import Runs

FIELDS = frozenset({"hpa", "target", "min", "max", "window", "run"})
TARGET_MAX, REPLICAS_MAX, WINDOW_MAX_S = 1000, 1000, 3600
"""A target is in percent of the request; an hour is the longest window that Kubernetes takes."""
OTHER_POLICIES = (
    "A run keeps no scaling policies: those that the HPA {} has now are taken, and Kubernetes' own where it is gone."
)

Row = Mapping[str, Any]
Views = Mapping[str, Mapping[str, Row]]
Args = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """The HPA's row, the settings as they are and as they might be, and what it is worked out on."""

    hpa: Row
    before: Settings
    settings: Settings
    samples: Sequence[Row]
    run_id: str | None = None
    limit_percent: float | None = None
    notes: tuple[str, ...] = ()


def asked_of(args: Args, views: Views, runs: Runs) -> Asked:
    """What is asked for, checked field by field."""
    only(args, FIELDS)
    run = runs.document(args["run"]) if args.get("run") else None
    hpa = _hpa(args.get("hpa", ""), views, run)
    obstacle = not_imagined(hpa)
    if obstacle is not None:
        raise Refused(obstacle, status=409)
    target = whole(args.get("target", ""), "CPU target", 1, TARGET_MAX)
    low = whole(args.get("min", ""), "Least replicas", 1, REPLICAS_MAX)
    high = whole(args.get("max", ""), "Most replicas", 1, REPLICAS_MAX)
    window = whole(args.get("window", ""), "Scale-down window", 0, WINDOW_MAX_S)
    if low > high:
        raise Refused(f"Least replicas: {low} is more than the most, {high}.", status=422)
    base = _on_run(run, hpa) if run is not None else _live(hpa, views)
    behavior = base.before.behavior
    down = replace(behavior.down, stabilization_s=window)
    return replace(base, settings=Settings(low, high, target, replace(behavior, down=down)))


def _hpa(asked: str, views: Views, run: Row | None) -> Row:
    """By its uid, or by namespace/name; without either the one that a run was of, also when it is gone."""
    rows, of_run = views.get("hpas", {}), _of_run(run or {})
    if not asked and of_run:
        alive = [row for row in rows.values() if _name(row) == _name(of_run)]
        return alive[0] if alive else of_run
    if not asked:
        raise Refused("Say which HPA: its uid, or namespace/name.", status=422)
    for uid, row in rows.items():
        if asked in (uid, f"{row.get('namespace')}/{row.get('name')}"):
            return row
    if views.get("connection", {}).get("horizontalpodautoscalers", {}).get("state") == "forbidden":
        raise Refused("The autoscalers may not be read here; a recorded run can be worked on without.", status=403)
    raise Refused(f"There is no HPA {asked[:80]!r}; it may have been deleted. Reload the page.", status=404)


def not_imagined(hpa: Row) -> str | None:
    """Why nothing can be imagined of an HPA at all: only work that is CPU is counted. None where it can."""
    metrics = hpa.get("metrics")
    if not metrics or any(is_cpu_share(each) for each in metrics):
        return None
    names = listed([named(each) for each in metrics])
    return (
        f"{_name(hpa)} does not scale by CPU in percent of the request but by {names}, which is not counted every "
        "second: what another target would have done cannot be worked out."
    )


def not_live(hpa: Row, views: Views) -> str | None:
    """Why the last half hour of an HPA is not known; None where it is."""
    sampled = next(iter(views.get("app", {}).values()), {})
    target: Row = hpa.get("target") or {}
    if not sampled or (sampled.get("namespace"), sampled.get("name")) == (hpa.get("namespace"), target.get("name")):
        return None
    return (
        f"{_name(hpa)} is not measured every second, only what scales {sampled.get('namespace')}/"
        f"{sampled.get('name')} is. Choose one of its recorded runs, if there is one."
    )


def _live(hpa: Row, views: Views) -> Asked:
    obstacle = not_live(hpa, views)
    if obstacle is not None:
        raise Refused(obstacle, status=409)
    before = settings_of(hpa)
    samples = [dict(row) for row in views.get("samples", {}).values()]
    notes = _by_hand(hpa, samples, views)
    return Asked(hpa, before, before, samples, limit_percent=_limit_percent(hpa, views), notes=notes)


def _by_hand(hpa: Row, samples: Sequence[Row], views: Views) -> tuple[str, ...]:
    """What others than the HPA did to the replicas in this time."""
    began = min((sample["t"] / 1000 for sample in samples), default=0.0)
    times = sorted(
        row["t"]
        for row in views.get("decisions", {}).values()
        if row["hpa"]["uid"] == hpa.get("uid") and row["by"] != "hpa" and (seconds(row["t"]) or 0.0) >= began
    )
    if not times:
        return ()
    often = "once" if len(times) == 1 else f"{len(times)} times"
    return (f"The replicas were changed by others than the HPA {often} in this time; that is not imagined.",)


def _of_run(run: Row) -> Row:
    """The HPA as it was when the run began, as far as a run keeps it."""
    found: Row = (run.get("scaled") or {}).get("hpa") or {}
    return found


def _on_run(run: Row, hpa: Row) -> Asked:
    then = _of_run(run)
    if then and _name(then) != _name(hpa):
        raise Refused(f"That run was of {_name(then)}, not of {_name(hpa)}. Choose another run.", status=409)
    now = settings_of(hpa)
    before = Settings(
        then.get("min") or now.min, then.get("max") or now.max, then.get("cpu_target") or now.target_percent,
        now.behavior,
    )  # fmt: skip
    note = OTHER_POLICIES.format(_name(hpa))
    return Asked(hpa, before, before, run.get("samples") or [], run["run_id"], notes=(note,))


def _limit_percent(hpa: Row, views: Views) -> float | None:
    """The CPU limit of the target's pods in percent of their request."""
    target: Row = hpa.get("target") or {}
    for pod in views.get("pods", {}).values():
        workload: Row = pod.get("workload") or {}
        is_of = (pod.get("namespace"), workload.get("kind"), workload.get("name")) == (
            hpa.get("namespace"), target.get("kind"), target.get("name")
        )  # fmt: skip
        limit, asked = pod.get("cpu_limit_millicores"), pod.get("cpu_request_millicores")
        if is_of and limit and asked:
            return float(100 * limit / asked)
    return None


def _name(hpa: Row) -> str:
    return f"{hpa.get('namespace')}/{hpa.get('name')}"
