"""Scopes of a ResourceQuota: which pods it counts, and which scopes make sense; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.containers import quality_of_service
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.resources import is_standard_for_quota
from localcluster.client import Object

_BY_STATE = ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity")
_KNOWN = (*_BY_STATE, "PriorityClass", "VolumeAttributesClass")
_OPPOSITES = ({"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"})
_COMPUTE = frozenset(
    {
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
        "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    }
)  # fmt: skip
_MUST_EXIST = (
    "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that must hold of a pod."""

    scope: str
    operator: str = "Exists"
    values: tuple[str, ...] = ()


def requirements_of(spec: Object) -> tuple[Requirement, ...]:
    """From `scopes` and `scopeSelector` of a quota's spec."""
    selector = (spec.get("scopeSelector") or {}).get("matchExpressions") or ()
    return (
        *(Requirement(scope) for scope in spec.get("scopes") or ()),
        *(Requirement(each["scopeName"], each["operator"], tuple(each.get("values") or ())) for each in selector),
    )


def covers(pod: Object, requirements: Iterable[Requirement]) -> bool:
    """Whether a quota with these requirements counts the pod."""
    return all(_holds(pod["spec"], pod, each) for each in requirements)


def validate_scopes(spec: Object) -> list[Cause]:
    """What the API says of scopes that do not exist, contradict each other or do not fit what is limited."""
    hard = list(spec.get("hard") or {})
    causes: list[Cause] = []
    scopes = spec.get("scopes") or []
    for scope in scopes:
        causes += _misfits("spec.scopes", scopes, scope, hard)
    if any(pair <= set(scopes) for pair in _OPPOSITES):
        causes.append(faults.invalid("spec.scopes", scopes, "conflicting scopes"))
    selector = spec.get("scopeSelector") or {}
    expressions = selector.get("matchExpressions") or []
    field = "spec.scopeSelector.matchExpressions"
    for each in expressions:
        if each.get("scopeName") not in _KNOWN:
            causes.append(faults.invalid(f"{field}.scopeName", each.get("scopeName", ""), "unsupported scope"))
            continue
        causes += _misfits(field, selector, each["scopeName"], hard)
        causes += _operator_faults(field, each)
    if any(pair <= {each.get("scopeName") for each in expressions} for pair in _OPPOSITES):
        causes.append(faults.invalid(field, selector, "conflicting scopes"))
    return causes


def _holds(spec: Object, pod: Object, wanted: Requirement) -> bool:
    if wanted.scope == "PriorityClass":
        return _matches(spec.get("priorityClassName") or "", wanted)
    best_effort = quality_of_service(pod) == "BestEffort"
    terminating = (spec.get("activeDeadlineSeconds") or -1) >= 0
    facts = {
        "BestEffort": best_effort,
        "NotBestEffort": not best_effort,
        "Terminating": terminating,
        "NotTerminating": not terminating,
        "CrossNamespacePodAffinity": any(_crosses_namespaces(spec)),
    }
    return facts.get(wanted.scope, False)


def _matches(name: str, wanted: Requirement) -> bool:
    if wanted.operator in ("In", "NotIn"):
        return bool(name in wanted.values) is (wanted.operator == "In")
    return bool(name) is (wanted.operator == "Exists")


def _crosses_namespaces(spec: Object) -> Iterator[bool]:
    affinity = spec.get("affinity") or {}
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind) or {}
        terms = [*(rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ())]
        preferred = rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [each["podAffinityTerm"] for each in preferred]
        yield from (bool(term.get("namespaces")) or term.get("namespaceSelector") is not None for term in terms)


def _misfits(field: str, shown: object, scope: str, hard: Sequence[str]) -> list[Cause]:
    if scope not in _KNOWN:
        return [faults.invalid(field, shown, "unsupported scope")]
    return [
        faults.invalid(field, shown, "unsupported scope applied to resource")
        for name in hard
        if is_standard_for_quota(name) and not _fits(scope, name)
    ]


def _fits(scope: str, name: str) -> bool:
    if scope == "VolumeAttributesClass":
        return name in ("persistentvolumeclaims", "requests.storage")
    if scope in ("BestEffort", "CrossNamespacePodAffinity"):
        return name == "pods"
    return name == "pods" or name in _COMPUTE


def _operator_faults(field: str, expression: Object) -> list[Cause]:
    operator, values = expression.get("operator", ""), expression.get("values") or []
    causes = []
    if expression["scopeName"] in _BY_STATE and operator != "Exists":
        causes.append(faults.invalid(f"{field}.operator", operator, _MUST_EXIST))
    if operator in ("In", "NotIn"):
        rule = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
        return causes if values else [*causes, faults.required(f"{field}.values", rule)]
    if operator in ("Exists", "DoesNotExist"):
        rule = "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector"
        return [*causes, faults.invalid(f"{field}.values", values, rule)] if values else causes
    return [*causes, faults.invalid(f"{field}.operator", operator, "not a valid selector operator")]
