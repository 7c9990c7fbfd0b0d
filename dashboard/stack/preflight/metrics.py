"""Whether an autoscaler will have CPU figures: the resource metrics API is there, or comes with the plan."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.kube import errors
from dashboard.kube.metrics_api import NAME, PATH, ROOT, availability, provider_of
from dashboard.stack.health.fields import mappings
from dashboard.stack.planning.plan import Finding
from dashboard.stack.preflight.facts import Facts

CHECK = "metrics API"
REMEDY = (
    "Deploy the bundle metrics-server with it, or have an administrator apply it: kubectl apply -k "
    "manifests/metrics-server. Without it the autoscaler has no figures and never scales."
)
LOOK = "The page Scaling shows which link is broken, and mends it."


def check(facts: Facts) -> Iterator[Finding]:
    """Nothing when no autoscaler of the bundles reads resource metrics."""
    readers = [each["metadata"]["name"] for each in facts.of_kind("HorizontalPodAutoscaler") if _reads(each)]
    if not readers:
        return
    asking = f"autoscaler {', '.join(readers)}"
    if any(each["metadata"]["name"] == NAME for each in facts.of_kind("APIService")):
        yield Finding(CHECK, "ok", NAME, f"The metrics API that {asking} needs comes with this plan.")
        return
    yield _registered(facts, asking)


def _registered(facts: Facts, asking: str) -> Finding:
    """By its APIService, as the metrics pipeline judges it; who may not read that may still ask the API itself."""
    try:
        found = facts.cluster.get(PATH)
    except errors.NotFound:
        return Finding(CHECK, "missing", NAME, f"There is no metrics API, and {asking} needs it.", REMEDY)
    except errors.Forbidden:
        return _answering(facts, asking)
    told = availability(found)
    if told.state == "unavailable":
        why = f"The metrics API is registered but does not answer: {told.message or told.reason}"
        return Finding(CHECK, "missing", NAME, why, LOOK)
    provider = provider_of(found)
    by = f" It is served by {provider.title}." if provider and not provider.is_metrics_server else ""
    return Finding(CHECK, "ok", NAME, f"The metrics API that {asking} needs answers.{by}")


def _answering(facts: Facts, asking: str) -> Finding:
    try:
        facts.cluster.get(ROOT)
    except errors.NotFound:
        return Finding(CHECK, "missing", NAME, f"There is no metrics API, and {asking} needs it.", REMEDY)
    except errors.Forbidden:
        return Finding(CHECK, "unknown", NAME, "You may not ask the metrics API whether it is there.")
    except errors.Unavailable as error:
        why = f"The metrics API is registered but does not answer: {error.message}"
        return Finding(CHECK, "missing", NAME, why, LOOK)
    return Finding(CHECK, "ok", NAME, f"The metrics API that {asking} needs answers.")


def _reads(autoscaler: object) -> bool:
    sources = mappings(autoscaler, "spec", "metrics")
    return not sources or any(each.get("type") in ("Resource", "ContainerResource") for each in sources)
