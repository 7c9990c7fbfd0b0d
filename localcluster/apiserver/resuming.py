"""A cluster that starts again from its journal: where it was, and what changes when it cannot be there again."""

from __future__ import annotations

from localcluster.apiserver.storage import Storage
from localcluster.client import Object
from localcluster.resources import ENDPOINT_SLICES, SERVICES

_KUBERNETES = ("default", "kubernetes")


def last_octet(storage: Storage) -> int | None:
    """N of the 127.N.0.0/16 it had; None for a new cluster."""
    service = storage.get(SERVICES, _KUBERNETES)
    return int(service.object["spec"]["clusterIP"].split(".")[1]) if service else None


def last_port(storage: Storage) -> int:
    """The API's port it had; 0 for a new cluster."""
    found = storage.get(ENDPOINT_SLICES, _KUBERNETES)
    return int(found.object["ports"][0]["port"]) if found else 0


def move_services(storage: Storage, *, prefix: str) -> int:
    """Give every ClusterIP of another block its like under `prefix` (three octets); how many there were.

    Kubernetes never does this: its address range does not depend on who else runs on the machine.
    """
    moved = 0
    for version in storage.all(SERVICES):
        address = version.object["spec"].get("clusterIP") or "None"
        if address == "None" or address.rpartition(".")[0] == prefix:
            continue
        metadata = version.object["metadata"]
        storage.put(SERVICES, (metadata["namespace"], metadata["name"]), _moved(version.copy(), prefix=prefix))
        moved += 1
    return moved


def _moved(service: Object, *, prefix: str) -> Object:
    spec = service["spec"]
    spec["clusterIP"] = f"{prefix}.{spec['clusterIP'].rpartition('.')[2]}"
    spec["clusterIPs"] = [spec["clusterIP"]]
    return service
