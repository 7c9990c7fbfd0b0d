"""What the pages can have done, done by `stack` and `load` on the cluster at hand (the contract is web/actions.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.load.request import SwarmRequest
from dashboard.load.swarms import Swarms
from dashboard.settings import Target
from dashboard.stack.actions import Stack
from dashboard.web.actions import Headers, ProxyAnswer


@dataclass(frozen=True, slots=True)
class ClusterActions:
    """`client`: the KubeClient; `app`: the Service shown in the frame."""

    client: Any
    stack: Stack
    swarms: Swarms
    app: Target

    def deploy(self, bundles: Sequence[str], by: str) -> None:
        self.stack.deploy(bundles, by=by)

    def cancel_deploy(self) -> None:
        self.stack.cancel()

    def teardown(self, bundle: str, by: str) -> None:
        self.stack.teardown(bundle, by=by)

    def start_swarm(self, request: SwarmRequest, by: str) -> None:
        self.swarms.start(request, by=by)

    def stop_swarm(self, by: str) -> None:
        self.swarms.stop(by=by)

    def app_request(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> ProxyAnswer:
        whole = f"/{path}?{query}" if query else f"/{path}"
        try:
            answer = self.client.proxy_service(
                self.app.namespace, self.app.service, self.app.port, whole, method, dict(headers), body or None
            )
        except errors.ApiError as error:
            raise Refused(f"The app cannot be reached: {error.message}", status=503) from error
        return ProxyAnswer(answer.status, answer.headers, answer.body, answer.close)
