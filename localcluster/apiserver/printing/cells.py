"""How single cells of `kubectl get` are worked out from an object. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from localcluster.apiserver.printing.durations import age, between
from localcluster.client import Object
from localcluster.selectors import from_object

Cell = Callable[[Object, datetime], Any]
NONE = "<none>"


def at(path: str, *, default: Any = NONE) -> Cell:
    def cell(body: Object, _now: datetime) -> Any:
        return look(body, path, default=default)

    return cell


def look(body: Object, path: str, *, default: Any = NONE) -> Any:
    value: Any = body
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return default if value in (None, "") else value


def number(path: str) -> Cell:
    return at(path, default=0)


def ready_of(ready: str, wanted: str) -> Cell:
    return lambda body, _: f"{look(body, ready, default=0)}/{look(body, wanted, default=0)}"


def containers(body: Object) -> list[Object]:
    found: list[Object] = look(body, "spec.template.spec.containers", default=[])
    return found


def joined(field: str) -> Cell:
    return lambda body, _: ",".join(str(container.get(field, "")) for container in containers(body))


def selector(body: Object, _now: datetime) -> str:
    return str(from_object(look(body, "spec.selector", default={}))) or NONE


def service_ports(body: Object, _now: datetime) -> str:
    texts = []
    for port in look(body, "spec.ports", default=[]):
        node_port = f":{port['nodePort']}" if port.get("nodePort") else ""
        texts.append(f"{port['port']}{node_port}/{port.get('protocol', 'TCP')}")
    return ",".join(texts) or NONE


def external_ip(body: Object, _now: datetime) -> str:
    """What leads to a Service from outside; nobody here balances loads, so that one stays pending."""
    kind, own = body["spec"].get("type"), look(body, "spec.externalIPs", default=[])
    if kind == "ExternalName":
        return str(look(body, "spec.externalName"))
    balanced = look(body, "status.loadBalancer.ingress", default=[]) if kind == "LoadBalancer" else []
    found = [entry.get("ip") or entry.get("hostname", "") for entry in balanced] + own
    return ",".join(found) or ("<pending>" if kind == "LoadBalancer" else NONE)


def subjects(kind: str) -> Cell:
    """Who of a kind a binding is for."""

    def cell(body: Object, _now: datetime) -> str:
        found = [subject for subject in body.get("subjects") or [] if subject.get("kind") == kind]
        return ", ".join(
            f"{subject.get('namespace', '')}/{subject['name']}" if kind == "ServiceAccount" else subject["name"]
            for subject in found
        )

    return cell


def name_and_default(body: Object, _now: datetime) -> str:
    """A storage class's name, and whether claims that name none get it."""
    default = (body["metadata"].get("annotations") or {}).get("storageclass.kubernetes.io/is-default-class") == "true"
    return f"{body['metadata']['name']}{' (default)' if default else ''}"


def node_status(body: Object, _now: datetime) -> str:
    conditions = {c["type"]: c["status"] for c in look(body, "status.conditions", default=[])}
    words = ["Ready" if conditions.get("Ready") == "True" else "NotReady" if "Ready" in conditions else "Unknown"]
    if look(body, "spec.unschedulable", default=False):
        words.append("SchedulingDisabled")
    return ",".join(words)


def node_roles(body: Object, _now: datetime) -> str:
    prefix = "node-role.kubernetes.io/"
    labels = body["metadata"].get("labels") or {}
    return ",".join(sorted(name.removeprefix(prefix) for name in labels if name.startswith(prefix))) or NONE


def hpa_targets(body: Object, _now: datetime) -> str:
    current = {metric_name(m): m for m in look(body, "status.currentMetrics", default=[])}
    texts = []
    for metric in look(body, "spec.metrics", default=[]):
        source = metric.get("resource") or {}
        target, name = source.get("target") or {}, source.get("name", "")
        now = ((current.get(name) or {}).get("resource") or {}).get("current") or {}
        if "averageUtilization" in target:
            shown = f"{now['averageUtilization']}%" if now.get("averageUtilization") is not None else "<unknown>"
            texts.append(f"{name}: {shown}/{target['averageUtilization']}%")
        else:
            texts.append(f"{name}: {now.get('averageValue', '<unknown>')}/{target.get('averageValue', '<auto>')}")
    return ", ".join(texts) or NONE


def metric_name(metric: Object) -> str:
    return str((metric.get("resource") or {}).get("name", ""))


