"""Whether the person may do what the plan takes, verb by verb, asked by SelfSubjectAccessReview."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.bundles.bundle import Bundle, ObjectRef, ref_of
from dashboard.stack.planning.administrator import is_administrators, sentence
from dashboard.stack.planning.overlay import is_as_wanted
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
    names: tuple[str, ...] = ()
    """Of the objects that it is about, where a right on each of them would do."""

    settled: tuple[str, ...] = ()
    """Of those that are as wanted already, so that nothing is to be written."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is about, whatever is done with it."""
        return self.namespace, self.group, self.resource

    @property
    def said(self) -> str:
        """`deployments.apps in namespace flask`."""
        named = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{named} in namespace {self.namespace}" if self.namespace else f"{named} of the whole cluster"


def check(facts: Facts, records_namespace: str) -> Iterator[Finding]:
    """One finding a resource with missing verbs, or one that says all is allowed.

    A bundle that is an administrator's is one finding, and no rights are advised that would make it somebody else's.
    """
    needs = needs_of(facts, records_namespace)
    try:
        if _allowed(facts, Need("", "*", "*"), "*"):
            yield Finding(CHECK, "ok", "cluster", "You may change everything on this cluster.")
            return
        missing = {need: [verb for verb in need.verbs if _lacks(facts, need, verb)] for need in needs}
    except errors.ApiError as error:
        yield Finding(CHECK, "unknown", "cluster", f"The cluster does not tell what you may do: {error.message}")
        return
    lacking = {need: verbs for need, verbs in missing.items() if verbs}
    theirs = _administrators(facts, lacking)
    for bundle, refs in theirs:
        why = sentence(bundle, refs, alone=len(facts.bundles) == 1)
        yield Finding(CHECK, "missing", bundle.name, why, blocks=True)
    others = _wanted_by_others(facts, records_namespace, [bundle for bundle, _ in theirs])
    for need, verbs in lacking.items():
        if need.key not in others:
            continue
        why = f"You may not {_listed(verbs)} {need.said}."
        yield Finding(CHECK, "missing", need.said, why, _remedy(need, verbs), blocks=True)
    if not lacking:
        yield Finding(CHECK, "ok", "cluster", f"You may do what this takes on all {len(needs)} kinds of objects.")


def needs_of(facts: Facts, records_namespace: str) -> list[Need]:
    """Every resource that the bundles and the records touch, once. Kinds that are not served are the plan's matter."""
    needs = {Need(records_namespace, group, resource, verbs) for group, resource, verbs in RECORDS}
    for bundle in facts.bundles:
        needs |= {need for need, _ in _needs_of_bundle(facts, bundle)}
    return _merged(needs)


def _needs_of_bundle(facts: Facts, bundle: Bundle) -> Iterator[tuple[Need, ObjectRef]]:
    for each in bundle.objects:
        try:
            group, resource = facts.locator.resource(each["apiVersion"], each["kind"])
        except Refused:
            continue
        name, live = each["metadata"]["name"], facts.live(each)
        settled = (name,) if live is not None and is_as_wanted(live, each) else ()
        yield Need(each["metadata"].get("namespace", ""), group, resource, APPLY, (name,), settled), ref_of(each)
    for secret in bundle.secrets:
        yield Need(secret.namespace, "", "secrets", ("get", "create"), (secret.name,)), secret.ref


def _administrators(facts: Facts, lacking: Mapping[Need, list[str]]) -> list[tuple[Bundle, list[ObjectRef]]]:
    """The bundles with an object that only an administrator should write, with those objects."""
    verbs = {need.key: missing for need, missing in lacking.items() if is_administrators(need.group, need.namespace)}
    found = []
    for bundle in facts.bundles:
        refs = [
            ref
            for need, ref in _needs_of_bundle(facts, bundle)
            if any(_lacks(facts, need, verb) for verb in verbs.get(need.key, ()))
        ]
        found += [(bundle, refs)] if refs else []
    return found


def _wanted_by_others(facts: Facts, records_namespace: str, theirs: Iterable[Bundle]) -> set[tuple[str, str, str]]:
    """What the records and the bundles that are the person's own to deploy are about."""
    names = {bundle.name for bundle in theirs}
    keys = {(records_namespace, group, resource) for group, resource, _ in RECORDS}
    for bundle in facts.bundles:
        if bundle.name not in names:
            keys |= {need.key for need, _ in _needs_of_bundle(facts, bundle)}
    return keys


def _merged(needs: Iterable[Need]) -> list[Need]:
    """One a resource and namespace, with the verbs and the names of all."""
    found: dict[tuple[str, str, str], Need] = {}
    for each in sorted(needs):
        key = each.key
        known = found.get(key, Need(*key, ()))
        verbs = tuple(dict.fromkeys((*known.verbs, *each.verbs)))
        # Without a name something of the kind is needed that a right on single objects does not give.
        names = () if (known.verbs and not known.names) or not each.names else (*known.names, *each.names)
        found[key] = Need(*key, verbs, names, (*known.settled, *each.settled))
    return list(found.values())


def _lacks(facts: Facts, need: Need, verb: str) -> bool:
    """Whether the verb is denied, as a whole and on one of the objects that it would be used on."""
    if _allowed(facts, need, verb):
        return False
    if not need.names:
        return True
    used_on = [each for each in need.names if verb == "get" or each not in need.settled]
    return any(not _allowed(facts, need, verb, name=each) for each in used_on)


def _allowed(facts: Facts, need: Need, verb: str, *, name: str = "") -> bool:
    asked = {
        "namespace": need.namespace, "verb": verb, "group": need.group, "resource": need.resource, "name": name,
    }  # fmt: skip
    attributes = {key: value for key, value in asked.items() if value}
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
