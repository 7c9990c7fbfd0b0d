"""Whether the namespaces are there or come with the plan, and which Pod Security level each enforces."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.stack.bundles.bundle import Manifest
from dashboard.stack.health.fields import text
from dashboard.stack.planning.plan import Finding
from dashboard.stack.planning.surroundings import is_ending
from dashboard.stack.preflight.facts import Facts

CHECK = "namespaces"
ENFORCE = "pod-security.kubernetes.io/enforce"


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a namespace."""
    planned = {each["metadata"]["name"]: each for each in facts.of_kind("Namespace")}
    for name in facts.namespaces():
        live = facts.namespace(name)
        if live is not None and is_ending(live):
            remedy = "Wait until it is gone, then deploy."
            yield Finding(CHECK, "missing", name, f"Namespace {name} is being deleted.", remedy, blocks=True)
        elif name in planned:
            coming = "is there" if live is not None else "will be created"
            yield Finding(CHECK, "ok", name, f"Namespace {name} {coming} and enforces {_level(planned[name])}.")
        elif live is not None:
            yield Finding(CHECK, "ok", name, f"Namespace {name} is there and enforces {_level(live)}.")
        else:
            yield _unseen(facts, name)


def _unseen(facts: Facts, name: str) -> Finding:
    if facts.listed("/api/v1/namespaces") is None:
        return Finding(CHECK, "unknown", name, f"Whether namespace {name} is there may not be read by you.")
    remedy = f"Create it (`kubectl create namespace {name}`), or add it to the bundle."
    return Finding(CHECK, "missing", name, f"Namespace {name} is not there.", remedy, blocks=True)


def _level(namespace: Manifest) -> str:
    labels = namespace["metadata"].get("labels") or {}
    level = text({"level": labels.get(ENFORCE)}, "level")
    return f"the Pod Security level {level}" if level else "no Pod Security level"
