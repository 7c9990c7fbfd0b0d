"""What a write costs with and without a journal: storage alone, then a whole create through the API's core."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from localcluster.apiserver.bootstrap import create_defaults
from localcluster.apiserver.journal import Journal
from localcluster.apiserver.registry import Registry
from localcluster.apiserver.storage import Storage
from localcluster.client import Object
from localcluster.resources import PODS

WRITES = 5000
CREATES = 1000
CONTAINER = {"name": "main", "image": "busybox", "env": [{"name": f"V{n}", "value": "x" * 40} for n in range(20)]}


def pod(name: str) -> Object:
    metadata = {"name": name, "namespace": "default", "labels": {"app": "bench"}}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": {"containers": [CONTAINER]}}


def puts(storage: Storage) -> list[float]:
    """Seconds of each of many writes to 500 pods."""
    taken = []
    for number in range(WRITES):
        body = pod(f"p{number % 500}")
        began = time.perf_counter()
        storage.put(PODS, ("default", body["metadata"]["name"]), body)
        taken.append(time.perf_counter() - began)
    return taken


async def creates(storage: Storage) -> list[float]:
    registry = Registry(storage=storage)
    await create_defaults(registry, host="127.0.0.1", port=1)
    client = registry.client("system:bench")
    taken = []
    for number in range(CREATES):
        began = time.perf_counter()
        await client.create(PODS, pod(f"c{number}"), namespace="default")
        taken.append(time.perf_counter() - began)
    return taken


def _row(what: str, taken: list[float]) -> None:
    taken = sorted(taken)
    middle, slow = taken[len(taken) // 2] * 1e6, taken[int(len(taken) * 0.99)] * 1e6
    print(f"{what:34} {middle:9.0f} {slow:9.0f} {sum(taken) / len(taken) * 1e6:9.0f}")


def main() -> None:
    print(f"{'microseconds a write':34} {'median':>9} {'99 %':>9} {'mean':>9}")
    with TemporaryDirectory() as folder:
        journal, second = Journal(Path(folder, "puts.db")), Journal(Path(folder, "creates.db"))
        _row("put, in memory", puts(Storage()))
        _row("put, journal", puts(Storage(journal=journal)))
        _row("create a pod, in memory", asyncio.run(creates(Storage())))
        _row("create a pod, journal", asyncio.run(creates(Storage(journal=second))))
        journal.close()
        second.close()
        began = time.perf_counter()
        again = Journal(Path(folder, "creates.db"))
        found = len(Storage(journal=again).all(PODS))
        print(f"loading {found} pods again: {(time.perf_counter() - began) * 1e3:.0f} ms")
        again.close()


if __name__ == "__main__":
    main()
