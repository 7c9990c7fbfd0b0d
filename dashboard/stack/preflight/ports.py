"""Whether the node ports that the bundles name are free."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.stack.bundles.bundle import ref_of
from dashboard.stack.health.fields import mappings
from dashboard.stack.planning.plan import Finding
from dashboard.stack.preflight.facts import Facts

CHECK = "node port"


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a node port."""
    for service in facts.of_kind("Service"):
        ref = ref_of(service)
        for port in [each["nodePort"] for each in mappings(service, "spec", "ports") if each.get("nodePort")]:
            others = facts.listed("/api/v1/services")
            if others is None:
                why = f"You may not list Services of all namespaces, so whether node port {port} is free is not known."
                yield Finding(CHECK, "unknown", str(port), why)
                continue
            takers = [
                f"{each['metadata']['namespace']}/{each['metadata']['name']}"
                for each in others
                if (each["metadata"]["namespace"], each["metadata"]["name"]) != (ref.namespace, ref.name)
                and any(held.get("nodePort") == port for held in mappings(each, "spec", "ports"))
            ]
            if takers:
                remedy = f"Choose another port in {ref}, or delete Service {takers[0]}."
                why = f"Node port {port} is taken by Service {takers[0]}."
                yield Finding(CHECK, "missing", str(port), why, remedy, blocks=True)
            else:
                yield Finding(CHECK, "ok", str(port), f"Node port {port} of {ref} is free or already its own.")
