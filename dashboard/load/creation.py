"""Creates the objects of one swarm in the cluster and deletes them again. It must not decide whether one may start."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.load import workloads
from dashboard.load.pinning import Pinned
from dashboard.load.request import GUESTBOOK, SwarmRequest
from dashboard.load.workloads import NAMESPACE, Templates

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Creation:
    """`cluster`: the KubeClient; `templates`: of the bundle `load`."""

    cluster: Any
    templates: Templates

    def check(self, request: SwarmRequest) -> None:
        """Raises Refused for a scenario that there is not."""
        if request.scenario != GUESTBOOK:
            self.templates.locustfiles.text(request.scenario)

    def create(
        self, request: SwarmRequest, *, swarm_id: str, target_url: str, pinned: Pinned, token: str, by: str
    ) -> None:
        """All objects of a swarm. Raises Refused, and leaves nothing behind, when the cluster refuses one."""
        objects = workloads.build(
            self.templates, request, swarm_id=swarm_id, target_url=target_url, token=token, started_by=by,
            pinned=pinned.text,
        )  # fmt: skip
        try:
            for each in objects:
                created = self.cluster.create(_collection(each), each)
                if each["metadata"]["name"] == workloads.master_job(swarm_id):
                    # What the pods read goes with the Job, which the cluster removes after its end without being asked.
                    for path in workloads.read_by_pods(swarm_id, request):
                        self.cluster.patch(path, workloads.owned_by(created))
        except errors.ApiError as error:
            self.remove(swarm_id)
            missing = isinstance(error, errors.NotFound)
            hint = " Deploy the bundle load first." if missing else ""
            raise Refused(f"The swarm could not be created: {error.message}.{hint}", status=409) from error

    def remove(self, swarm_id: str) -> None:
        """All objects of a swarm, as far as the cluster lets us; called again by whoever waits for its pods' end."""
        for path in [*workloads.paths(swarm_id), workloads.scenario_path(swarm_id)]:
            try:
                self.cluster.delete(path)
            except errors.NotFound:
                continue
            except errors.ApiError as error:
                log.warning("%s is left, its deadline ends it: %s", path, error)


def _collection(manifest: dict[str, Any]) -> str:
    root = "/api/v1" if manifest["apiVersion"] == "v1" else f"/apis/{manifest['apiVersion']}"
    return f"{root}/namespaces/{NAMESPACE}/{manifest['kind'].lower()}s"
