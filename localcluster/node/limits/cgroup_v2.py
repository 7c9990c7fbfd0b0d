"""Limits by cgroups version 2, where the cpu and memory controllers are delegated to us."""

from __future__ import annotations

import os
from pathlib import Path

from localcluster.node.limits.cgroup_files import fields, number, own_paths, remove_tree, usable
from localcluster.node.limits.protocol import Limits, Usage

_PERIOD = 100_000
_CONTROLLERS = "+cpu +memory"


class CgroupV2:
    """Groups under `<delegated path>/<name of the cluster>/`."""

    description = "cgroup v2 (cpu, memory)"

    def __init__(self, parent: Path) -> None:
        self._parent = parent

    @classmethod
    def probe(cls, name: str, *, root: Path = Path("/sys/fs/cgroup")) -> CgroupV2 | None:
        """None when this is not the unified hierarchy, or cpu and memory may not be handed down."""
        if not (root / "cgroup.controllers").exists():
            return None
        home = root / own_paths().get("", "/").lstrip("/")
        if not home.is_dir():
            home = root
        try:
            _hand_down(home, is_root=home == root)
        except OSError:
            return None
        parent = home / name
        remove_tree(parent)
        if not usable(parent, needed=("cpu.max", "memory.max", "cgroup.procs")):
            return None
        (parent / "cgroup.subtree_control").write_text(_CONTROLLERS, encoding="ascii")
        return cls(parent)

    def create(self, name: str, limits: Limits) -> GroupV2:
        directory = self._parent / name
        directory.mkdir(exist_ok=True)
        if limits.cpu_request is not None:
            # kubelet's conversion of cpu.shares (2 to 262144) to cpu.weight (1 to 10000).
            shares = max(2, int(limits.cpu_request * 1024))
            _write(directory / "cpu.weight", str(max(1, 1 + (shares - 2) * 9999 // 262142)))
        if limits.cpu_limit is not None:
            _write(directory / "cpu.max", f"{max(1000, int(limits.cpu_limit * _PERIOD))} {_PERIOD}")
        if limits.memory_limit is not None:
            _write(directory / "memory.max", str(limits.memory_limit))
            _write(directory / "memory.oom.group", "1")
        return GroupV2(directory)

    def close(self) -> None:
        remove_tree(self._parent)


class GroupV2:
    """One container's directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.join_files = (str(directory / "cgroup.procs"),)

    def attach(self, pid: int) -> None:
        """Nothing to do: the shim joined by itself."""

    def usage(self) -> Usage | None:
        microseconds = fields(self._directory / "cpu.stat").get("usage_usec")
        used = number(self._directory / "memory.current")
        if microseconds is None or used is None:
            return None
        inactive = fields(self._directory / "memory.stat").get("inactive_file", 0)
        return Usage(microseconds / 1e6, max(0, used - inactive))

    def out_of_memory(self) -> bool:
        return fields(self._directory / "memory.events").get("oom_kill", 0) > 0

    def close(self) -> None:
        remove_tree(self._directory)


def _hand_down(home: Path, *, is_root: bool) -> None:
    """Enables cpu and memory for children; a group with processes must be emptied into a leaf first."""
    control = home / "cgroup.subtree_control"
    if {"cpu", "memory"} <= set(control.read_text(encoding="ascii").split()):
        return
    if not is_root:
        leaf = home / "agent"
        leaf.mkdir(exist_ok=True)
        _write(leaf / "cgroup.procs", str(os.getpid()))
    _write(control, _CONTROLLERS)


def _write(path: Path, value: str) -> None:
    path.write_text(value, encoding="ascii")
