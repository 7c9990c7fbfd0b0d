"""What is said of the way of the figures as a whole, in words for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.kube import errors
from dashboard.scaling.pipeline.facts import Facts, Reader
from dashboard.scaling.pipeline.links import NAMES, Link

SINCE: Mapping[str, str] = {
    "api_service": "no metrics API is registered",
    "available": "the metrics API is not available",
    "endpoints": "its server is not ready",
    "kubelet_tls": "the nodes cannot be read",
    "fresh": "figures are missing",
    "requests": "requests are missing",
    "hpa": "the HPA does not read",
    "starting": "its server is starting",
}
STARTING = "its pod is starting; it is ready once it has read the nodes"
IS_STARTING = "metrics-server is starting: figures come once it has read every node twice."
SEEN: Mapping[str, str] = {
    "available": "not available",
    "endpoints": "not ready",
    "fresh": "none",
    "hpa": "reads nothing",
}
"""What is said first of a link that is as it is because of another."""

WHY: Mapping[str, str] = {
    "api_service": "The bundle metrics-server brings what is missing: the server, its rights and its registration.",
    "available": "The bundle metrics-server puts Service, registration and rights as they should be.",
    "endpoints": "The bundle metrics-server puts its Deployment and Service as they should be.",
    "kubelet_tls": "The bundle metrics-server can be applied with or without the check of the nodes' certificates.",
}


def sentence(links: Mapping[str, Link], fault: str | None, facts: Facts, reader: Reader) -> str:
    """One sentence on the whole."""
    if fault is not None:
        return _of_fault(links[fault], facts, reader)
    if isinstance(facts.api_service, errors.Unreachable):
        return "The cluster does not answer, so the way of the figures is not known."
    denied = [f"“{NAMES[each.id]}”" for each in links.values() if each.state == "denied"]
    if denied:
        return f"Not all of the way may be seen ({', '.join(denied)}); the links that can be seen are not broken."
    if reader.hpa is None:
        well = links["available"].state == "ok" and links["kubelet_tls"].state == "ok"
        return "The metrics API answers; no HPA reads it yet." if well else "No HPA needs the metrics API yet."
    if all(each.state == "ok" for each in links.values()):
        return f"{reader.who} gets its figures: the newest is {links['fresh'].text}."
    waiting = next(each for each in links.values() if each.state != "ok")
    return f"No link is broken; one is not known yet, “{NAMES[waiting.id]}”: {waiting.text}."


def _of_fault(link: Link, facts: Facts, reader: Reader) -> str:
    server = facts.provider.title if facts.provider is not None else "metrics-server"
    none = f"{reader.who} gets no figures" if reader.hpa else "There are no figures for an HPA"
    match link.id:
        case "api_service":
            why = "metrics-server is there, but not registered" if facts.deployment else "metrics-server is not there"
            return f"{none}, because nothing serves the metrics API: {why}."
        case "available":
            return f"{none}, because the API server does not reach {server}: {_ended(link.cause or link.text)}"
        case "endpoints":
            return f"{none}, because {server} is not ready: {_ended(link.text)}"
        case "kubelet_tls":
            return f"{none}, because {server} cannot read every node: {_ended(link.text)}"
        case "fresh":
            return f"{reader.who} lacks figures: {_ended(link.text)}"
        case "requests":
            return f"{reader.who} cannot work out a share of the request: {_ended(link.text)}"
        case _ if link.cause is None:
            return f"{reader.who} {_ended(link.text)}"
        case _:
            return f"The figures are there, but {reader.who} does not use them: {_ended(link.cause or link.text)}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
