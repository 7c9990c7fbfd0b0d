"""Whether an autoscaler will have CPU figures: the resource metrics API is there, or comes with the plan."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.kube import errors
from dashboard.stack.health.fields import mappings
from dashboard.stack.planning.plan import Finding
from dashboard.stack.preflight.facts import Facts

CHECK = "metrics API"
SERVICE = "v1beta1.metrics.k8s.io"
PATH = "/apis/metrics.k8s.io/v1beta1"
REMEDY = "Deploy the bundle metrics-server with it; without it the autoscaler has no figures and never scales."


def check(facts: Facts) -> Iterator[Finding]:
    """Nothing when no autoscaler of the bundles reads resource metrics."""
    readers = [each["metadata"]["name"] for each in facts.of_kind("HorizontalPodAutoscaler") if _reads(each)]
    if not readers:
        return
    asking = f"autoscaler {', '.join(readers)}"
    if any(each["metadata"]["name"] == SERVICE for each in facts.of_kind("APIService")):
        yield Finding(CHECK, "ok", SERVICE, f"The metrics API that {asking} needs comes with this plan.")
        return
    try:
        facts.cluster.get(PATH)
    except errors.NotFound:
        yield Finding(CHECK, "missing", SERVICE, f"There is no metrics API, and {asking} needs it.", REMEDY)
    except errors.Forbidden:
        yield Finding(CHECK, "unknown", SERVICE, "You may not ask the metrics API whether it is there.")
    except errors.Unavailable as error:
        why = f"The metrics API is registered but does not answer: {error.message}"
        yield Finding(CHECK, "missing", SERVICE, why, "Look at the Deployment metrics-server in kube-system.")
    else:
        yield Finding(CHECK, "ok", SERVICE, f"The metrics API that {asking} needs answers.")


def _reads(autoscaler: object) -> bool:
    sources = mappings(autoscaler, "spec", "metrics")
    return not sources or any(each.get("type") in ("Resource", "ContainerResource") for each in sources)
