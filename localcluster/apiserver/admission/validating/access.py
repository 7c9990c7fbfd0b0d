"""Validation of roles and bindings, and of changes to them."""

from __future__ import annotations

from collections.abc import Callable

from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.metadata import validate_selector
from localcluster.client import Object

_GROUP = "rbac.authorization.k8s.io"
_KINDS = ("ServiceAccount", "User", "Group")
_BOTH = "rules cannot apply to both regular resources and non-resource URLs"
_NO_SELECTOR = "at least one clusterRoleSelector required if aggregationRule is non-nil"


def validate_role(obj: Object) -> list[Cause]:
    return _rules(obj, _namespaced_rule)


def validate_cluster_role(obj: Object) -> list[Cause]:
    causes = _rules(obj, _rule)
    aggregation = obj.get("aggregationRule")
    if aggregation is not None and not aggregation.get("clusterRoleSelectors"):
        causes.append(faults.required("aggregationRule.clusterRoleSelectors", _NO_SELECTOR))
    for index, selector in enumerate((aggregation or {}).get("clusterRoleSelectors") or ()):
        causes += validate_selector(selector, field=f"aggregationRule.clusterRoleSelectors[{index}]")
    return causes


def validate_role_binding(obj: Object) -> list[Cause]:
    return _role_reference(obj, kinds=("Role", "ClusterRole")) + _subjects(obj, namespaced=True)


def validate_cluster_role_binding(obj: Object) -> list[Cause]:
    return _role_reference(obj, kinds=("ClusterRole",)) + _subjects(obj, namespaced=False)


def validate_role_binding_update(old: Object, new: Object) -> list[Cause]:
    """Another role would turn what its subjects agreed to into something else."""
    if old.get("roleRef") == new.get("roleRef"):
        return []
    role = new.get("roleRef") or {}
    shown = {"APIGroup": role.get("apiGroup", ""), "Kind": role.get("kind", ""), "Name": role.get("name", "")}
    return [faults.invalid("roleRef", shown, "cannot change roleRef")]


def _rules(obj: Object, validate: Callable[[Object, str], list[Cause]]) -> list[Cause]:
    return [cause for index, rule in enumerate(obj.get("rules") or ()) for cause in validate(rule, f"rules[{index}]")]


def _namespaced_rule(rule: Object, field: str) -> list[Cause]:
    urls = rule.get("nonResourceURLs")
    if not urls:
        return _rule(rule, field)
    detail = "namespaced rules cannot apply to non-resource URLs"
    return [*_rule(rule, field), faults.invalid(f"{field}.nonResourceURLs", urls, detail)]


def _rule(rule: Object, field: str) -> list[Cause]:
    causes: list[Cause] = []
    if not rule.get("verbs"):
        causes.append(faults.required(f"{field}.verbs", "verbs must contain at least one value"))
    urls = rule.get("nonResourceURLs")
    if urls:
        if any(rule.get(name) for name in ("apiGroups", "resources", "resourceNames")):
            causes.append(faults.invalid(f"{field}.nonResourceURLs", urls, _BOTH))
        return causes
    if not rule.get("apiGroups"):
        causes.append(faults.required(f"{field}.apiGroups", "resource rules must supply at least one api group"))
    if not rule.get("resources"):
        causes.append(faults.required(f"{field}.resources", "resource rules must supply at least one resource"))
    return causes


def _role_reference(obj: Object, *, kinds: tuple[str, ...]) -> list[Cause]:
    role = obj.get("roleRef") or {}
    causes: list[Cause] = []
    if role.get("apiGroup", "") != _GROUP:
        causes.append(faults.unsupported("roleRef.apiGroup", role.get("apiGroup", ""), (_GROUP,)))
    if role.get("kind", "") not in kinds:
        causes.append(faults.unsupported("roleRef.kind", role.get("kind", ""), kinds))
    if not role.get("name"):
        causes.append(faults.required("roleRef.name"))
    return causes


def _subjects(obj: Object, *, namespaced: bool) -> list[Cause]:
    return [
        cause
        for index, subject in enumerate(obj.get("subjects") or ())
        for cause in _subject(subject, f"subjects[{index}]", namespaced=namespaced)
    ]


def _subject(subject: Object, field: str, *, namespaced: bool) -> list[Cause]:
    causes: list[Cause] = []
    if not subject.get("name"):
        causes.append(faults.required(f"{field}.name"))
    kind, group = subject.get("kind", ""), subject.get("apiGroup", "")
    if kind not in _KINDS:
        return [*causes, faults.unsupported(f"{field}.kind", kind, _KINDS)]
    expected = "" if kind == "ServiceAccount" else _GROUP
    if group != expected:
        causes.append(faults.unsupported(f"{field}.apiGroup", group, (expected,)))
    if kind == "ServiceAccount" and not namespaced and not subject.get("namespace"):
        causes.append(faults.required(f"{field}.namespace"))
    return causes
