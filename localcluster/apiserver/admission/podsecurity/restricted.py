"""The checks that the standard `restricted` adds or puts in place of `baseline`'s: today's hardening. Each is pure."""

from __future__ import annotations

from localcluster.apiserver.admission.podsecurity import baseline
from localcluster.apiserver.admission.podsecurity.facts import (
    Fault,
    Subject,
    containers,
    distinct,
    plural,
    quoted,
    setters,
)
from localcluster.client import Object

_VOLUMES = (
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"
)  # fmt: skip
_WINDOWS_SINCE = 25
"""Since this minor version a pod that says it is for Windows need not meet what Windows does not know."""

_OWN_USERS_SINCE = 35


def privilege_escalation(pod: Subject) -> Fault | None:
    if _not_for_linux(pod):
        return None
    names = pod.named(lambda _, context: context.get("allowPrivilegeEscalation") is not False)
    detail = f"{containers(names)} must set securityContext.allowPrivilegeEscalation=false"
    return Fault("allowPrivilegeEscalation != false", detail) if names else None


def capabilities(pod: Subject) -> Fault | None:
    if _not_for_linux(pod):
        return None

    def added(context: Object) -> set[str]:
        return set((context.get("capabilities") or {}).get("add") or ()) - {"NET_BIND_SERVICE"}

    keeping = pod.named(lambda _, context: "ALL" not in ((context.get("capabilities") or {}).get("drop") or ()))
    adding = pod.named(lambda _, context: added(context))
    told = []
    if keeping:
        told.append(f'{containers(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        wrong = quoted(sorted(set().union(*(added(context) for _, _, context in pod.containers()))))
        told.append(f"{containers(adding)} must not include {wrong} in securityContext.capabilities.add")
    return Fault("unrestricted capabilities", "; ".join(told)) if told else None


def volumes(pod: Subject) -> Fault | None:
    wrong = {
        volume["name"]: next((key for key in volume if key != "name"), "unknown")
        for volume in pod.spec.get("volumes") or ()
        if not any(kind in volume for kind in _VOLUMES)
    }
    if not wrong:
        return None
    kinds = distinct(wrong.values())
    use = "uses" if len(wrong) == 1 else "use"
    what = plural("restricted volume type", len(kinds))
    detail = f"{plural('volume', len(wrong))} {quoted(wrong)} {use} {what} {quoted(kinds)}"
    return Fault("restricted volume types", detail)


def non_root(pod: Subject) -> Fault | None:
    if _has_own_users(pod):
        return None
    whole = pod.context.get("runAsNonRoot")
    who = setters(pod=whole is False, names=pod.named(lambda _, context: context.get("runAsNonRoot") is False))
    if who:
        return Fault("runAsNonRoot != true", f"{who} must not set securityContext.runAsNonRoot=false")
    silent = pod.named(lambda _, context: context.get("runAsNonRoot") is None) if not whole else []
    detail = f"pod or {containers(silent)} must set securityContext.runAsNonRoot=true"
    return Fault("runAsNonRoot != true", detail) if silent else None


def run_as_user(pod: Subject) -> Fault | None:
    if _has_own_users(pod):
        return None
    names = pod.named(lambda _, context: context.get("runAsUser") == 0)
    who = setters(pod=pod.context.get("runAsUser") == 0, names=names)
    return Fault("runAsUser=0", f"{who} must not set runAsUser=0") if who else None


def seccomp(pod: Subject) -> Fault | None:
    """A confining profile must be set, for the pod or for each container."""
    if _not_for_linux(pod):
        return None
    wrong = baseline.seccomp(pod)
    if wrong is not None or pod.context.get("seccompProfile"):
        return wrong
    silent = pod.named(lambda _, context: not context.get("seccompProfile"))
    must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Fault("seccompProfile", f"pod or {containers(silent)} {must}") if silent else None


def _not_for_linux(pod: Subject) -> bool:
    return pod.windows and pod.minor >= _WINDOWS_SINCE


def _has_own_users(pod: Subject) -> bool:
    return pod.own_users and pod.minor >= _OWN_USERS_SINCE
