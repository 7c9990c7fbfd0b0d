"""All checks of the preflight, in the order in which a person wants to read them."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.kube import errors
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.cluster import Cluster
from dashboard.stack.planning.plan import Finding
from dashboard.stack.planning.refusals import outage
from dashboard.stack.preflight import images, metrics, namespaces, nodes, ports, quotas, rights, storage
from dashboard.stack.preflight.facts import Facts


def findings(cluster: Cluster, bundles: Sequence[Bundle], *, records_namespace: str) -> tuple[Finding, ...]:
    """Everything that is missing at once, each with what to do; then what is there, and what is not known.

    Raises Refused when the cluster does not answer.
    """
    facts = Facts(cluster, bundles)
    try:
        found = [*rights.check(facts, records_namespace)]
        for each in (namespaces, metrics, storage, ports, quotas, nodes, images):
            found += each.check(facts)
    except errors.ApiError as error:
        raise outage(error, "the preflight") from error
    return tuple(sorted(found, key=lambda each: ("missing", "unknown", "ok").index(each.state)))