def hpa_reference(body: Object, _now: datetime) -> str:
    target = body["spec"]["scaleTargetRef"]
    return f"{target['kind']}/{target['name']}"


def job_status(body: Object, _now: datetime) -> str:
    for condition in look(body, "status.conditions", default=[]):
        if condition["status"] == "True" and condition["type"] in ("Complete", "Failed", "Suspended"):
            return str(condition["type"])
    return "Terminating" if body["metadata"].get("deletionTimestamp") else "Running"


def job_completions(body: Object, _now: datetime) -> str:
    done = look(body, "status.succeeded", default=0)
    wanted = body["spec"].get("completions")
    parallelism = body["spec"].get("parallelism", 1)
    if wanted is not None:
        return f"{done}/{wanted}"
    return f"{done}/1 of {parallelism}" if parallelism > 1 else f"{done}/1"


def job_duration(body: Object, now: datetime) -> str:
    start = look(body, "status.startTime", default="")
    return between(start, look(body, "status.completionTime", default=""), now=now) if start else ""


def event_object(body: Object, _now: datetime) -> str:
    about = body.get("involvedObject") or {}
    return f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"


def event_source(body: Object, _now: datetime) -> str:
    source = body.get("source") or {}
    component = source.get("component") or body.get("reportingComponent") or ""
    return ", ".join(part for part in (component, source.get("host")) if part)


def event_seen(body: Object, now: datetime) -> str:
    when = body.get("lastTimestamp") or body.get("eventTime") or body["metadata"].get("creationTimestamp")
    return age(when, now=now)


def event_first(body: Object, now: datetime) -> str:
    return age(body.get("firstTimestamp") or body.get("eventTime"), now=now)


def claim_modes(body: Object, _now: datetime) -> str:
    short = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
    modes = look(body, "status.accessModes", default=None) or look(body, "spec.accessModes", default=[])
    return ",".join(short.get(mode, mode) for mode in modes)


def quota(section: str) -> Cell:
    def cell(body: Object, _now: datetime) -> str:
        hard = look(body, "status.hard", default=None) or look(body, "spec.hard", default={})
        used = look(body, "status.used", default={})
        chosen = [key for key in sorted(hard) if key.startswith("limits.") == (section == "limits")]
        return ", ".join(f"{key}: {used.get(key, '0')}/{hard[key]}" for key in chosen)

    return cell


def count(*fields: str) -> Cell:
    return lambda body, _: sum(len(body.get(field) or ()) for field in fields)


def endpoints(body: Object, _now: datetime) -> str:
    found = [address for endpoint in body.get("endpoints") or [] for address in endpoint.get("addresses") or []]
    return abridged(found) or "<unset>"


def slice_ports(body: Object, _now: datetime) -> str:
    return abridged([str(port.get("port", "")) for port in body.get("ports") or []]) or "<unset>"


def abridged(texts: list[str]) -> str:
    more = f" + {len(texts) - 3} more..." if len(texts) > 3 else ""
    return ",".join(texts[:3]) + more


def available(body: Object, _now: datetime) -> str:
    for condition in look(body, "status.conditions", default=[]):
        if condition["type"] == "Available":
            reason = f" ({condition['reason']})" if condition["status"] != "True" and condition.get("reason") else ""
            return f"{condition['status']}{reason}"
    return "Unknown"


def api_service(body: Object, _now: datetime) -> str:
    service = body["spec"].get("service")
    return f"{service['namespace']}/{service['name']}" if service else "Local"


def address(kind: str) -> Cell:
    def cell(body: Object, _now: datetime) -> str:
        for address in look(body, "status.addresses", default=[]):
            if address["type"] == kind:
                return str(address["address"])
        return NONE

    return cell


def owner(body: Object, _now: datetime) -> str:
    for owner in body["metadata"].get("ownerReferences") or []:
        if owner.get("controller"):
            group = owner["apiVersion"].partition("/")[0] if "/" in owner["apiVersion"] else ""
            return f"{owner['kind'].lower()}{'.' + group if group else ''}/{owner['name']}"
    return NONE


def claim(body: Object, _now: datetime) -> str:
    """The claim a volume is bound to, `namespace/name`."""
    reference = look(body, "spec.claimRef", default={})
    return f"{reference.get('namespace', '')}/{reference.get('name', '')}" if reference else ""


def none(_body: Object, _now: datetime) -> str:
    """What this cluster never has."""
    return NONE
