"""Health of what the cluster serves and how it is reached: Service, Ingress, APIService, Namespace, CRD. Pure."""

from __future__ import annotations

from datetime import datetime

from dashboard.stack.health import fields
from dashboard.stack.health.fields import condition, conditions, mapping, mappings, text
from dashboard.stack.health.verdict import OK, Health, Object, failed, progressing

PATIENCE_S = 120
"""What is behind an API may take that long to start."""


def service(live: Object, _now: datetime | None = None) -> Health:
    """Has its address."""
    kind = text(live, "spec", "type") or "ClusterIP"
    if kind == "ExternalName":
        return OK
    if not text(live, "spec", "clusterIP"):
        return progressing("has no cluster address yet")
    if kind == "LoadBalancer" and not _addresses(live):
        return progressing("waits for its load balancer's address")
    return OK


def ingress(live: Object, _now: datetime | None = None) -> Health:
    """Has an address, which its controller gives it."""
    return OK if _addresses(live) else progressing("has no address yet; an ingress controller gives it one")


def api_service(live: Object, now: datetime | None = None) -> Health:
    """Available once the API server reaches the Service behind it."""
    available = condition(live, "Available")
    if available.get("status") == "True":
        return OK
    why = text(available, "message") or "is not available yet"
    waited = fields.seconds_since(fields.moment(available, "lastTransitionTime"), now)
    return failed(why) if waited is not None and waited > PATIENCE_S else progressing(why)


def namespace(live: Object, _now: datetime | None = None) -> Health:
    """Active, or on its way out."""
    if (text(live, "status", "phase") or "Active") == "Active":
        return OK
    return progressing(ending(live))


def ending(live: Object) -> str:
    """What an object that is being deleted waits for."""
    for each in conditions(live):
        if str(each.get("type", "")).startswith("Namespace") and each.get("status") == "True":
            return f"is being deleted: {text(each, 'message')}"
    held = mapping(live, "metadata").get("finalizers")
    names = [each for each in held if isinstance(each, str)] if isinstance(held, list) else []
    return f"is being deleted; waits for {', '.join(names)}" if names else "is being deleted"


def definition(live: Object, _now: datetime | None = None) -> Health:
    """A CustomResourceDefinition whose names are accepted and which is served."""
    accepted = condition(live, "NamesAccepted")
    if accepted.get("status") == "False":
        return failed(text(accepted, "message") or "its names are taken by another definition")
    return OK if fields.is_true(live, "Established") else progressing("is not served yet")


def _addresses(live: Object) -> list[Object]:
    return mappings(live, "status", "loadBalancer", "ingress")
