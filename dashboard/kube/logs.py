"""A container's log, as lines. It keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from dashboard.kube.client import KubeClient, Response
from dashboard.kube.requests import Query, segment

QUIET = 3600.0  # seconds a followed log may say nothing


class Requesting(Protocol):
    """As much of `KubeClient` as a log's end needs."""

    def request(self, method: str, path: str, /, *, query: Query | None = None) -> Response: ...


def tail(
    client: Requesting, namespace: str, pod: str, container: str, *, lines: int = 200, previous: bool = False
) -> list[str]:
    """The last lines of a container, or of the one before its last restart."""
    query: Query = {"container": container, "tailLines": lines, "previous": previous, "limitBytes": 1024 * 1024}
    body = client.request("GET", _path(namespace, pod), query=query).body
    return body.decode("utf-8", "replace").splitlines()


def follow(client: KubeClient, namespace: str, pod: str, container: str, *, lines: int = 10) -> Iterator[str]:
    """Lines as they are written, until the container ends. Close the iterator to stop early."""
    query: Query = {"container": container, "tailLines": lines, "follow": True}
    with client.stream(_path(namespace, pod), query=query, timeout=(5.0, QUIET)) as stream:
        for line in stream.lines(keep_unfinished=True):
            yield line.decode("utf-8", "replace")


def _path(namespace: str, pod: str) -> str:
    return f"/api/v1/namespaces/{segment(namespace)}/pods/{segment(pod)}/log"
