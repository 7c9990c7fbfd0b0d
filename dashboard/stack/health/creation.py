"""Why a controller cannot create its pods, read off what the API server answered it. Pure."""

from __future__ import annotations

import re

from dashboard.kube.quota_refusals import refusal_of
from dashboard.stack.health.cause import Cause, caused

_REFUSED = re.compile(
    r"^(?:\(combined from similar events\): )?(?:Error creating: |[Cc]reate (?:Claim \S+ (?:for )?)?Pod \S+ in "
    r"StatefulSet \S+ failed error: )?"
    r'(?:(?:pods|persistentvolumeclaims) "[^"]*" is forbidden: )?(.*)$'
)
_POD_SECURITY = re.compile(r'^violates PodSecurity "([^"]+)": (.*)$')
_LIMITS = re.compile(r"(?:minimum|maximum) \S+ usage per|max limit to request ratio per")
_ACCOUNT = re.compile(r'^error looking up service account \S+: serviceaccount "([^"]+)" not found$')
_WEBHOOK = re.compile(r'admission webhook "([^"]+)" denied the request:? ?(.*)$')


def refusal(owner: str, message: str) -> Cause:
    """The cause behind a FailedCreate Event or a ReplicaFailure condition of `owner` ("ReplicaSet web-1")."""
    match = _REFUSED.match(message)
    told = match[1] if match else message
    for read in (_quota, _pod_security, _limits, _account, _webhook):
        found = read(owner, told)
        if found:
            return found
    return caused("create", f"{owner} cannot create pods: {told}", "Correct what the API server refuses")


def _quota(owner: str, told: str) -> Cause | None:
    found = refusal_of(told)
    if found is None:
        return None
    if found.needs:
        return caused(
            "quota",
            f"{owner} cannot create pods: ResourceQuota {found.quota} takes only pods that specify "
            f"{','.join(found.needs)}",
            "Set these requests and limits on every container, or add a LimitRange with defaults",
        )
    sums = [f"{each.resource} {each.used} of {each.limited} used, {each.requested} more asked for"
            for each in found.lacks]  # fmt: skip
    figures = f" ({'; '.join(sums)})" if sums else ""
    return caused(
        "quota",
        f"{owner} cannot create pods: ResourceQuota {found.quota} has no room{figures}",
        "Raise the quota, or ask for fewer replicas or smaller requests",
    )


def _pod_security(owner: str, told: str) -> Cause | None:
    match = _POD_SECURITY.match(told)
    return match and caused(
        "pod_security",
        f'{owner} cannot create pods: the namespace enforces Pod Security "{match[1]}", which they violate: {match[2]}',
        "Set these fields of the pod template's securityContext",
    )


def _limits(owner: str, told: str) -> Cause | None:
    if not _LIMITS.search(told):
        return None
    return caused(
        "limits",
        f"{owner} cannot create pods: a LimitRange of the namespace refuses them: {told}",
        "Bring the containers' requests and limits within its bounds, or change the LimitRange",
    )


def _account(owner: str, told: str) -> Cause | None:
    match = _ACCOUNT.match(told)
    return match and caused(
        "account",
        f"{owner} cannot create pods: ServiceAccount {match[1]} is not there",
        "Create it, or correct serviceAccountName",
    )


def _webhook(owner: str, told: str) -> Cause | None:
    match = _WEBHOOK.search(told)
    return match and caused(
        "webhook",
        f"{owner} cannot create pods: the admission webhook {match[1]} refuses them: {match[2] or 'no reason given'}",
        "Ask whoever runs that webhook what it wants",
    )
