"""The first links: is the API registered, does the API server reach it, is there a ready endpoint behind it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from dashboard.kube import errors, structs
from dashboard.kube.metrics_api import NAME, availability
from dashboard.scaling.pipeline.facts import Facts, Object, Server
from dashboard.scaling.pipeline.links import Link, unread
from dashboard.store import pod_status

STARTING_S = 60.0
"""So long a server may take to start and to read every node twice, which figures are made of."""

DEPLOY_IT = (
    "Deploy the bundle metrics-server; who may not has an administrator run kubectl apply -k manifests/metrics-server."
)
WITHOUT_BUNDLE = (
    f"Take it out first (kubectl patch apiservice {NAME} --type=json -p "
    '\'[{"op":"remove","path":"/spec/caBundle"}]\'): Kubernetes takes none beside insecureSkipTLSVerify, which the '
    "bundle metrics-server sets. Then deploy that."
)


def registered(facts: Facts) -> Link:
    """The APIService is there."""
    found = facts.api_service
    if isinstance(found, errors.NotFound):
        there = (
            f"; Deployment {facts.deployment['namespace']}/{facts.deployment['name']} is there"
            if facts.deployment
            else ""
        )
        return Link("api_service", "broken", f"APIService {NAME} is missing{there}", found.message, DEPLOY_IT)
    if isinstance(found, errors.ApiError):
        link = unread("api_service", found, f"APIService {NAME}")
        return _by_asking(link, facts) if link.state == "denied" else link
    provider = facts.provider
    return Link("api_service", "ok", f"served by {provider.title}" if provider else "served by the API server itself")


def _by_asking(denied: Link, facts: Facts) -> Link:
    """Who may not read the APIService may still ask what it stands for: nothing there is an answer too."""
    if isinstance(facts.figures, errors.NotFound):
        return Link("api_service", "broken", "nothing serves metrics.k8s.io", facts.figures.message, DEPLOY_IT)
    return denied


def available(facts: Facts) -> Link:
    """The API server reaches it."""
    if isinstance(facts.api_service, errors.ApiError):
        return _asked(facts)
    told = availability(facts.api_service)
    if told.state == "available":
        return _in_truth(facts) or Link("available", "ok", "answers")
    if told.state == "unknown":
        return Link("available", "unknown", "the API server has not tried it yet")
    return Link(
        "available", "broken", told.reason or "not available", told.message or None, _advice(told.reason, facts)
    )


def _in_truth(facts: Facts) -> Link | None:
    """Kubernetes calls it available without looking at its certificate, which it does with every request then.

    None where it answers.
    """
    found = facts.figures
    if not isinstance(found, errors.Unavailable):
        return None
    advice = _advice("FailedDiscoveryCheck", facts)
    if "certificate" in found.message:
        advice = "The caBundle of its APIService does not fit the certificate that its server shows."
        if facts.provider is not None and facts.provider.is_metrics_server:
            advice = f"{advice} {WITHOUT_BUNDLE}"
    return Link("available", "broken", "called available, but it does not answer", found.message, advice)


def _asked(facts: Facts) -> Link:
    """By what it answers, where its APIService may not be read."""
    if isinstance(facts.figures, errors.Forbidden):
        return unread("available", facts.figures, "what it answers")
    if isinstance(facts.figures, errors.ApiError):
        is_down = isinstance(facts.figures, errors.Unavailable)
        return Link("available", "broken" if is_down else "unknown", "does not answer", facts.figures.message)
    return Link("available", "unknown", "not asked") if facts.figures is None else Link("available", "ok", "answers")


def _advice(reason: str, facts: Facts) -> str:
    provider = facts.provider
    where = str(provider) if provider else "its Service"
    if reason == "FailedDiscoveryCheck":
        return (
            f"The API server does not get an answer from {where}: look at what lies between the two (NetworkPolicy, "
            "firewall, hostNetwork), and at the log of the pods behind it."
        )
    return f"Look at {where}." if provider and not provider.is_metrics_server else DEPLOY_IT


def ready(facts: Facts) -> Link:
    """The Service has a ready endpoint."""
    server = facts.server
    if server is None or facts.provider is None:
        return Link("endpoints", "unknown", "its Service is not known")
    service, slices = server.service, server.slices
    where = str(facts.provider)
    if isinstance(service, errors.NotFound):
        return Link("endpoints", "broken", f"{where} is missing", service.message, DEPLOY_IT)
    if isinstance(service, errors.ApiError):
        return unread("endpoints", service, where)
    if isinstance(slices, errors.ApiError):
        return unread("endpoints", slices, f"the endpoints of {where}")
    count = sum(_is_ready(each) for one in slices for each in one.get("endpoints") or ())
    if count:
        return Link("endpoints", "ok", "1 ready endpoint" if count == 1 else f"{count} ready endpoints")
    return _why_not_ready(server, service, where)


def _is_ready(endpoint: Mapping[str, Any]) -> bool:
    return (endpoint.get("conditions") or {}).get("ready") is not False and bool(endpoint.get("addresses"))


def _why_not_ready(server: Server, service: Object, where: str) -> Link:
    if isinstance(server.pods, errors.ApiError):
        link = unread("endpoints", server.pods, f"the pods behind {where}")
        return Link("endpoints", "broken", f"{where} has no ready endpoint", link.cause, rule=link.rule)
    if not server.pods:
        return _without_pods(server, service, where)
    state, cause = trouble_of(server.pods)
    last = "" if is_up(server.pods) else last_words(server.log)
    told = ": ".join(each for each in (cause, last) if each) or None
    return Link("endpoints", "broken", state, told, "Look at its Events and its log on the page of the bundle.")


def _without_pods(server: Server, service: Object, where: str) -> Link:
    """Nothing matches the selector: the workload is missing, scaled to zero, or labelled otherwise."""
    selector = (service.get("spec") or {}).get("selector") or {}
    labels = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    row = server.deployment
    if row is None:
        text = f"no pod has the labels {labels}" if labels else f"{where} selects nothing"
        return Link("endpoints", "broken", text, None, DEPLOY_IT)
    named = f"Deployment {row['namespace']}/{row['name']}"
    if row.get("replicas") == 0:
        return Link("endpoints", "broken", f"{named} is scaled to 0", None, DEPLOY_IT)
    return Link("endpoints", "broken", f"{named} has no pod with the labels {labels}", row.get("reason"), DEPLOY_IT)


def trouble_of(pods: Sequence[Object]) -> tuple[str, str | None]:
    """What kubectl would say of the pod that is worst off, and the exact words behind it."""
    newest = max(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp") or ""))
    name = newest["metadata"]["name"]
    try:
        decoded = msgspec.convert(newest, structs.Pod, strict=False)
    except msgspec.ValidationError:
        return f"Pod {name} cannot be read", None
    word = pod_status.status_word(decoded)
    state = f"Pod {name} runs but is not ready" if word == "Running" else f"Pod {name}: {word}"
    return state, _words(decoded)


def last_words(log: Sequence[str] | errors.ApiError | None) -> str:
    """The last line of a log that says something."""
    lines = () if log is None or isinstance(log, errors.ApiError) else log
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def is_starting(server: Server | None, now: datetime) -> bool:
    """Whether the newest pod runs for the first time and has not had its time to read the nodes twice."""
    if server is None or isinstance(server.pods, errors.ApiError) or not server.pods:
        return False
    newest = max(server.pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp") or ""))
    born = newest["metadata"].get("creationTimestamp")
    statuses = (newest.get("status") or {}).get("containerStatuses") or ()
    is_first = not any(each.get("restartCount") or "waiting" in (each.get("state") or {}) for each in statuses)
    return bool(born) and is_first and (now - datetime.fromisoformat(born)).total_seconds() < STARTING_S


def is_up(pods: Sequence[Object] | errors.ApiError) -> bool:
    """Whether a pod runs and is only not ready: then it works, and what keeps it from its figures lies further on."""
    if isinstance(pods, errors.ApiError):
        return False
    return any(
        "running" in (each.get("state") or {})
        for pod in pods
        for each in (pod.get("status") or {}).get("containerStatuses") or ()
    )


def _words(pod: structs.Pod) -> str | None:
    """A container's own end, or why it waits; else the condition that keeps the pod back."""
    for status in pod.status.container_statuses or ():
        waiting = status.state.waiting if status.state else None
        ended = (status.state.terminated if status.state else None) or (
            status.last_state.terminated if status.last_state and waiting else None
        )
        if ended is not None:
            why = f": {ended.message.strip()}" if ended.message else ""
            return (
                f"Container {status.name} ended with exit code {ended.exit_code} ({ended.reason or 'no reason'}){why}"
            )
        if waiting is not None and waiting.message:
            return waiting.message
    held = [each for each in pod.status.conditions or () if each.status == "False" and each.message]
    first = next((each for each in held if each.type == "PodScheduled"), None) or next(iter(held), None)
    return first.message if first else None
