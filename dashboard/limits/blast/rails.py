"""What must be so in the cluster before anything leaks. Only reads; every refusal is a sentence with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.kube.quantities import number, whole_bytes
from dashboard.limits import ranges
from dashboard.limits.blast.objects import NAMESPACE, Templates, memory_limit
from dashboard.limits.blast.plan import Bound
from dashboard.limits.blast.variants import Variant

ROOT = f"/api/v1/namespaces/{NAMESPACE}"
DEPLOY = "Deploy the bundle load first."
MEMORY = "limits.memory"
NEEDED = {"pods": 2, MEMORY: 512 * 2**20}
"""Two pods; the larger of the two variants may use that much by its limits."""


@dataclass(frozen=True, slots=True)
class Rails:
    """`templates`: of the bundle `load`."""

    cluster: Any
    templates: Templates

    def bound(self, variant: Variant) -> Bound:
        """What the leak runs into. Raises Refused when nothing bounds it, or nobody says what."""
        own = memory_limit(self.templates, variant)
        if own is not None:
            return _bound(own, "its own manifest")
        with answered():
            found = ranges.memory_default(self.cluster.list(f"{ROOT}/limitranges"))
        if found is None:
            raise Refused(
                f"No LimitRange of namespace {NAMESPACE} gives containers a memory limit, so nothing would bound the "
                f"leak but itself. {DEPLOY}",
                status=409,
            )
        return _bound(found.amount, f"LimitRange {found.range} of the namespace, for the manifest sets none")

    def quota(self) -> str:
        """That a quota bounds the namespace and has room, in a sentence. Raises Refused otherwise."""
        with answered():
            found = self.cluster.list(f"{ROOT}/resourcequotas")
        bounding = [each for each in found if number(((each.get("spec") or {}).get("hard") or {}).get(MEMORY))]
        if not bounding:
            raise Refused(f"No ResourceQuota bounds the memory of namespace {NAMESPACE}. {DEPLOY}", status=409)
        told = [_room(each) for each in bounding]
        return "; ".join(told)

    def node(self) -> None:
        """Raises Refused while a node is short of memory. Where nodes may not be read, the leak's own watch holds."""
        pressed = self.pressed()
        if pressed:
            raise Refused(f"Node {', '.join(pressed)} is short of memory; nothing is leaked there now.", status=409)

    def pressed(self) -> Sequence[str]:
        """Nodes that are short of memory, as far as they may be read."""
        try:
            nodes = self.cluster.list("/api/v1/nodes", timeout=(2.0, 4.0))
        except errors.ApiError:
            return ()
        return [str(each["metadata"]["name"]) for each in nodes if _is_pressed(each)]


@contextmanager
def answered() -> Iterator[None]:
    """What the cluster answers instead, as a sentence."""
    try:
        yield
    except errors.Forbidden as error:
        told = f"it {error.rule.sentence}" if error.rule else error.message
        raise Refused(f"The cluster does not allow it: {told}.", status=403) from error
    except errors.SignInAgain as error:
        raise Refused(error.message, status=401) from error
    except errors.NotFound as error:
        raise Refused(f"The cluster has no place for it: {error.message}. {DEPLOY}", status=409) from error
    except errors.ApiError as error:
        raise Refused(f"The cluster cannot be asked: {error.message}. Try again.", status=503) from error


def _bound(amount: str, giver: str) -> Bound:
    size = whole_bytes(amount)
    if size is None:
        raise Refused(f"The memory limit {amount!r} cannot be read, so nothing is leaked into it.", status=409)
    return Bound(amount, size, giver)


def _room(quota: Mapping[str, Any]) -> str:
    name = quota["metadata"]["name"]
    hard, used = (quota.get("spec") or {}).get("hard") or {}, (quota.get("status") or {}).get("used") or {}
    for resource, wanted in NEEDED.items():
        whole = number(hard.get(resource))
        if whole is not None and whole - (number(used.get(resource)) or 0) < wanted:
            raise Refused(
                f"Quota {name} of namespace {NAMESPACE} has no room: {resource} {used.get(resource, '0')} of "
                f"{hard[resource]} is used. Wait until the pods there have ended.",
                status=409,
            )
    return f"quota {name} bounds all pods of the namespace together to {hard[MEMORY]} of memory limits"


def _is_pressed(node: Mapping[str, Any]) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    return any(each.get("type") == "MemoryPressure" and each.get("status") == "True" for each in conditions)
