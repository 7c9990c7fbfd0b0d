"""Validation of Deployments, ReplicaSets and StatefulSets, and of changes to them."""

from __future__ import annotations

import re
from typing import Any

from localcluster import selectors
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.metadata import validate_selector
from localcluster.apiserver.admission.validating.pods import validate_template
from localcluster.client import Object

_FREE_IN_STATEFUL_SETS = (
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
)  # fmt: skip
_STATEFUL_SET_RULE = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def validate_deployment(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = faults.not_negative("spec.replicas", spec.get("replicas"))
    causes += _selector_and_template(spec, kind="deployment")
    causes += _strategy(spec.get("strategy") or {})
    for name in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
        causes += faults.not_negative(f"spec.{name}", spec.get(name))
    if spec.get("progressDeadlineSeconds", 1) <= spec.get("minReadySeconds", 0):
        detail = "must be greater than minReadySeconds"
        causes.append(faults.invalid("spec.progressDeadlineSeconds", spec["progressDeadlineSeconds"], detail))
    return causes


def validate_deployment_update(old: Object, new: Object) -> list[Cause]:
    before, after = old["spec"].get("selector"), new["spec"].get("selector")
    return faults.immutable("spec.selector", old=before, new=after)


def validate_replica_set(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = faults.not_negative("spec.replicas", spec.get("replicas"))
    causes += faults.not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    return causes + _selector_and_template(spec, kind="replica set")


def validate_stateful_set(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    if spec.get("podManagementPolicy") not in ("OrderedReady", "Parallel"):
        supported = ("OrderedReady", "Parallel")
        causes.append(faults.unsupported("spec.podManagementPolicy", spec.get("podManagementPolicy"), supported))
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") not in ("OnDelete", "RollingUpdate"):
        shown = {"Type": strategy.get("type", ""), "RollingUpdate": strategy.get("rollingUpdate")}
        causes.append(faults.invalid("spec.updateStrategy", shown, "must be 'RollingUpdate' or 'OnDelete'"))
    partition = (strategy.get("rollingUpdate") or {}).get("partition")
    causes += faults.not_negative("spec.updateStrategy.rollingUpdate.partition", partition)
    causes += faults.not_negative("spec.replicas", spec.get("replicas"))
    causes += faults.not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    causes += faults.not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
    causes += faults.not_negative("spec.ordinals.start", (spec.get("ordinals") or {}).get("start"))
    for name, policy in (spec.get("persistentVolumeClaimRetentionPolicy") or {}).items():
        if policy not in ("Delete", "Retain"):
            field = f"spec.persistentVolumeClaimRetentionPolicy.{name}"
            causes.append(faults.unsupported(field, policy, ("Retain", "Delete")))
    return causes + _selector_and_template(spec, kind="statefulset", owner="StatefulSet")


def validate_stateful_set_update(old: Object, new: Object) -> list[Cause]:
    before, after = ({k: v for k, v in it["spec"].items() if k not in _FREE_IN_STATEFUL_SETS} for it in (old, new))
    return [] if before == after else [faults.forbidden("spec", _STATEFUL_SET_RULE)]


def _selector_and_template(spec: Object, *, kind: str, owner: str = "ReplicaSet") -> list[Cause]:
    selector, template = spec.get("selector"), spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    causes: list[Cause] = []
    if selector is None:
        causes.append(faults.required("spec.selector"))
    else:
        causes += validate_selector(selector, field="spec.selector")
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            causes.append(faults.invalid("spec.selector", selector, f"empty selector is invalid for {kind}"))
        elif not causes and not selectors.from_object(selector).matches(labels):
            detail = "`selector` does not match template `labels`"
            causes.append(faults.invalid("spec.template.metadata.labels", labels, detail))
    claims = [claim["metadata"].get("name", "") for claim in spec.get("volumeClaimTemplates") or []]
    causes += validate_template(template, field="spec.template", claims=claims)
    policy = (template.get("spec") or {}).get("restartPolicy")
    if policy in ("OnFailure", "Never"):
        causes.append(faults.unsupported("spec.template.spec.restartPolicy", policy, ("Always",)))
    if (template.get("spec") or {}).get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {owner} is not Supported"
        causes.append(faults.forbidden("spec.template.spec.activeDeadlineSeconds", detail))
    return causes


def _strategy(strategy: Object) -> list[Cause]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate") or {}
    if kind == "Recreate" and rolling:
        detail = "may not be specified when strategy `type` is 'Recreate'"
        return [faults.forbidden("spec.strategy.rollingUpdate", detail)]
    if kind not in ("Recreate", "RollingUpdate"):
        return [faults.unsupported("spec.strategy.type", kind, ("Recreate", "RollingUpdate"))]
    causes: list[Cause] = []
    for name in ("maxUnavailable", "maxSurge"):
        causes += count_or_percent_faults(f"spec.strategy.rollingUpdate.{name}", rolling.get(name))
    if kind == "RollingUpdate" and all(rolling.get(name) in (0, "0%") for name in ("maxUnavailable", "maxSurge")):
        field, detail = "spec.strategy.rollingUpdate.maxUnavailable", "may not be 0 when `maxSurge` is 0"
        causes.append(faults.invalid(field, rolling["maxUnavailable"], detail))
    return causes


def count_or_percent_faults(field: str, value: Any) -> list[Cause]:
    """`3` or `25%`, not below zero."""
    if isinstance(value, str):
        if re.fullmatch(r"[0-9]+%", value):
            return [] if int(value[:-1]) <= 100 else [faults.invalid(field, value, "must not be greater than 100%")]
        detail = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
        return [faults.invalid(field, value, detail + "regex used for validation is '[0-9]+%')")]
    return faults.not_negative(field, value)
