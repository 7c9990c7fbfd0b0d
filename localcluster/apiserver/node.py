"""What the API server needs of a node: the logs of its containers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class Kubelet(Protocol):
    """Implemented by the node agent. A refusal (ApiError) comes with the call, not with the iteration."""

    async def logs(
        self, namespace: str, pod: str, container: str, *, follow: bool, previous: bool, tail_lines: int | None,
        since_seconds: int | None, timestamps: bool, limit_bytes: int | None,
    ) -> AsyncIterator[bytes]: ...  # fmt: skip
