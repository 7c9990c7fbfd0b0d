"""What the node agent is told from outside; must not read the process environment."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from localcluster.client import Object

LimitsChoice = Literal["auto", "cgroup-v2", "cgroup-v1", "duty-cycle", "none"]
Authorize = Callable[[str], Awaitable[None]]
"""Raises ApiError, 401 or 403, when the bearer of a token may not read the node's measurements."""


class TokenIssuer(Protocol):
    """Issues a service account's token bound to a pod."""

    async def __call__(
        self, namespace: str, service_account: str, *, pod: Object, expiration_seconds: int, audience: str
    ) -> str: ...


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """One node.

    `directory` is the node's own: `volumes/` in it outlives a run, with `keep` pods' directories do too, and
    everything else is made anew at start.
    `octet` is N of the cluster's 127.N.0.0/16. `hidden` are directories no pod may see, although they may lie
    under `project_root`, which every pod sees read-only at a place of its own.
    """

    directory: Path
    octet: int
    api_server: tuple[str, int]
    project_root: Path
    name: str = "local"
    node_port_address: str = "127.0.0.1"
    kubelet_port: int = 10250
    tls: ssl.SSLContext | None = None
    limits: LimitsChoice = "auto"
    stop_grace_seconds: float = 5.0
    keep: bool = False
    hidden: tuple[Path, ...] = ()

    @property
    def address(self) -> str:
        """The node's InternalIP."""
        return f"127.{self.octet}.0.1"
