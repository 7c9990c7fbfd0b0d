"""Services with a selector: keeps their EndpointSlices telling which pods answer, where, and whether they are ready."""

from __future__ import annotations

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.controller import Controller
from localcluster.controllers.endpointslice import slices
from localcluster.controllers.informer import Informers
from localcluster.controllers.meta import (
    annotations_of,
    is_terminating,
    join_key,
    key_of,
    labels_of,
    name_of,
    namespace_of,
    split_key,
)
from localcluster.controllers.recorder import Recorder
from localcluster.errors import ApiError
from localcluster.resources import ENDPOINT_SLICES, PODS, SERVICES
from localcluster.selectors import from_map


class EndpointSliceController(Controller):
    """Reconciles keys of Services."""

    name = "endpointslice-controller"

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        super().__init__(client, informers, recorder, clock)
        self._services = self.reads(SERVICES)
        self._pods = self.reads(PODS)
        self._slices = self.reads(ENDPOINT_SLICES)
        self._moments: dict[str, slices.Moments] = {}  # by key: what had changed when, at the last look
        self.follow(self._services)
        self._pods.on_change(self._pod_changed)
        self._slices.on_change(self._slice_changed)

    def _pod_changed(self, before: Object | None, after: Object | None) -> None:
        pod = after or before or {}
        for service in self._services.list(namespace_of(pod)):
            selector = from_map(service["spec"].get("selector"))
            if any(one is not None and selector.matches(labels_of(one)) for one in (before, after)):
                self.queue.add(key_of(service))

    def _slice_changed(self, _: Object | None, after: Object | None) -> None:
        """Somebody else's hand on a slice is put right."""
        if after is not None and labels_of(after).get(slices.MANAGED_BY) == slices.MANAGER:
            self.queue.add(join_key(namespace_of(after), labels_of(after).get(slices.SERVICE_NAME, "")))

    async def reconcile(self, key: str) -> None:
        namespace, name = split_key(key)
        service = self._services.get(namespace, name)
        if service is None:
            self._moments.pop(key, None)
            for one in self._existing(namespace, name):
                await self._delete(one)
            return
        spec = service["spec"]
        if not spec.get("selector") or spec.get("type") == "ExternalName" or is_terminating(service):
            return
        pods = self._pods.list(namespace, from_map(spec["selector"]))
        pods.sort(key=lambda pod: (pod["metadata"].get("creationTimestamp", ""), name_of(pod)))
        moments = slices.moments(service, pods)
        moment = slices.trigger_time(moments, before=self._moments.get(key))
        self._moments[key] = moments
        await self._converge(service, pods, moment=moment)

    async def _converge(self, service: Object, pods: list[Object], *, moment: str | None) -> None:
        existing = self._existing(namespace_of(service), name_of(service))
        for ports, endpoints in slices.desired(service, pods):
            match = next((one for one in existing if not one.get("ports") or one["ports"] == ports), None)
            if match is None and existing:
                match = existing[0]
            if match is None:
                body = slices.new_slice(service, ports, endpoints, trigger_time=moment)
                await self.client.create(ENDPOINT_SLICES, body, namespace=namespace_of(service))
                continue
            existing.remove(match)
            await self._update(service, match, ports, endpoints, moment=moment)
        for one in existing:
            await self._delete(one)

    async def _update(
        self, service: Object, current: Object, ports: slices.Ports, endpoints: slices.Endpoints, *, moment: str | None
    ) -> None:
        ordered = slices.in_old_order(endpoints, current.get("endpoints") or [])
        labels = slices.labels_for(service)
        same = (
            ordered == (current.get("endpoints") or [])
            and ports == (current.get("ports") or [])
            and labels == labels_of(current)
        )
        if same:
            return
        annotations = {key: value for key, value in annotations_of(current).items() if key != slices.TRIGGER_TIME}
        if moment:
            annotations[slices.TRIGGER_TIME] = moment
        metadata = {**current["metadata"], "labels": labels, "annotations": annotations}
        if not annotations:
            del metadata["annotations"]
        body = {**current, "metadata": metadata, "endpoints": ordered or None, "ports": ports or None}
        await self.client.update(ENDPOINT_SLICES, body)

    def _existing(self, namespace: str, service: str) -> list[Object]:
        return [
            one
            for one in self._slices.list(namespace)
            if labels_of(one).get(slices.SERVICE_NAME) == service
            and labels_of(one).get(slices.MANAGED_BY) == slices.MANAGER
            and not is_terminating(one)
        ]

    async def _delete(self, one: Object) -> None:
        metadata = one["metadata"]
        try:
            await self.client.delete(
                ENDPOINT_SLICES, metadata["name"], namespace=metadata["namespace"], uid=metadata["uid"]
            )
        except ApiError as error:
            if error.code != 404:
                raise
