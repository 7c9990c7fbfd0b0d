"""Pod Security at a write: refuses pods, warns of templates, notes both for the audit log; reads namespaces' labels."""

from __future__ import annotations

from localcluster import resources
from localcluster.apiserver.admission.lister import Lister
from localcluster.apiserver.admission.podsecurity.policy import PREFIX, Policy, Standard, policy_of
from localcluster.apiserver.admission.podsecurity.standards import detail, faults
from localcluster.apiserver.admission.remarks import Remarks
from localcluster.client import Object
from localcluster.errors import forbidden, invalid
from localcluster.resources import NAMESPACES, PODS, Resource

_TEMPLATED = (resources.DEPLOYMENTS, resources.REPLICA_SETS, resources.STATEFUL_SETS, resources.JOBS)
_MOST_PODS = 3000


def check_security(
    resource: Resource, obj: Object, *, old: Object | None, lister: Lister, subresource: str, remarks: Remarks
) -> None:
    """Raises 403 for a pod, 422 for a namespace; says the rest in `remarks`. Subresources change nothing it judges."""
    if subresource:
        return
    if resource is NAMESPACES:
        _check_namespace(obj, old=old, lister=lister, remarks=remarks)
    elif resource is PODS and (old is None or _images(obj) != _images(old)):
        _evaluate(obj["metadata"], obj["spec"], _policy(obj, lister), remarks=remarks, enforce=True)
    elif resource in _TEMPLATED:
        template = obj["spec"].get("template") or {}
        policy = _policy(obj, lister)
        _evaluate(template.get("metadata") or {}, template.get("spec") or {}, policy, remarks=remarks, enforce=False)


def _evaluate(metadata: Object, spec: Object, policy: Policy, *, remarks: Remarks, enforce: bool) -> None:
    found = {standard: faults(standard, metadata, spec) for standard in {policy.enforce, policy.audit, policy.warn}}
    if enforce:
        remarks.annotate(f"{PREFIX}enforce-policy", str(policy.enforce))
    if found[policy.audit]:
        text = f'would violate PodSecurity "{policy.audit}": {detail(found[policy.audit])}'
        remarks.annotate(f"{PREFIX}audit-violations", text)
    if enforce and found[policy.enforce]:
        message = f'violates PodSecurity "{policy.enforce}": {detail(found[policy.enforce])}'
        raise forbidden(resource=PODS.plural, group=PODS.group, name=metadata.get("name", ""), message=message)
    if found[policy.warn]:
        remarks.warn(f'would violate PodSecurity "{policy.warn}": {detail(found[policy.warn])}')


def _check_namespace(namespace: Object, *, old: Object | None, lister: Lister, remarks: Remarks) -> None:
    name = namespace["metadata"]["name"]
    policy, causes = policy_of(namespace["metadata"].get("labels"))
    before, earlier = policy_of(old["metadata"].get("labels")) if old else (None, [])
    if causes and causes != earlier:
        raise invalid(kind=NAMESPACES.kind, group=NAMESPACES.group, name=name, causes=causes)
    if before is not None and _demands_more(policy.enforce, before.enforce):
        _warn_of_present(name, policy.enforce, lister=lister, remarks=remarks)


def _demands_more(now: Standard, before: Standard) -> bool:
    """Whether pods that were allowed may not be any more."""
    if now == before or now.level == "privileged":
        return False
    return now.minor != before.minor or now.stricter_than(before)


def _warn_of_present(namespace: str, enforced: Standard, *, lister: Lister, remarks: Remarks) -> None:
    pods = lister.list(PODS, namespace=namespace)
    names: dict[str, list[str]] = {}
    for pod in pods[:_MOST_PODS]:
        found = faults(enforced, pod["metadata"], pod["spec"])
        if found:
            names.setdefault(", ".join(fault.reason for fault in found), []).append(pod["metadata"]["name"])
    if len(pods) > _MOST_PODS:
        checked = f"the first {_MOST_PODS} of {len(pods)} existing pods"
        remarks.warn(f"new PodSecurity enforce level only checked against {checked}")
    if names:
        what = f'existing pods in namespace "{namespace}" violate the new PodSecurity enforce level "{enforced}"'
        remarks.warn(what)
    for text in sorted(f"{_counted(sorted(found))}: {reasons}" for reasons, found in names.items()):
        remarks.warn(text)


def _counted(names: list[str]) -> str:
    others = len(names) - 1
    if not others:
        return names[0]
    return f"{names[0]} (and {others} other {'pod' if others == 1 else 'pods'})"


def _policy(obj: Object, lister: Lister) -> Policy:
    namespace = lister.get(NAMESPACES, obj["metadata"].get("namespace", ""))
    return policy_of(namespace["metadata"].get("labels") if namespace else None)[0]


def _images(pod: Object) -> list[tuple[str, str]]:
    """What of a running pod may change and matters here."""
    kinds = ("initContainers", "containers", "ephemeralContainers")
    return [(each["name"], each.get("image", "")) for kind in kinds for each in pod["spec"].get(kind) or ()]
