"""Cluster DNS as hosts files: which names resolve to which addresses inside the pods of a namespace.

`records` is pure; `HostsFiles` rewrites one file a pod in place, because a bind mount follows the inode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from localcluster.client import Object

_DOMAIN = "cluster.local"
_LOCAL = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
Alias = tuple[str, tuple[str, ...]]
"""Address, names."""
Record = tuple[str, str, tuple[str, ...]]
"""Namespace, name as the namespace itself says it, addresses."""


def records(services: Iterable[Object], slices: Iterable[Object], *, api_server: str) -> list[Record]:
    """Every Service, every pod with a host name behind a headless one, and `kubernetes.default`."""
    by_service: dict[tuple[str, str], list[Object]] = {}
    for endpoint_slice in slices:
        metadata = endpoint_slice["metadata"]
        name = (metadata.get("labels") or {}).get("kubernetes.io/service-name", "")
        by_service.setdefault((metadata["namespace"], name), []).extend(endpoint_slice.get("endpoints") or ())
    found: list[Record] = [("default", "kubernetes", (api_server,))]
    for service in services:
        namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
        if (namespace, name) == ("default", "kubernetes"):
            continue
        address = service["spec"].get("clusterIP")
        endpoints = [e for e in by_service.get((namespace, name), ()) if is_ready(e)]
        if address and address != "None":
            found.append((namespace, name, (address,)))
        elif address == "None" and endpoints:
            found.append((namespace, name, tuple(sorted({a for e in endpoints for a in e["addresses"]}))))
        found += [
            (namespace, f"{endpoint['hostname']}.{name}", tuple(endpoint["addresses"]))
            for endpoint in endpoints
            if endpoint.get("hostname")
        ]
    return found


def is_ready(endpoint: Object) -> bool:
    """An endpoint that says nothing counts as ready."""
    return (endpoint.get("conditions") or {}).get("ready") is not False


def hosts_text(
    known: Sequence[Record], *, namespace: str, address: str, hostnames: Sequence[str], aliases: Sequence[Alias] = ()
) -> str:
    """The hosts file of a pod at `address` in `namespace`: itself first, its `hostAliases`, then all records."""
    lines = [_LOCAL, f"{address}\t{' '.join(hostnames)}\n"] if address else [_LOCAL]
    if aliases:
        lines.append("\n# Entries added by HostAliases.\n")
    lines += ["\t".join((ip, *names)) + "\n" for ip, names in aliases]
    for owner, name, addresses in sorted(known):
        names = [f"{name}.{owner}.svc.{_DOMAIN}", f"{name}.{owner}.svc", f"{name}.{owner}"]
        if owner == namespace:
            names.append(name)
        lines += [f"{one}\t{' '.join(names)}\n" for one in addresses]
    return "".join(lines)


class HostsFiles:
    """The hosts files of the running pods, kept in step with `source`."""

    def __init__(self, source: Callable[[], list[Record]]) -> None:
        self._source = source
        self._written: dict[Path, str] = {}
        self._pods: dict[Path, tuple[str, str, tuple[str, ...], Sequence[Alias]]] = {}

    def add(
        self, path: Path, *, namespace: str, address: str, hostnames: tuple[str, ...], aliases: Sequence[Alias] = ()
    ) -> None:
        """Writes the file and keeps it; a second call for the same file changes nothing else."""
        self._pods[path] = (namespace, address, hostnames, aliases)
        self._written.pop(path, None)
        self._write(path, self._source())

    def remove(self, path: Path) -> None:
        self._pods.pop(path, None)
        self._written.pop(path, None)

    def update(self) -> None:
        """Writes again the files whose text has changed."""
        known = self._source()
        for path in self._pods:
            self._write(path, known)

    def _write(self, path: Path, known: list[Record]) -> None:
        namespace, address, hostnames, aliases = self._pods[path]
        text = hosts_text(known, namespace=namespace, address=address, hostnames=hostnames, aliases=aliases)
        if self._written.get(path) == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        # One write, then the cut: a reader in between sees the new text and perhaps old lines after it.
        with path.open("r+b" if path.exists() else "wb", buffering=0) as stream:
            stream.write(text.encode())
            stream.truncate()
        self._written[path] = text
