"""What the API's refusal of one object means to a person: a verdict and a sentence. Pure.

No value of a Secret gets out, although the API may echo one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors, writers
from dashboard.stack.bundles.bundle import ObjectRef, ref_of
from dashboard.stack.planning.ownership import conflicts_of
from dashboard.stack.planning.plan import FieldOwner, Verdict

Manifest = Mapping[str, Any]

HIDDEN = "<hidden>"
ASK = "Ask for a role that allows it, or sign in as someone who may."
"""Ends the sentence of every refusal for want of a right."""

_IMMUTABLE = re.compile(
    r"field is immutable|is immutable after|updates to .* are forbidden|may not change once set|cannot change roleRef"
    r"|may not change fields other than|spec is immutable|cannot be changed",
    re.DOTALL,
)
_NOT_TYPED = "failed to create typed patch object"
_LACKS_RIGHT = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]*)"(?: in API group "(?P<group>[^"]*)")?'
)
_ECHO = re.compile(
    r'(Invalid value|Unsupported value|Duplicate value): (?:\[\][\w.]*\{.*?\}|"(?:[^"\\]|\\.)*"|[^:\s]+)', re.DOTALL
)

_MOST, _LONGEST = 400, 1000
"""Characters of the API's words: above the first they are told by field, above the second they are cut."""

