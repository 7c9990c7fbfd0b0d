"""The last link: does the HPA itself say that it reads what it scales by. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.scaling.metric_words import listed, named
from dashboard.scaling.pipeline.facts import Reader, Row
from dashboard.scaling.pipeline.links import Link

SYNC_S = 15.0
PATIENCE_S = 3 * SYNC_S
"""What it said of a fault that is mended it says until its next reading, which may find pods still without figures."""


def reading(reader: Reader) -> Link:
    """By its conditions ScalingActive and AbleToScale, in their own words."""
    denied = reader.denied_read("horizontalpodautoscalers")
    if denied is not None:
        return Link("hpa", "denied", "HPAs may not be read", denied.get("detail"), rule=denied.get("rule"))
    hpa = reader.hpa
    if hpa is None:
        return Link("hpa", "unknown", "there is no HPA")
    conditions: Mapping[str, Row] = {each["type"]: each for each in hpa.get("conditions") or ()}
    able, active = conditions.get("AbleToScale", {}), conditions.get("ScalingActive", {})
    if able.get("status") == "False" and able.get("reason") == "FailedGetScale":
        target = hpa.get("target") or {}
        text = f"its target {target.get('kind')} {target.get('name')} is not found"
        return Link("hpa", "broken", text, able.get("message"), "Correct spec.scaleTargetRef, or deploy its target.")
    if active.get("status") == "True":
        return _in_part(hpa) or Link("hpa", "ok", _figures(hpa))
    if active.get("reason") == "ScalingDisabled":
        return Link("hpa", "unknown", "paused: its target has 0 replicas", active.get("message"))
    if active.get("status") == "False":
        return Link("hpa", "broken", str(active.get("reason") or "reads nothing"), active.get("message"))
    return Link("hpa", "unknown", "has not read yet; it does so every 15 s")


def _in_part(hpa: Row) -> Link | None:
    """It computes by the metrics that it can read; None when those are all."""
    metrics = hpa.get("metrics") or ()
    lost = listed([named(each) for each in metrics if each.get("current") is None])
    read = listed([named(each) for each in metrics if each.get("current") is not None])
    if not lost or not read:
        return None
    advice = "Install what serves the metric, or take it out of the HPA; kubectl describe hpa has the exact words."
    return Link("hpa", "broken", f"reads {read}, but not {lost}: until it can, it only grows", None, advice)


def _figures(hpa: Row) -> str:
    """`CPU 54 % of its 50 %`."""
    if hpa.get("cpu_percent") is None:
        return "reads"
    target = f", target {hpa['cpu_target']} %" if hpa.get("cpu_target") is not None else ""
    return f"CPU {hpa['cpu_percent']} %{target}"
