"""Asks a swarm's master for its state and tells it to stop, through the API's pod proxy and with the swarm's token."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from dashboard.kube import errors
from dashboard.load.workloads import NAMESPACE, master_job, secret_path

PORT = 8090
TOKEN_HEADER = "X-Swarm-Token"  # noqa: S105 - the name of a header
TIMEOUT = (2.0, 4.0)


class Answer(Protocol):
    """What the proxy gives back."""

    @property
    def status(self) -> int: ...

    def read(self) -> bytes: ...


class Cluster(Protocol):
    """The verbs used here; `dashboard.kube.client.KubeClient` has them."""

    def get(self, path: str, /) -> Any: ...

    def list(self, path: str, /, *, query: Any = None) -> list[dict[str, Any]]: ...

    def proxy_pod(
        self,
        namespace: str,
        pod: str,
        port: int,
        path: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None,
        /,
        *,
        timeout: Any,
    ) -> Answer: ...


class Secrets(Protocol):
    """As much of a cluster as the token is read from."""

    def get(self, path: str, /) -> Any: ...


def token_of(cluster: Secrets, swarm_id: str) -> str:
    """What the swarm's master wants to be shown. Raises ApiError: NotFound, Forbidden."""
    return base64.b64decode(cluster.get(secret_path(swarm_id))["data"]["token"]).decode()


@dataclass(slots=True)
class Control:
    """The control endpoint of one swarm. `pod`: the master's pod once it is known.

    `token`: None where whoever found the swarm may not read its Secret; whoever asks next may perhaps.
    """

    cluster: Cluster
    swarm_id: str
    token: str | None
    pod: str | None = None

    def state(self) -> dict[str, Any] | None:
        """The master's document, or None while it does not answer yet. Raises ApiError when it refuses."""
        return self._ask("GET", "/state")

    def stop(self) -> dict[str, Any] | None:
        """Tells the master to stop; the document as it is right then."""
        return self._ask("POST", "/stop")

    def set_users(self, users: int, spawn_rate: float) -> dict[str, Any] | None:
        """Changes the load; None while the master does not answer yet."""
        return self._ask("PUT", "/users", msgspec.json.encode({"users": users, "spawn_rate": spawn_rate}))

    def _ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any] | None:
        pod = self.pod or self._find()
        if pod is None:
            return None
        if self.token is None:
            self.token = token_of(self.cluster, self.swarm_id)
        headers = {TOKEN_HEADER: self.token} | ({"Content-Type": "application/json"} if body else {})
        answer = self.cluster.proxy_pod(NAMESPACE, pod, PORT, path, method, headers, body, timeout=TIMEOUT)
        told = answer.read()
        if answer.status in (502, 503, 504) or answer.status == 404:
            return None
        if answer.status >= 400:
            raise errors.from_response(answer.status, {}, told)
        self.pod = pod
        document: dict[str, Any] = msgspec.json.decode(told)
        return document

    def _find(self) -> str | None:
        selector = f"batch.kubernetes.io/job-name={master_job(self.swarm_id)}"
        path = f"/api/v1/namespaces/{NAMESPACE}/pods"
        pods = self.cluster.list(path, query={"labelSelector": selector})
        running = [pod for pod in pods if pod.get("status", {}).get("phase") == "Running"]
        return running[0]["metadata"]["name"] if running else None
