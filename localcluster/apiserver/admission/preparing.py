"""What the API decides about a new object once admission is through with it: fields nobody owns.

Priority and tolerations of pods, their quality of service, a Job's generated selector, a namespace's finalizer, a
claim's storage class.
"""

from __future__ import annotations

from typing import Any

from localcluster.apiserver.admission.containers import quality_of_service
from localcluster.apiserver.admission.lister import Lister
from localcluster.apiserver.admission.validating.jobs import BATCH, generated_labels
from localcluster.client import Object
from localcluster.errors import ApiError, forbidden
from localcluster.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES, Resource

_TOLERATED_SECONDS = 300  # Kubernetes' default before pods leave an unreachable node
_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_PRIORITIES = {"": 0, "system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
_PREEMPTION = "PreemptLowerPriority"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_PROTECTION = {
    PERSISTENT_VOLUME_CLAIMS: "kubernetes.io/pvc-protection",
    PERSISTENT_VOLUMES: "kubernetes.io/pv-protection",
}


def prepare_pod(pod: Object) -> None:
    """Priority and tolerations, in place. Raises 403 for a class that does not exist, or what a class would decide."""
    spec = pod["spec"]
    name = spec.get("priorityClassName") or ""
    if name not in _PRIORITIES:
        raise _refused(pod, f"no PriorityClass with name {name} was found")
    if spec.get("runtimeClassName"):
        raise _refused(pod, f'pod rejected: RuntimeClass "{spec["runtimeClassName"]}" not found')
    for field, kind, computed in (
        ("priority", "integer value of priority", _PRIORITIES[name]),
        ("preemptionPolicy", "string value of PreemptionPolicy", _PREEMPTION),
    ):
        if spec.get(field) not in (None, computed):
            rest = f"priority admission controller computed {computed} from the given PriorityClass name"
            raise _refused(pod, f"the {kind} ({spec[field]}) must not be provided in pod spec; {rest}")
        spec[field] = computed
    tolerations = list(spec.get("tolerations") or [])
    tolerations += [_toleration(taint) for taint in _TAINTS if not any(_covers(it, taint) for it in tolerations)]
    spec["tolerations"] = tolerations


def classify_pod(pod: Object) -> None:
    """Quality of service, in place; only after limits have their defaults."""
    pod.setdefault("status", {})["qosClass"] = quality_of_service(pod)


def prepare_job(job: Object) -> None:
    """Labels and selector by the Job's own uid, in place, unless its owner takes care of them.

    What is there already stays: a Job written after another's pattern is refused for it by validation.
    """
    spec, metadata = job["spec"], job["metadata"]
    template = spec["template"].setdefault("metadata", {})
    if not spec.get("manualSelector"):
        template["labels"] = {**generated_labels(job), **(template.get("labels") or {})}
        selector = {**(spec.get("selector") or {})}
        own = {BATCH + "controller-uid": str(metadata.get("uid", ""))}
        spec["selector"] = {**selector, "matchLabels": {**own, **(selector.get("matchLabels") or {})}}
    if not metadata.get("labels") and template.get("labels"):
        metadata["labels"] = dict(template["labels"])


def prepare_namespace(namespace: Object) -> None:
    """The finalizer that keeps a namespace until it is empty, in place."""
    finalizers = namespace.setdefault("spec", {}).setdefault("finalizers", [])
    if "kubernetes" not in finalizers:
        finalizers.append("kubernetes")
    namespace["status"] = {"phase": "Active"}


def protect(resource: Resource, obj: Object) -> None:
    """The finalizer that keeps a claim or a volume while it is in use, in place."""
    finalizers = obj["metadata"].setdefault("finalizers", [])
    name = _PROTECTION[resource]
    if name not in finalizers:
        obj["metadata"]["finalizers"] = [*finalizers, name]


def prepare_claim(claim: Object, *, lister: Lister) -> None:
    """The default storage class where none is named, in place; "" means none is wanted."""
    if "storageClassName" in claim["spec"]:
        return
    for storage_class in lister.list(STORAGE_CLASSES):
        if (storage_class["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true":
            claim["spec"]["storageClassName"] = storage_class["metadata"]["name"]
            return


def _refused(pod: Object, text: str) -> ApiError:
    return forbidden(resource="pods", group="", name=pod["metadata"].get("name", ""), message=text)


def _toleration(taint: str) -> dict[str, Any]:
    return {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _TOLERATED_SECONDS}


def _covers(toleration: Object, taint: str) -> bool:
    return toleration.get("key") in (taint, None, "") and toleration.get("effect") in ("NoExecute", None, "")
