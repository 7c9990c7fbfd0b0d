"""What the API server needs of a node: container logs, where a pod listens, and the kubelet's own endpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class Kubelet(Protocol):
    """Implemented by the node agent; raises `localcluster.errors.ApiError`."""

    async def logs(
        self, namespace: str, pod: str, container: str, *, follow: bool, previous: bool, tail_lines: int | None,
        since_seconds: int | None, timestamps: bool, limit_bytes: int | None,
    ) -> AsyncIterator[bytes]: ...  # fmt: skip

    def pod_endpoint(self, namespace: str, pod: str, port: int) -> tuple[str, int]:
        """Where that port of the pod can be reached from here."""
        ...
