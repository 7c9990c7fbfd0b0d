"""What all pods of this node share; a bundle of parts, no behaviour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.recorder import Recorder
from localcluster.node.dns import HostsFiles
from localcluster.node.limits.protocol import Limiter
from localcluster.node.places import Places
from localcluster.node.registration import allocatable
from localcluster.node.sandbox import Sandbox
from localcluster.node.settings import NodeSettings, TokenIssuer


@dataclass(frozen=True, slots=True)
class Runtime:
    """`sandbox` is None where namespaces may not be had; `sandbox_text` then says why.

    `services`: the Services of a namespace, as last seen.
    """

    settings: NodeSettings
    client: Client
    clock: Clock
    recorder: Recorder
    limiter: Limiter
    hosts: HostsFiles
    places: Places
    sandbox: Sandbox | None
    sandbox_text: str
    token_issuer: TokenIssuer
    services: Callable[[str], list[Object]]

    @property
    def claims(self) -> Path:
        """Where claims keep their data."""
        return self.settings.directory / "volumes"

    @property
    def allocatable(self) -> dict[str, str]:
        """What the node offers, and so what a container without limits may use."""
        return allocatable(self.settings.directory)

    @property
    def enforces_users(self) -> bool:
        """Whether runAsUser, runAsGroup and fsGroup mean something here."""
        return self.sandbox is not None and not self.sandbox.user_namespace
