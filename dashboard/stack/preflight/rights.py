"""Whether the person may do what the plan takes, verb by verb, asked by SelfSubjectAccessReview."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.planning.plan import Finding
from dashboard.stack.preflight.facts import Facts

PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
CHECK = "rights"
APPLY = ("get", "create", "patch")
"""Server-side apply takes patch, and create for what is not there; the plan reads first."""

RECORDS = (("", "configmaps", ("get", "list", "create", "patch", "delete")),
           ("coordination.k8s.io", "leases", ("get", "create", "patch")))  # fmt: skip
"""What keeping revisions and the one-writer Lease takes."""


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """Verbs on one resource in one namespace (empty: cluster-scoped)."""

    namespace: str
    group: str
    resource: str
    verbs: tuple[str, ...] = APPLY

    @property
    def said(self) -> str:
        """`deployments.apps in namespace flask`."""
        named = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{named} in namespace {self.namespace}" if self.namespace else f"{named} of the whole cluster"


def check(facts: Facts, records_namespace: str) -> Iterator[Finding]:
    """One finding a resource with missing verbs, or one that says all is allowed."""
    needs = needs_of(facts, records_namespace)
    try:
        if _allowed(facts, Need("", "*", "*"), "*"):
            yield Finding(CHECK, "ok", "cluster", "You may change everything on this cluster.")
            return
        missing = {need: [verb for verb in need.verbs if not _allowed(facts, need, verb)] for need in needs}
    except errors.ApiError as error:
        yield Finding(CHECK, "unknown", "cluster", f"The cluster does not tell what you may do: {error.message}")
        return
    lacking = {need: verbs for need, verbs in missing.items() if verbs}
    for need, verbs in lacking.items():
        why = f"You may not {_listed(verbs)} {need.said}."
        yield Finding(CHECK, "missing", need.said, why, _remedy(need, verbs), blocks=True)
    if not lacking:
        yield Finding(CHECK, "ok", "cluster", f"You may do what this takes on all {len(needs)} kinds of objects.")


def needs_of(facts: Facts, records_namespace: str) -> list[Need]:
    """Every resource that the bundles and the records touch, once. Kinds that are not served are the plan's matter."""
    needs = {Need(records_namespace, group, resource, verbs) for group, resource, verbs in RECORDS}
    for each in facts.objects:
        try:
            group, resource = facts.locator.resource(each["apiVersion"], each["kind"])
        except Refused:
            continue
        needs.add(Need(each["metadata"].get("namespace", ""), group, resource))
    for bundle in facts.bundles:
        needs |= {Need(secret.namespace, "", "secrets", ("get", "create")) for secret in bundle.secrets}
    return _merged(needs)


def _merged(needs: Iterable[Need]) -> list[Need]:
    """One a resource and namespace, with the verbs of all."""
    verbs: dict[tuple[str, str, str], dict[str, None]] = {}
    for each in sorted(needs):
        verbs.setdefault((each.namespace, each.group, each.resource), {}).update(dict.fromkeys(each.verbs))
    return [Need(*key, tuple(found)) for key, found in verbs.items()]


def _allowed(facts: Facts, need: Need, verb: str) -> bool:
    asked = {"namespace": need.namespace, "verb": verb, "group": need.group, "resource": need.resource}
    attributes = {name: value for name, value in asked.items() if value}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "metadata": {},
        "spec": {"resourceAttributes": attributes},
    }
    answer = facts.cluster.create(PATH, review)
    return bool(answer.get("status", {}).get("allowed"))


def _remedy(need: Need, verbs: list[str]) -> str:
    kind = f"a Role in namespace {need.namespace}" if need.namespace else "a ClusterRole"
    rule = f'apiGroups ["{need.group}"], resources ["{need.resource}"], verbs [{", ".join(verbs)}]'
    return f"Ask for {kind} with the rule {rule}."


def _listed(verbs: list[str]) -> str:
    return verbs[0] if len(verbs) == 1 else f"{', '.join(verbs[:-1])} or {verbs[-1]}"
