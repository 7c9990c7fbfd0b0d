"""One sync of one HorizontalPodAutoscaler: read target and metrics, decide, scale, say so.

All arithmetic is elsewhere. Must not know when or how often it is called.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.hpa import behavior, metrics, proposals
from localcluster.controllers.hpa.behavior import Bounds, History
from localcluster.controllers.hpa.metrics import MetricsError
from localcluster.controllers.hpa.replica_calculator import Measurement
from localcluster.controllers.hpa.sharing import Selectors
from localcluster.controllers.hpa.status import Status
from localcluster.controllers.hpa.targets import Target, read_target, write_target
from localcluster.controllers.recorder import Recorder
from localcluster.errors import ApiError
from localcluster.resources import HORIZONTAL_POD_AUTOSCALERS, PODS
from localcluster.selectors import parse_label_selector

log = logging.getLogger(__name__)


class Reconciler:
    """Syncs autoscalers; the caller owns each one's `History` and all their `Selectors`."""

    def __init__(self, client: Client, recorder: Recorder, clock: Clock, selectors: Selectors) -> None:
        self._client = client
        self._selectors = selectors
        self._recorder = recorder
        self._clock = clock

    async def sync(self, hpa: Object, history: History) -> None:
        """Brings the target to the size its metrics ask for and stores the status if it changed."""
        status = Status(hpa.get("status"), now=self._clock.now())
        reference, namespace = hpa["spec"]["scaleTargetRef"], hpa["metadata"]["namespace"]
        try:
            target = await read_target(self._client, reference, namespace=namespace)
        except ApiError as error:
            self._warn(hpa, "FailedGetScale", error.message)
            text = f"the HPA controller was unable to get the target's current scale: {error.message}"
            status.condition("AbleToScale", status=False, reason="FailedGetScale", message=text)
            await self._store(hpa, status)
            return
        text = "the HPA controller was able to get the target's current scale"
        status.condition("AbleToScale", status=True, reason="SucceededGetScale", message=text)
        history.start(target.replicas, now=self._clock.now())
        await self._size(hpa, target, status, history)

    async def _size(self, hpa: Object, target: Target, status: Status, history: History) -> None:
        current, minimum, maximum = target.replicas, _minimum(hpa), hpa["spec"]["maxReplicas"]
        if current == 0 and minimum != 0:
            text = "scaling is disabled since the replica count of the target is zero"
            status.condition("ScalingActive", status=False, reason="ScalingDisabled", message=text)
            status.sizes(current=0, desired=0, metrics=None, rescaled=False)
            await self._store(hpa, status)
        elif current > maximum:
            why = "Current number of replicas above Spec.MaxReplicas"
            await self._rescale(hpa, target, status, history, replicas=maximum, why=why, measured=None)
        elif current < minimum:
            why = "Current number of replicas below Spec.MinReplicas"
            await self._rescale(hpa, target, status, history, replicas=minimum, why=why, measured=None)
        else:
            await self._size_by_metrics(hpa, target, status, history)

    async def _size_by_metrics(self, hpa: Object, target: Target, status: Status, history: History) -> None:
        current = target.replicas
        verdict = await self._verdict(hpa, target, status)
        if isinstance(verdict, str) or verdict.replicas is None:
            statuses = None if isinstance(verdict, str) else verdict.statuses
            status.sizes(current=current, desired=None, metrics=statuses, rescaled=False)
            await self._store(hpa, status)
            error = verdict if isinstance(verdict, str) else verdict.error
            self._warn(hpa, "FailedComputeMetricsReplicas", error)
            return
        if verdict.error:
            self._warn(hpa, "FailedComputeMetricsReplicas", verdict.error)
        rules = behavior.with_defaults(hpa["spec"].get("behavior"))
        bounds = Bounds(_minimum(hpa), hpa["spec"]["maxReplicas"], current)
        decision = behavior.decide(
            verdict.replicas, bounds=bounds, behavior=rules, history=history, now=self._clock.now()
        )
        reason, message = decision.able
        status.condition("AbleToScale", status=True, reason=reason, message=message)
        reason, message = decision.limit
        status.condition("ScalingLimited", status=decision.limited, reason=reason, message=message)
        if decision.replicas == current:
            status.sizes(current=current, desired=current, metrics=verdict.statuses, rescaled=False)
            await self._store(hpa, status)
            return
        why = f"{verdict.name} above target" if verdict.replicas > current else "All metrics below target"
        await self._rescale(
            hpa, target, status, history, replicas=decision.replicas, why=why, measured=verdict.statuses
        )

    async def _verdict(self, hpa: Object, target: Target, status: Status) -> proposals.Verdict | str:
        """What the metrics ask for, with ScalingActive set accordingly; a text where its pods cannot be told."""
        error = await self._unselectable(hpa, target, status)
        if error is not None:
            return error
        specs = hpa["spec"].get("metrics") or []
        found = [proposals.propose(spec, await self._measure(hpa, spec, target)) for spec in specs]
        verdict = proposals.combine(found, current=target.replicas)
        for failure in verdict.failures:
            self._warn(hpa, failure.reason, failure.event)
        if verdict.replicas is None and verdict.failures:
            first = verdict.failures[0]
            text = f"the HPA was unable to compute the replica count: {first.event}"
            status.condition("ScalingActive", status=False, reason=first.reason, message=text)
        elif verdict.replicas is not None:
            text = f"the HPA was able to successfully calculate a replica count from {verdict.name}"
            status.condition("ScalingActive", status=True, reason="ValidMetricFound", message=text)
        return verdict

    async def _unselectable(self, hpa: Object, target: Target, status: Status) -> str | None:
        """Why its pods are not its own to scale; None when they are."""
        if not target.selector:
            error, text = "selector is required", "the HPA target's scale is missing a selector"
            self._warn(hpa, "SelectorRequired", error)
            status.condition("ScalingActive", status=False, reason="InvalidSelector", message=text)
            return error
        namespace = hpa["metadata"]["namespace"]
        self._selectors.looked(hpa, parse_label_selector(target.selector))
        pods = await self._client.list(PODS, namespace=namespace, label_selector=target.selector)
        controlled_by = self._selectors.selecting(pods.items, namespace=namespace)
        if len(controlled_by) <= 1:  # itself
            return None
        error = f"pods by selector {target.selector} are controlled by multiple HPAs: [{' '.join(controlled_by)}]"
        self._warn(hpa, "AmbiguousSelector", error)
        status.condition("ScalingActive", status=False, reason="AmbiguousSelector", message=error)
        return error

    async def _measure(self, hpa: Object, spec: Object, target: Target) -> Measurement | MetricsError:
        namespace, source = hpa["metadata"]["namespace"], proposals.source_of(spec)
        selector = quote(target.selector, safe="")
        path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods?labelSelector={selector}"
        if spec["type"] not in ("Resource", "ContainerResource"):
            return MetricsError(f"{spec['type']} metrics are not served by this cluster")
        container = source.get("container", "")
        try:
            document = await self._client.get_raw(path)
            samples = metrics.pod_samples(document, resource=source["name"], container=container)
        except ApiError as error:
            return metrics.unavailable(error)
        except MetricsError as error:
            return error
        pods = await self._client.list(PODS, namespace=namespace, label_selector=target.selector)
        return Measurement(
            resource=source["name"],
            samples=samples,
            pods=pods.items,
            current_replicas=target.replicas,
            now=self._clock.now(),
            container=container,
            tolerances=behavior.tolerances(hpa["spec"].get("behavior")),
        )

    async def _rescale(
        self, hpa: Object, target: Target, status: Status, history: History, *, replicas: int, why: str,
        measured: Sequence[Mapping[str, Any]] | None,
    ) -> None:  # fmt: skip
        current = target.replicas
        try:
            await write_target(self._client, target, replicas=replicas)
        except ApiError as error:
            self._warn(hpa, "FailedRescale", f"New size: {replicas}; reason: {why}; error: {error.message}")
            text = f"the HPA controller was unable to update the target scale: {error.message}"
            status.condition("AbleToScale", status=False, reason="FailedUpdateScale", message=text)
            status.sizes(current=current, desired=None, metrics=measured, rescaled=False)
            await self._store(hpa, status)
            return
        text = f"the HPA controller was able to update the target scale to {replicas}"
        status.condition("AbleToScale", status=True, reason="SucceededRescale", message=text)
        self._recorder.event(hpa, "Normal", "SuccessfulRescale", f"New size: {replicas}; reason: {why}")
        rules = behavior.with_defaults(hpa["spec"].get("behavior"))
        history.scaled(current, replicas, behavior=rules, now=self._clock.now())
        log.info("scaled %s/%s from %d to %d", hpa["metadata"]["namespace"], hpa["metadata"]["name"], current, replicas)
        status.sizes(current=current, desired=replicas, metrics=measured, rescaled=True)
        await self._store(hpa, status)

    def _warn(self, hpa: Object, reason: str, message: str) -> None:
        self._recorder.event(hpa, "Warning", reason, message)

    async def _store(self, hpa: Object, status: Status) -> None:
        built = status.built()
        if built == hpa.get("status"):
            return
        try:
            await self._client.update(HORIZONTAL_POD_AUTOSCALERS, {**hpa, "status": built}, subresource="status")
        except ApiError as error:
            self._warn(hpa, "FailedUpdateStatus", error.message)


def _minimum(hpa: Object) -> int:
    value = hpa["spec"].get("minReplicas")
    return 1 if value is None else int(value)
