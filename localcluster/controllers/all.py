"""Every controller of the cluster, wired to its client, its Events and the shared informers. Starts nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from localcluster.client import Client
from localcluster.controllers.accounttokens import AccountTokenController, IssueToken
from localcluster.controllers.clock import Clock
from localcluster.controllers.controller import Runnable
from localcluster.controllers.deployment.controller import DeploymentController
from localcluster.controllers.disruption import DisruptionController
from localcluster.controllers.endpointslice.controller import EndpointSliceController
from localcluster.controllers.fresh import FreshClient
from localcluster.controllers.garbage.controller import GarbageCollector
from localcluster.controllers.hpa.controller import HorizontalController
from localcluster.controllers.informer import Informers
from localcluster.controllers.job.controller import JobController
from localcluster.controllers.namespace import NamespaceController
from localcluster.controllers.protection import ProtectionController
from localcluster.controllers.quota import QuotaController
from localcluster.controllers.recorder import Recorder
from localcluster.controllers.replicaset.controller import ReplicaSetController
from localcluster.controllers.scheduler.controller import Scheduler
from localcluster.controllers.serviceaccounts import ServiceAccountController
from localcluster.controllers.statefulset.controller import StatefulSetController
from localcluster.controllers.volumes import VolumeController

SCHEDULER_USER = "system:kube-scheduler"
USER_PREFIX = "system:serviceaccount:kube-system:"

_Make = Callable[[Client, Informers, Recorder, Clock], Runnable]

_CONTROLLERS: tuple[tuple[str, _Make], ...] = (
    ("deployment-controller", DeploymentController),
    ("replicaset-controller", ReplicaSetController),
    ("statefulset-controller", StatefulSetController),
    ("job-controller", JobController),
    ("endpointslice-controller", EndpointSliceController),
    ("namespace-controller", NamespaceController),
    ("generic-garbage-collector", GarbageCollector),
    ("disruption-controller", DisruptionController),
    ("persistent-volume-binder", VolumeController),
    ("pvc-protection-controller", ProtectionController),
    ("horizontal-pod-autoscaler", HorizontalController),
    ("resourcequota-controller", QuotaController),
)
"""By the name of the service account each acts as."""

_EVENT_SOURCES = {
    "generic-garbage-collector": "garbage-collector-controller",
    "disruption-controller": "controllermanager",
}


def build(
    client_for: Callable[[str], Client], informers: Informers, clock: Clock, *, root_ca: str = "", node: str = "local",
    issue_token: IssueToken | None = None,
) -> Sequence[Runnable]:  # fmt: skip
    """All controllers and what writes their Events; run them all, and `informers` beside them.

    `client_for`: the API as a user sees it. `root_ca`: the cluster's certificate in PEM, for kube-root-ca.crt.
    `node`: the name in the scheduler's Events. `issue_token`: for Secrets that hold an account's token; without it
    nobody fills them.
    """
    runnables: list[Runnable] = []

    def add(user: str, make: _Make, *, source: str, instance: str = "") -> None:
        client = FreshClient(client_for(user), informers)
        recorder = Recorder(client, source, clock, instance=instance)
        runnables.extend((recorder, make(client, informers, recorder, clock)))

    for account, make in _CONTROLLERS:
        add(USER_PREFIX + account, make, source=_EVENT_SOURCES.get(account, account))
    add(SCHEDULER_USER, Scheduler, source="default-scheduler", instance=f"default-scheduler-{node}")
    add(
        USER_PREFIX + "service-account-controller",
        lambda client, informers, recorder, clock: ServiceAccountController(
            client, informers, recorder, clock, root_ca=root_ca
        ),
        source="service-account-controller",
    )
    if issue_token is not None:
        add(
            USER_PREFIX + "tokens-controller",
            lambda client, informers, recorder, clock: AccountTokenController(
                client, informers, recorder, clock, root_ca=root_ca, issue=issue_token
            ),
            source="tokens-controller",
        )
    return runnables
