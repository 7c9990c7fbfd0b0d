"""What the dashboard has asked of every local cluster of a run of the tests, read from the clusters' own logs.

The clusters write them (`requests.log`, localcluster/settings.py), so nothing in the dashboard knows that it is
watched, and it makes no difference whether it ran in the test's process, in another one or in a pod.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.in_cluster.rights import ANYBODY, Call, Grant

OURS = "surgeboard"
"""The User-Agent of dashboard/kube/client.py; kubectl, metrics-server and the cluster itself have others."""
_MARK = f'"userAgent":"{OURS}"'


def logs_below(folder: Path) -> list[Path]:
    """Those of all clusters that ran anywhere in a folder."""
    return sorted(folder.rglob("requests.log*"))


def asked(logs: Iterable[Path]) -> set[Call]:
    """What was asked in the dashboard's name, and allowed."""
    return {call for log in logs for line in _lines(log) for call in calls_of_event(json.loads(line))}


def _lines(log: Path) -> Iterator[str]:
    """The last one may be cut off where its cluster was killed."""
    with log.open(encoding="utf-8") as file:
        yield from (line for line in file if _MARK in line and line.endswith("\n"))


def calls_of_event(event: Mapping[str, Any]) -> list[Call]:
    """As an authorizer judged the request: none for what it refused, and for what is no object, such as discovery.

    An apply that makes an object is judged twice, as a patch and as a creation.
    """
    found, decision = event.get("objectRef"), event.get("annotations", {}).get("authorization.k8s.io/decision")
    if found is None or decision != "allow":
        return []
    subresource, verb = found.get("subresource", ""), event["verb"]
    resource = f"{found['resource']}/{subresource}" if subresource else found["resource"]
    name = "" if verb == "create" and not subresource else found.get("name", "")  # the path names no object yet
    call = Call(verb, found.get("apiGroup", ""), resource, found.get("namespace", ""), name)
    return [call, replace(call, verb="create")] if (verb, event["responseStatus"]["code"]) == ("patch", 201) else [call]


def ungranted(calls: Iterable[Call], grants: Iterable[Grant]) -> set[Call]:
    """What no role of the bundle allows."""
    held: dict[tuple[str, str, str], list[Grant]] = {}
    for grant in grants:
        held.setdefault((grant.verb, grant.group, grant.resource), []).append(grant)
    return {
        call for call in calls
        if (call.group, call.resource) not in ANYBODY
        and not any(each.allows(call) for each in held.get((call.verb, call.group, call.resource), ()))
    }  # fmt: skip
