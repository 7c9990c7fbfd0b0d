"""A client that changes nothing in the cluster, whoever asks it to: the last door of a read-only dashboard.

Reviews are questions, and a dry run leaves nothing behind: both go out.
"""

from __future__ import annotations

from dashboard.kube.client import USUAL, KubeClient, Timeout
from dashboard.kube.config import Cluster
from dashboard.kube.credential import Credential, changes, whose
from dashboard.kube.errors import Forbidden
from dashboard.kube.requests import Request
from dashboard.kube.streams import Stream

SENTENCE = "This dashboard is read-only: nothing was sent to the cluster."


class ReadOnlyClient(KubeClient):
    """As a KubeClient; what would change something raises Forbidden and is not sent."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster, only_reads=True)

    def open(self, request: Request, *, timeout: Timeout = USUAL) -> Stream:
        """Send what only reads."""
        if changes(request.method, request.path) and request.query.get("dryRun") != "All":
            raise Forbidden(403, "ReadOnly", SENTENCE)
        return super().open(request, timeout=timeout)

    def _whose(self, request: Request) -> Credential | None:
        return whose(request.method, request.path)
