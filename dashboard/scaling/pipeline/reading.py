"""Reads from the API what the links are judged by. Only reads; a refusal is a value, for it belongs to one link."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from dashboard.kube import errors
from dashboard.kube.metrics_api import OWN, PATH, ROOT, Provider, availability, provider_of
from dashboard.scaling.pipeline.api import is_up
from dashboard.scaling.pipeline.facts import Facts, Object, Row, Server

LOG_LINES = 60
NODES_GOOD_S = 120.0
"""For which a list of the nodes is good that agrees with their figures."""
GONE = "unable to retrieve container logs"
"""How a node answers, with status 200, when a log went with its container."""

PASSING = (errors.Unreachable, errors.Unauthorized, errors.TooManyRequests)
"""Nobody answers anything: asking on would only take longer."""

Read = TypeVar("Read")


class Cluster(Protocol):
    """What is asked; every verb raises `dashboard.kube.errors.ApiError`."""

    def get(self, path: str, /) -> Any: ...

    def list(self, path: str, /, *, query: Mapping[str, str | int | bool] | None = None) -> list[dict[str, Any]]: ...


Tail = Callable[[str, str, str, bool], Sequence[str]]
"""(namespace, pod, container, whether of the instance before) → the last lines of its log, fit to be shown."""


@dataclass(slots=True)
class Nodes:
    """The nodes as they were last listed. A list of them is long and changes seldom: it is good for a while, as long as
    those in it, and no others, have figures."""

    cluster: Cluster
    clock: Callable[[], float]
    _listed: Sequence[Object] = ()
    _at: float | None = None

    def read(self, measured: Collection[str]) -> Sequence[Object]:
        """All of them; `measured`: the names of those that have figures. Raises ApiError."""
        names = {each["metadata"]["name"] for each in self._listed}
        if self._at is None or names != set(measured) or self.clock() - self._at >= NODES_GOOD_S:
            self._listed, self._at = self.cluster.list("/api/v1/nodes"), self.clock()
        return self._listed


@dataclass(frozen=True, slots=True)
class Reading:
    """`deployment(namespace, name)`: the row of a Deployment, None where there is none; `clock` counts seconds."""

    cluster: Cluster
    tail: Tail
    deployment: Callable[[str, str], Row | None]
    clock: Callable[[], float] = time.monotonic
    nodes: Nodes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", Nodes(self.cluster, self.clock))

    def facts(self) -> Facts:
        """All of it, as of now."""
        try:
            return self._facts()
        except PASSING as error:
            return Facts(error, nodes=error)

    def _facts(self) -> Facts:
        found = _tried(lambda: self.cluster.get(PATH))
        if isinstance(found, errors.NotFound):
            return Facts(found, deployment=self.deployment(*OWN))
        if isinstance(found, errors.ApiError):  # what it stands for may be asked all the same
            told = _tried(self._figures)
            return Facts(found, figures=told, nodes=self._nodes(told))
        is_asked = availability(found).state != "unavailable"
        figures = _tried(self._figures) if is_asked else None
        nodes = self._nodes(figures) if is_asked else ()
        provider = provider_of(found)
        server = self._server(provider, is_well=_is_well(figures, nodes)) if provider else None
        return Facts(found, server, figures, nodes)

    def _figures(self) -> dict[str, str]:
        items = self.cluster.list(f"{ROOT}/nodes")
        return {each["metadata"]["name"]: str(each.get("timestamp") or "") for each in items}

    def _nodes(self, figures: Mapping[str, str] | errors.ApiError | None) -> Sequence[Object] | errors.ApiError:
        measured = () if figures is None or isinstance(figures, errors.ApiError) else figures
        return _tried(lambda: self.nodes.read(measured))

    def _server(self, provider: Provider, *, is_well: bool) -> Server:
        core = f"/api/v1/namespaces/{quote(provider.namespace)}"
        slices_path = f"/apis/discovery.k8s.io/v1/namespaces/{quote(provider.namespace)}/endpointslices"
        named = {"labelSelector": f"kubernetes.io/service-name={provider.service}"}
        service: Object | errors.ApiError = _tried(
            lambda: self.cluster.get(f"{core}/services/{quote(provider.service)}")
        )
        slices: Sequence[Object] | errors.ApiError = _tried(lambda: self.cluster.list(slices_path, query=named))
        pods: Sequence[Object] | errors.ApiError = ()
        selector = {} if isinstance(service, errors.ApiError) else (service.get("spec") or {}).get("selector") or {}
        if selector:
            matching = {"labelSelector": ",".join(f"{key}={value}" for key, value in sorted(selector.items()))}
            pods = _tried(lambda: self.cluster.list(f"{core}/pods", query=matching))
        log = None if is_well or not provider.is_metrics_server else self._log(pods)
        return Server(service, slices, pods, log, self.deployment(provider.namespace, provider.service))

    def _log(self, pods: Sequence[Object] | errors.ApiError) -> Sequence[str] | errors.ApiError | None:
        """Of the newest pod that runs; else of the newest one, whose last words before it ended may say why."""
        if isinstance(pods, errors.ApiError) or not pods:
            return None
        up = [pod for pod in pods if is_up([pod])]
        chosen = max(up or pods, key=_born)
        for previous in (False,) if up else (True, False):
            found = self._tail(chosen, previous=previous)
            if isinstance(found, errors.ApiError) or (found and not found[0].startswith(GONE)):
                return found
        return None

    def _tail(self, pod: Object, *, previous: bool) -> Sequence[str] | errors.ApiError | None:
        container = pod["spec"]["containers"][0]["name"]
        try:
            return self.tail(pod["metadata"]["namespace"], pod["metadata"]["name"], container, previous)
        except (errors.BadRequest, errors.NotFound):  # gone, or begun anew meanwhile
            return None
        except PASSING:
            raise
        except errors.ApiError as error:
            return error


def _born(pod: Object) -> str:
    return str(pod["metadata"].get("creationTimestamp") or "")


def _is_well(figures: Mapping[str, str] | errors.ApiError | None, nodes: Sequence[Object] | errors.ApiError) -> bool:
    """Figures of every node are there: then nobody needs a log."""
    if figures is None or isinstance(figures, errors.ApiError) or isinstance(nodes, errors.ApiError):
        return False
    return all(node["metadata"]["name"] in figures for node in nodes)


def _tried(read: Callable[[], Read]) -> Read | errors.ApiError:
    try:
        return read()
    except PASSING:
        raise
    except errors.ApiError as error:
        return error
