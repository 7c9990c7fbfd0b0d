"""Limits by cgroups version 1: the controllers cpu, cpuacct and memory, each in its own hierarchy."""

from __future__ import annotations

from pathlib import Path

from localcluster.node.limits.cgroup_files import fields, number, own_paths, remove_tree, usable
from localcluster.node.limits.protocol import Limits, Usage

_PERIOD = 100_000
_NEEDED = {"cpu": "cpu.cfs_quota_us", "cpuacct": "cpuacct.usage", "memory": "memory.limit_in_bytes"}


class CgroupV1:
    """Groups under `<controller>/<own path>/<name of the cluster>/`."""

    description = "cgroup v1 (cpu, memory)"

    def __init__(self, parents: dict[str, Path]) -> None:
        self._parents = parents

    @classmethod
    def probe(cls, name: str, *, root: Path = Path("/sys/fs/cgroup")) -> CgroupV1 | None:
        """None when a controller is missing or may not be written."""
        parents = {}
        own = own_paths()
        for controller, needed in _NEEDED.items():
            mounted = root / controller
            nested = mounted / own.get(controller, "/").lstrip("/")
            # In a container the path may be the host's and not exist here; then the mount's root is ours.
            parent = (nested if nested.is_dir() else mounted) / name
            remove_tree(parent)
            if not usable(parent, needed=(needed, "cgroup.procs")):
                return None
            parents[controller] = parent
        return cls(parents)

    def create(self, name: str, limits: Limits) -> GroupV1:
        directories = {controller: parent / name for controller, parent in self._parents.items()}
        for directory in directories.values():
            directory.mkdir(exist_ok=True)
        if limits.cpu_request is not None:
            _write(directories["cpu"] / "cpu.shares", max(2, int(limits.cpu_request * 1024)))
        if limits.cpu_limit is not None:
            _write(directories["cpu"] / "cpu.cfs_period_us", _PERIOD)
            _write(directories["cpu"] / "cpu.cfs_quota_us", max(1000, int(limits.cpu_limit * _PERIOD)))
        if limits.memory_limit is not None:
            _write(directories["memory"] / "memory.limit_in_bytes", limits.memory_limit)
        return GroupV1(directories)

    def close(self) -> None:
        for parent in self._parents.values():
            remove_tree(parent)


class GroupV1:
    """One container's three directories."""

    def __init__(self, directories: dict[str, Path]) -> None:
        self._directories = directories
        self.join_files = tuple(str(directory / "cgroup.procs") for directory in directories.values())

    def attach(self, pid: int) -> None:
        """Nothing to do: the shim joined by itself."""

    def usage(self) -> Usage | None:
        nanoseconds = number(self._directories["cpuacct"] / "cpuacct.usage")
        used = number(self._directories["memory"] / "memory.usage_in_bytes")
        if nanoseconds is None or used is None:
            return None
        inactive = fields(self._directories["memory"] / "memory.stat").get("total_inactive_file", 0)
        return Usage(nanoseconds / 1e9, max(0, used - inactive))

    def out_of_memory(self) -> bool:
        return fields(self._directories["memory"] / "memory.oom_control").get("oom_kill", 0) > 0

    def close(self) -> None:
        for directory in self._directories.values():
            remove_tree(directory)


def _write(path: Path, value: int) -> None:
    path.write_text(str(value), encoding="ascii")
