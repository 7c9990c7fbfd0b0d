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
        owner, *others = workloads.build(
            self.templates, request, swarm_id=swarm_id, target_url=target_url, token=token, started_by=by,
            pinned=pinned.text,
        )  # fmt: skip
        try:
            # The master's Job is ended and removed by the cluster itself, and whatever else is there goes with it:
            # so nothing stays for ever, whenever it is that nobody may go on here.
            job = self.cluster.create(_collection(owner), owner)
            for each in others:
                self.cluster.create(_collection(each), workloads.owned_by(job, each))
        except errors.ApiError as error:
            self.remove(swarm_id)
            missing = isinstance(error, errors.NotFound)
            hint = " Deploy the bundle load first." if missing else ""
            status = 401 if isinstance(error, errors.SignInAgain) else 409
            raise Refused(f"The swarm could not be created: {error.message}.{hint}", status=status) from error

    def remove(self, swarm_id: str) -> bool:
        """All objects of a swarm, as far as the cluster lets us; called again by whoever waits for its pods' end.

        False: whoever it is done for may not.
        """
        is_allowed = True
        for path in [*workloads.paths(swarm_id), workloads.scenario_path(swarm_id)]:
            try:
                self.cluster.delete(path)
            except errors.NotFound:
                continue
            except errors.ApiError as error:
                is_allowed = is_allowed and not isinstance(error, errors.Forbidden | errors.Unauthorized)
                log.warning("%s is left, its deadline ends it: %s", path, error)
        return is_allowed


def _collection(manifest: dict[str, Any]) -> str:
    root = "/api/v1" if manifest["apiVersion"] == "v1" else f"/apis/{manifest['apiVersion']}"
    return f"{root}/namespaces/{NAMESPACE}/{manifest['kind'].lower()}s"
