"""Limits without cgroups: processes are stopped and continued to keep their CPU share, and killed when their
resident memory passes its limit. Coarse by nature; must only be chosen where cgroups may not be had."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import psutil

from localcluster.node.limits.protocol import Limits, Usage

_TICK = 0.02
_SEARCH_TICKS = 10  # new processes and memory are looked at every fifth of a second
_WINDOW = 0.1  # as long as a CFS period


@dataclass(frozen=True, slots=True)
class Reading:
    """What a process tree has used up to now; `resident` only when it was searched."""

    pids: tuple[int, ...]
    cpu_seconds: float
    resident: int


class Tree(Protocol):
    """A process and its descendants."""

    def read(self, *, search: bool) -> Reading | None:
        """None when all have gone. `search` looks for new descendants, which takes a walk over all processes."""
        ...


class ProcessTree:
    """The tree under `pid` as the machine tells it; CPU includes descendants that were already reaped."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._members: list[psutil.Process] = []

    def read(self, *, search: bool) -> Reading | None:
        if search or not self._members:
            try:
                root = psutil.Process(self._pid)
                self._members = [root, *root.children(recursive=True)]
            except psutil.Error:
                return None
        pids, cpu, resident = [], 0.0, 0
        for member in self._members:
            with contextlib.suppress(psutil.Error):
                times = member.cpu_times()
                cpu += times.user + times.system + times.children_user + times.children_system
                resident += member.memory_info().rss if search else 0
                pids.append(member.pid)
        return Reading(tuple(pids), cpu, resident) if pids else None


def send(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


class DutyCycle:
    """Watches its groups from one thread, started with the first limited container."""

    description = "duty cycle (stop and continue), resident memory watched"

    def __init__(
        self, *, enforce: bool = True, open_tree: Callable[[int], Tree] = ProcessTree,
        signal_to: Callable[[Iterable[int], int], None] = send,
    ) -> None:  # fmt: skip
        if not enforce:
            self.description = "none (measured only)"
        self._enforce = enforce
        self._open_tree = open_tree
        self._signal_to = signal_to
        self._groups: list[PolledGroup] = []
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def create(self, name: str, limits: Limits) -> PolledGroup:  # noqa: ARG002  (nothing is named on the machine)
        group = PolledGroup(limits, self._open_tree, self._signal_to, self._forget)
        if self._enforce and (limits.cpu_limit is not None or limits.memory_limit is not None):
            self._groups.append(group)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="limits", daemon=True)
                self._thread.start()
        return group

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _forget(self, group: PolledGroup) -> None:
        with contextlib.suppress(ValueError):
            self._groups.remove(group)

    def _run(self) -> None:
        tick = 0
        while not self._stop.wait(_TICK):
            tick += 1
            for group in list(self._groups):
                group.enforce(time.monotonic(), search=tick % _SEARCH_TICKS == 0)


class PolledGroup:
    """One container's processes, known by the first one's number."""

    join_files: tuple[str, ...] = ()

    def __init__(
        self, limits: Limits, open_tree: Callable[[int], Tree],
        signal_to: Callable[[Iterable[int], int], None], forget: Callable[[PolledGroup], None],
    ) -> None:  # fmt: skip
        self._limits = limits
        self._open_tree = open_tree
        self._signal_to = signal_to
        self._forget = forget
        self._tree: Tree | None = None
        self._most_cpu = 0.0
        self._killed = False
        self._stopped = False
        self._seen_at = 0.0
        self._seen_cpu = 0.0
        self._budget = 0.0

    def attach(self, pid: int) -> None:
        self._tree = self._open_tree(pid)

    def usage(self) -> Usage | None:
        reading = self._tree.read(search=True) if self._tree is not None else None
        if reading is None:
            return None
        # A process that ended unreaped takes its share of the sum with it; a counter must not fall.
        self._most_cpu = max(self._most_cpu, reading.cpu_seconds)
        return Usage(self._most_cpu, reading.resident)

    def out_of_memory(self) -> bool:
        return self._killed

    def close(self) -> None:
        self._forget(self)

    def enforce(self, now: float, *, search: bool) -> None:
        """One tick: stops the tree once its CPU is spent, continues it when the time has caught up."""
        reading = self._tree.read(search=search) if self._tree is not None else None
        if reading is None:
            return
        limit = self._limits.memory_limit
        if search and limit is not None and reading.resident > limit:
            self._killed = True
            self._signal_to(reading.pids, signal.SIGKILL)
            return
        if self._limits.cpu_limit is not None:
            self._balance(reading, now, self._limits.cpu_limit)

    def _balance(self, reading: Reading, now: float, share: float) -> None:
        """Time earns budget, CPU spends it; a debt is paid off stopped, and little is saved up for a burst."""
        earned = share * (now - self._seen_at)
        spent = reading.cpu_seconds - self._seen_cpu
        self._seen_at, self._seen_cpu = now, reading.cpu_seconds
        self._budget = min(share * _WINDOW, self._budget + earned - spent)
        if self._budget < 0 and not self._stopped:
            self._stopped = True
            self._signal_to(reading.pids, signal.SIGSTOP)
        elif self._budget > 0 and self._stopped:
            self._stopped = False
            self._signal_to(reading.pids, signal.SIGCONT)
