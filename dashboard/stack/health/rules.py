"""Whether one object is as it should be: a table of rules by kind, and one rule for all the others. Pure.

Where Argo CD and kstatus differ, the stricter one is followed. It never raises, whatever the object holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dashboard.redaction import plain
from dashboard.stack.health import apis, autoscaling, pods, storage, workloads
from dashboard.stack.health.cause import LONGEST
from dashboard.stack.health.fields import condition, count, mapping, text
from dashboard.stack.health.verdict import OK, Health, Object, Rule, failed, progressing

__all__ = ["Health", "health_of"]

RULES: Mapping[tuple[str, str], Rule] = {
    ("apps", "Deployment"): workloads.deployment,
    ("apps", "ReplicaSet"): workloads.replica_set,
    ("apps", "StatefulSet"): workloads.stateful_set,
    ("apps", "DaemonSet"): workloads.daemon_set,
    ("batch", "Job"): workloads.job,
    ("batch", "CronJob"): workloads.cron_job,
    ("autoscaling", "HorizontalPodAutoscaler"): autoscaling.autoscaler,
    ("policy", "PodDisruptionBudget"): storage.budget,
    ("networking.k8s.io", "Ingress"): apis.ingress,
    ("apiregistration.k8s.io", "APIService"): apis.api_service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): apis.definition,
    ("", "Pod"): pods.pod,
    ("", "PersistentVolumeClaim"): storage.claim,
    ("", "PersistentVolume"): storage.volume,
    ("", "ResourceQuota"): storage.quota,
    ("", "Service"): apis.service,
    ("", "Namespace"): apis.namespace,
}
"""By API group and kind: another group's Service is another thing."""

BY_PODS = {("apps", "Deployment"): workloads.deployment, ("apps", "StatefulSet"): workloads.stateful_set}
"""Those whose controllers say too little of a pod that keeps failing."""


def health_of(live: Mapping[str, Any], *, now: datetime | None = None, of_pods: Sequence[Object] = ()) -> Health:
    """The health of a live object of any kind, at a moment.

    `of_pods`: its pods, where they are at hand; the health of a Deployment and of a StatefulSet depends on them. The
    sentence may quote a controller, so it is plain text without credentials.
    """
    judged = _judged(live, now, of_pods)
    return Health(judged.state, plain(judged.sentence, longest=LONGEST)) if judged.sentence else judged


def _judged(live: Object, now: datetime | None, of_pods: Sequence[Object]) -> Health:
    if mapping(live, "metadata").get("deletionTimestamp"):
        return progressing(apis.ending(live))
    seen, wanted = mapping(live, "status").get("observedGeneration"), count(live, "metadata", "generation")
    if seen is not None and count(live, "status", "observedGeneration") < wanted:
        return progressing("its controller has not seen the change yet")
    group, kind = text(live, "apiVersion").rpartition("/")[0], text(live, "kind")
    if (group, kind) in BY_PODS:
        return BY_PODS[group, kind](live, now, of_pods)
    return RULES.get((group, kind), any_kind)(live, now)


def any_kind(live: Object, _now: datetime | None = None) -> Health:
    """By the conditions that are a convention among controllers; an object without them is well once it is there."""
    stalled, reconciling, ready = (condition(live, kind) for kind in ("Stalled", "Reconciling", "Ready"))
    if stalled.get("status") == "True":
        return failed(text(stalled, "message") or "is stalled")
    if reconciling.get("status") == "True":
        return progressing(text(reconciling, "message") or "is being reconciled")
    if ready and ready.get("status") != "True":
        return progressing(text(ready, "message") or "is not ready yet")
    return OK