_COST = {
    "StatefulSet": "Delete it with `kubectl delete statefulset {name} -n {namespace} --cascade=orphan` and deploy "
    "again: its pods go on meanwhile and are then replaced one by one; its claims and the data in them stay as they "
    "are, so a new size or storage class is only for new claims.",
    "Deployment": "Delete it and deploy again: all its pods go with it, so it serves nobody until new ones are ready.",
    "Job": "Delete it and deploy again: its pods and their logs go with it, and the work runs again from the start.",
    "Service": "Delete it and deploy again: it comes back with new addresses, and until then nobody reaches it.",
    "PersistentVolumeClaim": "Deleting it deletes the data in its volume; keep it as it is, or save the data first.",
    "ConfigMap": "Delete it and deploy again, then restart the pods that read it: they keep the old values until then.",
    "Secret": "Delete it and deploy again, then restart the pods that read it; what was encrypted or set up with the "
    "old values may not open with new ones.",
    "RoleBinding": "Delete it and deploy again: whom it names is without these rights in between.",
    "ClusterRoleBinding": "Delete it and deploy again: whom it names is without these rights in between.",
}  # fmt: skip
_ANY_COST = "It has to be deleted and made anew by deploying again; what it does stops in between."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one object cannot be applied. `owners` only for a conflict."""

    verdict: Verdict
    sentence: str
    owners: tuple[FieldOwner, ...] = ()


def refusal_of(error: errors.ApiError, manifest: Manifest, live: Manifest | None) -> Refusal:
    """Raises Refused where the error is not about this object: then nothing is known about the plan."""
    ref = ref_of(manifest)
    said = scrubbed(_said(error), manifest).rstrip(". ")
    if isinstance(error, errors.Conflict) and (owners := conflicts_of(error.details.get("causes") or [], live)):
        return Refusal("conflict", _conflict(ref, owners), owners)
    if isinstance(error, errors.Forbidden):
        return Refusal("forbidden", _forbidden(ref, said, error))
    if _is_about_the_object(error):
        return Refusal("invalid", _invalid(ref, said, error))
    raise outage(error, ref, said=said) from error


def outage(error: errors.ApiError, subject: object, *, said: str | None = None) -> Refused:
    """The refusal of the whole: the cluster, not the object, is in the way. `said`: instead of its own words."""
    if isinstance(error, errors.Unauthorized):
        return Refused(
            "The cluster does not accept your credential any more. Sign in again, then repeat this.", status=401
        )
    if isinstance(error, errors.TooManyRequests):
        wait = f" in {error.retry_after:g} s" if error.retry_after else " in a moment"
        return Refused(
            f"The cluster is too busy to tell about {subject}. Nothing was changed; try again{wait}.",
            status=503,
        )
    why = said or error.message.rstrip(". ")
    return Refused(
        f"The cluster does not answer about {subject}: {why}. Nothing was changed; try again when it does.", status=503
    )


def scrubbed(text: str, manifest: Manifest) -> str:
    """An error's text without any value of a Secret it may echo; other kinds' texts stay as they are."""
    if manifest.get("kind") != "Secret":
        return text
    for value in sorted(_values(manifest), key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return _ECHO.sub(rf"\1: {HIDDEN}", text)


def cannot_be_tried(error: errors.ApiError) -> bool:
    """Whether only the dry run is refused, because an admission webhook would have effects in it."""
    return error.status == 400 and "does not support dry run" in error.message


def taken_over(owners: tuple[FieldOwner, ...]) -> str:
    """From whom fields are taken."""
    return f"Taken over by force: {_named(owners)}. Whoever set it may set it again."


def _said(error: errors.ApiError) -> str:
    """Its words; where they hold whole structures, the fields and what is wrong with each instead."""
    causes = [each for each in error.details.get("causes") or [] if each.get("field") and each.get("message")]
    if len(error.message) <= _MOST or not causes:
        return error.message[:_LONGEST]
    told = (f"{each['field']}: {str(each['message']).rpartition(': ')[2]}" for each in causes)
    return "; ".join(dict.fromkeys(told))[:_LONGEST]


def _is_about_the_object(error: errors.ApiError) -> bool:
    if error.status >= 500:
        return _NOT_TYPED in error.message
    return 400 <= error.status < 500 and error.status not in (401, 408, 409, 410, 429)


def _conflict(ref: ObjectRef, owners: tuple[FieldOwner, ...]) -> str:
    if any(writers.by(owner.manager, subresource=owner.subresource) == "hpa" for owner in owners):
        remedy = "Leave `replicas` out of the manifest: an autoscaler sets them."
        return f"{ref}: {_named(owners)}. {remedy}"
    return f"{ref}: {_named(owners)}. Take it over to set the bundle's value, or change the manifest to agree."


def _named(owners: tuple[FieldOwner, ...]) -> str:
    by_manager: dict[tuple[str, str | None], list[str]] = {}
    for owner in owners:
        through = f" (through {owner.subresource})" if owner.subresource else ""
        by_manager.setdefault((f"{owner.manager}{through}", owner.since), []).append(owner.field)
    return "; ".join(
        f"{manager} owns {', '.join(fields)}{f' since {since}' if since else ''}"
        for (manager, since), fields in by_manager.items()
    )


def _forbidden(ref: ObjectRef, said: str, error: errors.ApiError) -> str:
    lacking = _LACKS_RIGHT.search(said)
    if lacking:
        group = f".{lacking['group']}" if lacking["group"] else ""
        where = f" in namespace {ref.namespace}" if ref.namespace else ""
        return f"{ref}: {lacking['user']} may not {lacking['verb']} {lacking['resource']}{group}{where}. {ASK}"
    causes = {each.get("reason") for each in error.details.get("causes") or []}
    if "NamespaceTerminating" in causes or "is being terminated" in said:
        return f"{ref}: namespace {ref.namespace} is being deleted. Deploy again when it is gone."
    if "exceeded quota" in said:
        return f"{ref}: {said}. Raise the ResourceQuota, or ask for less."
    if "violates PodSecurity" in said:
        return f"{ref}: {said}. Harden the pod as it says, or have the namespace's Pod Security label changed."
    return f"{ref}: {said}. Change the manifest, or the rule that refuses it."


def _invalid(ref: ObjectRef, said: str, error: errors.ApiError) -> str:
    if isinstance(error, errors.NotFound):
        missing = re.search(r'namespaces "([^"]*)" not found', said)
        if missing:
            return f"{ref}: namespace {missing[1]} is not there. Create it, or add it to the bundle."
        return f"{ref}: {said}. Install what serves this kind, or correct the manifest."
    if _IMMUTABLE.search(said):
        cost = _COST.get(ref.kind, _ANY_COST).format(name=ref.name, namespace=ref.namespace)
        return f"{ref} cannot be changed in this way while it exists: {said}. {cost}"
    return f"{ref}: {said}. Correct the manifest."


def _values(manifest: Manifest) -> set[str]:
    """Every form in which a value of the Secret may be echoed; one or two characters would only spoil the text."""
    found: set[str] = set()
    for value in (manifest.get("stringData") or {}).values():
        found |= _forms(str(value), base64.b64encode(str(value).encode()).decode())
    for value in (manifest.get("data") or {}).values():
        found |= _forms(str(value), _decoded(str(value)))
    return {value for value in found if len(value) > 2}


def _forms(*values: str) -> set[str]:
    return {form for value in values for form in (value, value.strip(), repr(value)[1:-1], *value.splitlines())}


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return value
