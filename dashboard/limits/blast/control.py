"""Asks the prober for its record and tells it to stop, through the API's pod proxy and with the experiment's token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from dashboard.kube import errors
from dashboard.kube.proxying import bounded
from dashboard.limits.blast.objects import LABEL, NAMESPACE

PORT = 8090
TOKEN_HEADER = "X-Blast-Token"  # noqa: S105 - the name of a header
TIMEOUT = (2.0, 4.0)
ANSWER_MAX = 1024 * 1024
Document = dict[str, Any]


class _Record(msgspec.Struct):
    """As sampleapp/blast/conducting.py tells it; whatever else comes is no prober's."""

    phase: Literal["waiting", "before", "leaking", "after", "over"]
    reason: str | None = None
    marks: dict[str, int] = {}
    leak: dict[str, bool | int | str | None] = {}
    probes: dict[str, list[tuple[int, int | None, int | None, str | None]]] = {}


@dataclass(slots=True)
class Control:
    """`blast_id` without its prefix; `pod`: the prober's, once it is known. Without a token it is not asked."""

    cluster: Any
    blast_id: str
    token: str | None
    pod: str | None = None

    def state(self) -> Document | None:
        """The record, or None while nobody answers. Raises ApiError when it is refused."""
        return self._ask("GET", "/state")

    def stop(self) -> Document | None:
        """Tells it to end now."""
        return self._ask("POST", "/stop")

    def pods(self) -> list[Document]:
        """All pods of the experiment, as they are now. Raises ApiError."""
        found: list[Document] = self.cluster.list(
            f"/api/v1/namespaces/{NAMESPACE}/pods", query={"labelSelector": f"{LABEL}={self.blast_id}"}
        )
        return found

    def _ask(self, method: str, path: str) -> Document | None:
        if self.token is None:
            return None
        pod = self.pod or self._find()
        if pod is None:
            return None
        answer = self.cluster.proxy_pod(
            NAMESPACE, pod, PORT, path, method, {TOKEN_HEADER: self.token}, None, timeout=TIMEOUT
        )
        told = bounded(answer, ANSWER_MAX)
        if told is None:
            raise errors.Garbled("the prober's record is longer than one can be")
        if answer.status in (404, 500, 502, 503, 504):
            return None
        if answer.status >= 400:
            raise errors.from_response(answer.status, {}, told)
        self.pod = pod
        try:
            found: Document = msgspec.to_builtins(msgspec.json.decode(told, type=_Record))
        except msgspec.MsgspecError as error:
            raise errors.Garbled(f"the prober's record cannot be read: {error}") from error
        return found

    def _find(self) -> str | None:
        for pod in self.pods():
            role = (pod["metadata"].get("labels") or {}).get("surgeboard.dev/role")
            if role == "watch" and (pod.get("status") or {}).get("phase") == "Running":
                return str(pod["metadata"]["name"])
        return None
