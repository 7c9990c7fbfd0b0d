"""Validation of HorizontalPodAutoscalers and PodDisruptionBudgets."""

from __future__ import annotations

from collections.abc import Iterator

from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.metadata import validate_selector
from localcluster.apiserver.admission.validating.workloads import count_or_percent_faults
from localcluster.client import Object

_LONGEST_WINDOW = 3600  # seconds
_LONGEST_PERIOD = 1800  # seconds
_SOURCES = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}
_EVICTION_POLICIES = ("AlwaysAllow", "IfHealthyBudget")
_POSITIVE = "must be greater than zero"


def validate_autoscaler(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    least, most = spec.get("minReplicas"), spec.get("maxReplicas", 0)
    if least is not None and least < 1:
        causes.append(faults.invalid("spec.minReplicas", least, "must be greater than or equal to 1"))
    if most < 1:
        causes.append(faults.required("spec.maxReplicas", "must be set and greater than 0"))
    if least is not None and most < least:
        causes.append(faults.invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"))
    target = spec.get("scaleTargetRef") or {}
    causes += [faults.required(f"spec.scaleTargetRef.{name}") for name in ("kind", "name") if not target.get(name)]
    for index, metric in enumerate(spec.get("metrics") or []):
        causes += _metric(metric, field=f"spec.metrics[{index}]")
    for name, rules in (spec.get("behavior") or {}).items():
        causes += _rules(rules, field=f"spec.behavior.{name}")
    return causes


def validate_disruption_budget(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    if "minAvailable" in spec and "maxUnavailable" in spec:
        names = ("minAvailable", "selector", "maxUnavailable", "unhealthyPodEvictionPolicy")
        shown = {name[0].upper() + name[1:]: spec.get(name) for name in names}
        causes.append(faults.invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set"))
    for name in ("minAvailable", "maxUnavailable"):
        causes += count_or_percent_faults(f"spec.{name}", spec.get(name))
    causes += validate_selector(spec.get("selector") or {}, field="spec.selector")
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in _EVICTION_POLICIES:
        causes.append(faults.unsupported("spec.unhealthyPodEvictionPolicy", policy, _EVICTION_POLICIES))
    return causes


def _metric(metric: Object, *, field: str) -> Iterator[Cause]:
    kind = metric.get("type")
    if not kind:
        yield faults.required(f"{field}.type", "must specify a metric source type")
        return
    if kind not in _SOURCES:
        yield faults.unsupported(f"{field}.type", kind, tuple(_SOURCES))
        return
    source = metric.get(_SOURCES[kind])
    if source is None:
        detail = "must populate information for the given metric source"
        yield faults.required(f"{field}.{_SOURCES[kind]}", detail)
        return
    place, target = f"{field}.{_SOURCES[kind]}", source.get("target") or {}
    if kind in ("Resource", "ContainerResource"):
        if not source.get("name"):
            yield faults.required(f"{place}.name", "must specify a resource name")
        if kind == "ContainerResource" and not source.get("container"):
            yield faults.required(f"{place}.container", "must specify a container name")
        yield from _resource_target(target, field=f"{place}.target")
    if target.get("type") not in ("Utilization", "Value", "AverageValue"):
        detail = "must be either Utilization, Value, or AverageValue"
        yield faults.invalid(f"{place}.target.type", target.get("type", ""), detail)


def _resource_target(target: Object, *, field: str) -> Iterator[Cause]:
    utilization = target.get("averageUtilization")
    if utilization is not None and utilization < 1:
        yield faults.invalid(f"{field}.averageUtilization", utilization, "must be greater than 0")
    if utilization is not None and target.get("averageValue") is not None:
        detail = "may not set both a target raw value and a target utilization"
        yield faults.forbidden(f"{field}.averageValue", detail)
    if utilization is None and target.get("averageValue") is None:
        detail = "must set either a target raw value or a target utilization"
        yield faults.required(f"{field}.averageUtilization", detail)


def _rules(rules: Object, *, field: str) -> Iterator[Cause]:
    window = rules.get("stabilizationWindowSeconds")
    yield from faults.not_negative(f"{field}.stabilizationWindowSeconds", window)
    if window is not None and window > _LONGEST_WINDOW:
        detail = f"must be less than or equal to {_LONGEST_WINDOW}"
        yield faults.invalid(f"{field}.stabilizationWindowSeconds", window, detail)
    if rules.get("selectPolicy") not in ("Max", "Min", "Disabled"):
        yield faults.unsupported(f"{field}.selectPolicy", rules.get("selectPolicy"), ("Disabled", "Max", "Min"))
    if not rules.get("policies"):
        yield faults.required(f"{field}.policies", "must specify at least one Policy")
    for index, policy in enumerate(rules.get("policies") or []):
        place = f"{field}.policies[{index}]"
        if policy.get("type") not in ("Pods", "Percent"):
            yield faults.unsupported(f"{place}.type", policy.get("type"), ("Percent", "Pods"))
        for name in ("value", "periodSeconds"):
            if policy.get(name, 0) <= 0:
                yield faults.invalid(f"{place}.{name}", policy.get(name, 0), _POSITIVE)
        if policy.get("periodSeconds", 0) > _LONGEST_PERIOD:
            detail = f"must be less than or equal to {_LONGEST_PERIOD}"
            yield faults.invalid(f"{place}.periodSeconds", policy["periodSeconds"], detail)
