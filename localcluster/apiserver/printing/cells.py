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
    found = {name.removeprefix(prefix) for name in labels if name.startswith(prefix)}
    return ",".join(sorted({*found, labels.get("kubernetes.io/role", "")} - {""})) or NONE


def hpa_reference(body: Object, _now: datetime) -> str:
    target = body["spec"]["scaleTargetRef"]
    return f"{target['kind']}/{target['name']}"


def job_status(body: Object, _now: datetime) -> str:
    true = {c["type"] for c in look(body, "status.conditions", default=[]) if c["status"] == "True"}
    if body["metadata"].get("deletionTimestamp"):
        true.add("Terminating")
    told = ("Complete", "Failed", "Terminating", "Suspended", "FailureTarget", "SuccessCriteriaMet")
    return next((word for word in told if word in true), "Running")


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
    return "/".join(part for part in (str(about.get("kind", "")).lower(), about.get("name")) if part)


def event_source(body: Object, _now: datetime) -> str:
    source = body.get("source") or {}
    component = source.get("component") or body.get("reportingComponent") or ""
    instance = source.get("host") or body.get("reportingInstance")
    return f"{component}, {instance}" if instance else str(component)


def event_seen(body: Object, now: datetime) -> str:
    last = look(body, "series.lastObservedTime", default=None) or body.get("lastTimestamp")
    return age(last, now=now) if last else event_first(body, now)


def event_first(body: Object, now: datetime) -> str:
    return age(body.get("firstTimestamp") or body.get("eventTime"), now=now)


def event_count(body: Object, _now: datetime) -> int:
    return int(look(body, "series.count", default=0) or body.get("count") or 1)


def event_message(body: Object, _now: datetime) -> str:
    return str(body.get("message") or "").strip()


def phase(body: Object, _now: datetime) -> str:
    """That of a volume or a claim, which says nothing of its own deletion."""
    if body["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return str(look(body, "status.phase", default=""))


def claim_modes(body: Object, _now: datetime) -> str:
    short = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
    where = "status" if body["kind"] == "PersistentVolumeClaim" else "spec"  # a claim has what it was given
    return ",".join(short.get(mode, mode) for mode in look(body, f"{where}.accessModes", default=[]))


def quota(section: str) -> Cell:
    def cell(body: Object, _now: datetime) -> str:
        hard = look(body, "status.hard", default={})
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
    numbers = [port.get("port") or port.get("name") for port in body.get("ports") or []]
    return abridged(["*" if number is None else str(number) for number in numbers]) or "<unset>"


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
