"""The link between metrics-server and the nodes: figures of every node, else what its log says kept it out. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.kube import errors
from dashboard.scaling.pipeline.facts import Facts, Object
from dashboard.scaling.pipeline.links import Link, unread

Kind = Literal["certificate", "refused", "unreachable"]

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("certificate", re.compile(r"x509: |certificate verify failed|CERTIFICATE_VERIFY_FAILED", re.IGNORECASE)),
    ("refused", re.compile(r"40[13] (?:Forbidden|Unauthorized)|answered 40[13]|status code 40[13]", re.IGNORECASE)),
    (
        "unreachable",
        re.compile(
            r"no route to host|connection refused|Connect call failed|i/o timeout|deadline exceeded|no such host|"
            r"TimeoutError|Cannot connect to host",
            re.IGNORECASE,
        ),
    ),
)
_NODE = re.compile(r'\bnode="?([\w.-]+)"?|\bnode ([\w.-]+) could not be read')
_WORDS = (
    re.compile(r'err="((?:[^"\\]|\\.)*)"'),
    re.compile(r"could not be read: (.*)$"),
)

_ADVICE: dict[Kind, str] = {
    "certificate": (
        "The kubelets' certificates are not signed by the cluster's own authority. Let the kubelets have signed ones "
        "(kubeadm: serverTLSBootstrap: true, then approve their requests), or, on a development cluster, choose "
        "--kubelet-insecure-tls when you repair it."
    ),
    "refused": "Its ServiceAccount may not read nodes/metrics: deploy the bundle metrics-server, which grants it.",
    "unreachable": "Nothing answers at the nodes' addresses: look at what lies between pods and their port 10250.",
}
_SAYS: dict[Kind, str] = {
    "certificate": "the kubelet's certificate is not accepted",
    "refused": "the kubelet does not let it read",
    "unreachable": "the kubelet cannot be reached",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the log says of the last attempt that failed."""

    kind: Kind
    node: str | None
    words: str

    @property
    def link(self) -> Link:
        """The link as it breaks."""
        where = f"node {self.node}: " if self.node else ""
        return Link("kubelet_tls", "broken", f"{where}{_SAYS[self.kind]}", self.words, _ADVICE[self.kind])


def trouble_in(log: Sequence[str]) -> Trouble | None:
    """The newest line that names a trouble with a kubelet."""
    for line in reversed(log):
        for kind, pattern in _KINDS:
            if pattern.search(line):
                node = _NODE.search(line)
                return Trouble(kind, (node[1] or node[2]) if node else None, _words(line))
    return None


def _words(line: str) -> str:
    for pattern in _WORDS:
        found = pattern.search(line)
        if found:
            return found[1].replace('\\"', '"')
    return line.strip()


def readable(facts: Facts) -> Link:
    """Every node's figures are there; where some are not, the log says why."""
    figures, nodes = facts.figures, facts.nodes
    if figures is None:
        return Link("kubelet_tls", "unknown", "not asked")
    if isinstance(figures, errors.ApiError):
        return unread("kubelet_tls", figures, "the nodes' figures")
    if isinstance(nodes, errors.ApiError):
        return unread("kubelet_tls", nodes, "the list of nodes")
    missing = [node["metadata"]["name"] for node in nodes if node["metadata"]["name"] not in figures]
    if not missing:
        return Link("kubelet_tls", "ok", "1 node read" if len(nodes) == 1 else f"all {len(nodes)} nodes read")
    if facts.provider is not None and not facts.provider.is_metrics_server:
        return Link("kubelet_tls", "unknown", f"{facts.provider.title} gets its figures in its own way")
    return _missing(facts, missing)


def _missing(facts: Facts, missing: Sequence[str]) -> Link:
    nodes: Sequence[Object] = () if isinstance(facts.nodes, errors.ApiError) else facts.nodes
    away = [node["metadata"]["name"] for node in nodes if node["metadata"]["name"] in missing and not _is_ready(node)]
    told = trouble(facts)
    if told is not None:
        return told.link
    named = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
    text = f"no figures of {'node' if len(missing) == 1 else 'nodes'} {named}"
    if away == list(missing):
        return Link(
            "kubelet_tls", "broken", f"{text}, not Ready", None, "Look at these nodes: their kubelets are away."
        )
    log = facts.server.log if facts.server else None
    if isinstance(log, errors.Forbidden):
        link = unread("kubelet_tls", log, "the log of metrics-server")
        return Link("kubelet_tls", "broken", text, link.cause, "The log would say why.", link.rule)
    return Link("kubelet_tls", "broken", text, None, "The log of metrics-server says why.")


def trouble(facts: Facts) -> Trouble | None:
    """Of the log that was read."""
    log = facts.server.log if facts.server is not None else None
    return trouble_in(log) if log is not None and not isinstance(log, errors.ApiError) else None


def _is_ready(node: Object) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or []
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)
