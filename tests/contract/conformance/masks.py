"""The declared list of what may differ between two clusters, and nothing else.

Everything here is masked on both sides before comparing. docs/localcluster.md repeats the list for readers.
"""

from __future__ import annotations

import re
from typing import Any

FIELDS = {
    "uid": "made anew by every cluster",
    "resourceVersion": "a counter of the cluster's own",
    "continue": "holds a resourceVersion",
    "remainingItemCount": "counts what the vendor's build put there too",
    "selfLink": "not served any more",
    "hostIP": "a fact of the node",
    "hostIPs": "a fact of the node",
    "podIP": "a fact of the network",
    "podIPs": "a fact of the network",
    "clusterIP": "a fact of the network",
    "clusterIPs": "a fact of the network",
    "nodePort": "taken at random",
    "nodeInfo": "a fact of the node",
    "capacity": "a fact of the node",
    "allocatable": "a fact of the node",
    "nodeName": "a fact of the node",
    "imageID": "the runtime's own",
    "containerID": "the runtime's own",
    "usage": "measured",
    "window": "measured",
    "token": "a secret of the cluster's own",
    "count": "how often an Event had been told when somebody looked",
    "serverAddress": "where the API listens",
    "storageVersionHash": "a hash of how the recorded server stores a kind",
    "goVersion": "a fact of the build",
    "compiler": "a fact of the build",
    "gitCommit": "a fact of the build",
    "description": "prose of a table's columns",
    "user": "what containerd reads from an image and programs without images do not have",
}
"""Fields whose value is masked (kept if there, so that a missing one is noticed)."""

LEFT_OUT = {
    "images": "a fact of the node",
    "declaredFeatures": "a fact of the node",
    "managedFields": "compared by the tests of server-side apply",
    "kubectl.kubernetes.io/last-applied-configuration": "what a client noted of a manifest that is not ours",
    "endpoints.kubernetes.io/last-change-trigger-time": "told or not by whether a change falls into a new second",
}
"""Fields not looked at."""

NO_LIMIT = "9007199254740988Ki"
"""How the recorded node reads a pod's memory limit where there is none: the largest number of its cgroups."""

PATTERNS = (
    (re.compile(r"^(\d+[dhms]){1,2}$"), "<age>"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uid>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
    (re.compile(r"-----BEGIN CERTIFICATE-----.*", re.DOTALL), "<certificate>"),
    (re.compile(r"(too old resource version: \d+ \()\d+"), r"\1<version>"),
    (re.compile(r"(time\(\)<)\d+"), r"\1<the end of the load>"),
    (re.compile(r"(current: )\d+"), r"\1<version>"),
    (re.compile(r"(continue key is not valid: ).*"), r"\1<what the decoder says>"),
    (re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b"), "<ip>"),
    (re.compile(r"\b(containerd|local)://[\w.-]*"), "<container id>"),
    (re.compile(r"in \d+(\.\d+)?m?s( \(\d+(\.\d+)?m?s including waiting\))?"), "in <duration>"),
    (re.compile(r"Image size: \d+ bytes"), "Image size: <size>"),
    (re.compile(r"\bnode-1\b|(?<=to )local\b|(?<=on )local\b"), "<node>"),
    (re.compile(r'(failed to resolve reference "[^"]*": ).*', re.DOTALL), r"\1<why>"),
    (re.compile(r"kube-api-access-\w{5}\b"), "kube-api-access-<random>"),
    (re.compile(r"\b(docker\.io/library/|docker\.io/)"), ""),
    (re.compile(r"^(default-scheduler)-.*|^<node>$|^local$"), "<instance>"),
)
"""What varies inside texts."""

COUNTING_WRITES = ("ReplicaSet", "EndpointSlice")
"""Kinds only controllers write to: their generation counts how often, which is timing."""

VENDOR_CONFIG_MAPS = ("openshift-service-ca.crt",)
VENDOR_PATHS = ("/.well-known", "/.well-known/*")
VENDOR_EVENTS = ("openshift-kube-apiserver",)
VENDOR_MESSAGES = ("failed to create typed patch object", "unable to decode an event", "service-ca")
"""Traces of the recorded build; objects and answers with them are left out of the comparison."""

COUNTS_BY_EXTREMES = "how many changes of a count one write carries is timing: a count is compared by its extremes"


def masked_text(text: str) -> str:
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def is_vendors_object(obj: dict[str, Any]) -> bool:
    name = str(obj.get("metadata", {}).get("name", ""))
    return name in VENDOR_CONFIG_MAPS or any(trace in str(obj.get("involvedObject", "")) for trace in VENDOR_EVENTS)


def is_vendors_answer(row: dict[str, Any]) -> bool:
    """Whether the recorded answer is one the README of the recordings tells not to imitate."""
    response = row.get("response")
    message = str(response.get("message", "")) if isinstance(response, dict) else ""
    return row.get("status") == 500 or message.startswith(VENDOR_MESSAGES)
