"""What belongs to the members beside their processes: names and volumes, read from the API now and then.

It must not change anything. A read that is denied is told with the rule it needs, and nothing is claimed then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from dashboard.data import names, volumes
from dashboard.data.asking import NAMESPACE, WORKLOAD, is_member
from dashboard.data.members import Members
from dashboard.data.names import Former
from dashboard.data.picture import picture
from dashboard.kube import errors
from dashboard.kube.rules import document_of
from dashboard.store.views import Views

SERVICE = f"/api/v1/namespaces/{NAMESPACE}/services/{WORKLOAD}"
SLICES = f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"
CLAIMS = f"/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
VOLUMES_EVERY = timedelta(seconds=60)
OF_SERVICE = {"labelSelector": f"kubernetes.io/service-name={WORKLOAD}"}

Row = Mapping[str, Any]
T = TypeVar("T")


@dataclass(slots=True)
class Belongings:
    """`get` and `list_all` are KubeClient's `get` and `list`; `now` is the wall clock.

    `refused` hears of each kind of read whether it went well.
    """

    views: Views
    members: Members
    get: Callable[..., Any]
    list_all: Callable[..., list[dict[str, Any]]]
    now: Callable[[], datetime]
    refused: Callable[[str, errors.ApiError | None], None]
    _former: Former = field(default_factory=Former)
    _by_name: Mapping[str, Row] | None = None
    _listed_at: datetime | None = None

    def tick(self) -> None:
        """Reads all once; called every few seconds."""
        pods = [row for row in self.views.rows("pods").values() if is_member(row)]
        self._remember(pods)
        self.views.put("data", "names", self._names(pods))
        self.views.put("data", "volumes", self._volumes(pods))

    def forget(self) -> None:
        """Another cluster has others."""
        self._former.forget()
        self._by_name = self._listed_at = None

    def _remember(self, pods: Sequence[Row]) -> None:
        at = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        for pod in sorted(pods, key=lambda each: str(each.get("created_at") or "")):
            if pod.get("ip") and not pod.get("deleted_at"):
                self._former.seen(str(pod["name"]), uid=str(pod["uid"]), address=str(pod["ip"]), at=at)

    def _names(self, pods: Sequence[Row]) -> dict[str, Any]:
        seen = picture(pods, self.members.answers)
        service, service_error = _tried(self._service)
        slices, slices_error = _tried(lambda: self.list_all(SLICES, query=OF_SERVICE))
        error = service_error or slices_error
        records = None if slices is None else names.records(slices)
        self.refused("member names", error)
        found = names.service(service)
        rows = [names.row(each, seen, found, records, self._former.of(each.name)) for each in seen.members]
        return {**_state(error), "service": found, "rows": rows}

    def _service(self) -> Any:
        """None when there is none."""
        try:
            return self.get(SERVICE)
        except errors.NotFound:
            return None

    def _volumes(self, pods: Sequence[Row]) -> dict[str, Any]:
        claims, error = _tried(lambda: self.list_all(CLAIMS))
        self.refused("claims", error)
        if claims is None:
            return {**_state(error), "rows": []}
        if self._are_due(claims):
            found, denied = _tried(lambda: self.list_all(VOLUMES))
            self.refused("volumes", denied)
            self._by_name = None if found is None else {str(each["metadata"]["name"]): each for each in found}
            self._listed_at = self.now()
        rows = volumes.rows(claims, self._by_name, {str(pod["name"]): pod for pod in pods})
        return {**_state(None), "rows": rows}

    def _are_due(self, claims: Sequence[Row]) -> bool:
        """Volumes are of the whole cluster and change seldom: read for one that is not known, and now and then."""
        named = {str((each.get("spec") or {}).get("volumeName") or "") for each in claims} - {""}
        if not named:
            return False
        is_old = self._listed_at is None or self.now() - self._listed_at >= VOLUMES_EVERY
        return is_old or (self._by_name is not None and not named <= self._by_name.keys())


def _tried(read: Callable[[], T]) -> tuple[T | None, errors.ApiError | None]:
    try:
        return read(), None
    except errors.ApiError as error:
        return None, error


def _state(error: errors.ApiError | None) -> dict[str, Any]:
    """live, forbidden (with the rule) or down."""
    if error is None:
        return {"state": "live", "rule": None, "detail": None}
    if isinstance(error, errors.Forbidden):
        return {"state": "forbidden", "rule": document_of(error), "detail": error.message}
    return {"state": "down", "rule": None, "detail": str(error)}
