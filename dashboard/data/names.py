"""From a pod to its own name and back to an address, step by step: the lesson of a headless Service. Pure.

Each step is told by somebody else: the pod by the API, the record by the EndpointSlices, the address by resolvers
inside the cluster. So it can be said whether they are equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.data.picture import Member, Picture
from dashboard.data.words import UNKNOWN, listed

Row = Mapping[str, Any]
FORMER_MOST = 5


@dataclass(slots=True)
class Former:
    """Which addresses a name led to before. Kept in memory: the cluster itself keeps none of them."""

    _now: dict[str, tuple[str, str]] = field(default_factory=dict)
    _before: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def seen(self, name: str, *, uid: str, address: str, at: str) -> None:
        """A pod of this name has this address."""
        known = self._now.get(name)
        if known is not None and known != (uid, address) and known[1] != address:
            kept = [{"address": known[1], "until": at}, *self._before.get(name, [])]
            self._before[name] = kept[:FORMER_MOST]
        self._now[name] = (uid, address)

    def of(self, name: str) -> list[dict[str, str]]:
        """Newest first."""
        return list(self._before.get(name, ()))

    def forget(self) -> None:
        """Another cluster has other addresses."""
        self._now.clear()
        self._before.clear()


def service(found: Row | None) -> dict[str, Any] | None:
    """What matters of the Service here; None when there is none."""
    if found is None:
        return None
    spec = found.get("spec") or {}
    return {
        "name": found["metadata"]["name"],
        "cluster_ip": spec.get("clusterIP"),
        "headless": spec.get("clusterIP") == "None",
        "not_ready_too": spec.get("publishNotReadyAddresses") is True,
    }


def records(slices: Sequence[Row]) -> dict[str, list[dict[str, Any]]]:
    """Hostname → the addresses that the EndpointSlices publish for it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in slices:
        for endpoint in each.get("endpoints") or ():
            if endpoint.get("hostname"):
                found.setdefault(str(endpoint["hostname"]), []).extend(_addresses(each, endpoint))
    return found


def _addresses(each: Row, endpoint: Row) -> list[dict[str, Any]]:
    conditions = endpoint.get("conditions") or {}
    return [
        {
            "address": str(address),
            "ready": conditions.get("ready") is not False,
            "serving": conditions.get("serving"),
            "slice": each["metadata"]["name"],
            "pod": (endpoint.get("targetRef") or {}).get("name"),
        }
        for address in endpoint.get("addresses") or ()
    ]


def row(
    member: Member, seen: Picture, found: Mapping[str, Any] | None, known: Mapping[str, Sequence[Row]] | None,
    former: Sequence[Row],
) -> dict[str, Any]:  # fmt: skip
    """One member's chain. `found`: the Service; `known`: the records, None when they could not be read."""
    address = str(member.pod["ip"]) if member.pod and member.pod.get("ip") else None
    published = None if known is None else [dict(each) for each in known.get(member.name, ())]
    resolved = _resolved(member.host, seen)
    heard = sorted({each for answer in resolved for each in answer["addresses"]})
    records_there = None if published is None else [str(each["address"]) for each in published]
    verdict, sentence = _compared(address, records_there, resolved, heard)
    return {
        "name": member.name,
        "dns": member.host,
        "pod_ip": address,
        "records": published,
        "resolved": resolved,
        "verdict": verdict,
        "tone": {"equal": "ok", "unknown": "unknown"}.get(verdict, "failed"),
        "sentence": sentence,
        "steps": [
            _step("pod", "Pod", address or "no address", _pod_word(member)),
            _service_step(found),
            _record_step(published, member, found),
            _address_step(resolved, heard),
        ],
        "former": [dict(each) for each in former],
    }


def _step(key: str, label: str, value: str, note: str) -> dict[str, str]:
    return {"id": key, "label": label, "value": value, "note": note}


def _service_step(found: Mapping[str, Any] | None) -> dict[str, str]:
    if found is None:
        return _step("service", "Headless Service", UNKNOWN, "not read or not there")
    how = "clusterIP None" if found["headless"] else f"clusterIP {found['cluster_ip']}, so not headless"
    early = "names pods before they are ready" if found["not_ready_too"] else "names ready pods only"
    return _step("service", "Headless Service", str(found["name"]), f"{how}; {early}")


def _record_step(published: Sequence[Row] | None, member: Member, found: Mapping[str, Any] | None) -> dict[str, str]:
    if published is None:
        return _step("record", "Record", UNKNOWN, "the EndpointSlices could not be read")
    if not published:
        return _step("record", "Record", "none", "no EndpointSlice names this pod")
    slices = listed(sorted({str(each["slice"]) for each in published}))
    note = f"{_record_word(published, member, found)}, in {slices}"
    return _step("record", "Record", listed([str(each["address"]) for each in published]), note)


def _record_word(published: Sequence[Row], member: Member, found: Mapping[str, Any] | None) -> str:
    """A Service that names pods early has every endpoint called ready, whatever the pod is; `serving` tells the truth.

    https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#serving
    """
    if found is None or not found["not_ready_too"]:
        return "ready" if all(each["ready"] for each in published) else "not ready"
    said = [each.get("serving") for each in published]
    is_serving = bool(member.pod and member.pod.get("ready")) if None in said else all(said)
    return "ready" if is_serving else "named although the pod is not ready"


def _address_step(resolved: Sequence[Row], heard: Sequence[str]) -> dict[str, str]:
    if not resolved:
        return _step("address", "Resolved inside", UNKNOWN, "no agent has said yet")
    by = listed([str(each["by"]) for each in resolved if each["addresses"]])
    return _step("address", "Resolved inside", listed(heard) or "nothing", f"by {by}" if by else "by no agent")


def _pod_word(member: Member) -> str:
    if member.pod is None:
        return "no pod now"
    if member.pod.get("deleted_at"):
        return "ending"
    if member.pod.get("ready"):
        return "ready"
    state = str(member.pod.get("state") or "")
    return f"not ready yet ({state})" if state not in ("", "Running") else "not ready"


def _resolved(host: str, seen: Picture) -> list[dict[str, Any]]:
    """What each agent's resolver said of the name."""
    found = []
    for member in seen.members:
        status = member.answer.status
        answer = next((each for each in status.resolved if each.name == host), None) if status else None
        if answer is not None and answer.at:
            found.append(
                {"by": member.name, "addresses": answer.addresses, "error": answer.error, "at": answer.at}
            )  # fmt: skip
    return found


def _compared(
    address: str | None, published: list[str] | None, resolved: list[dict[str, Any]], heard: list[str]
) -> tuple[str, str]:
    """(equal | differs | nowhere | unknown, sentence)."""
    if not resolved:
        return "unknown", "Nobody inside the cluster has said yet what the name leads to."
    if not heard:
        return "nowhere", f"The name leads nowhere now: {resolved[0]['error'] or 'no address was given'}."
    if address is None:
        return "differs", f"The name still leads to {listed(heard)}, and there is no pod behind it."
    if heard == [address] and (published is None or published == [address]):
        silent = [answer["by"] for answer in resolved if not answer["addresses"]]
        also = f" {listed(silent)} could not resolve it." if silent else ""
        return "equal", f"The name leads to the pod's own address.{also}"
    where = [answer["by"] for answer in resolved if answer["addresses"] not in ([], [address])]
    if where:
        return "differs", f"For {listed(where)} the name leads to {listed(heard)}; the pod has {address}."
    return "differs", f"The record says {listed(published or []) or 'nothing'}; the pod has {address}."
