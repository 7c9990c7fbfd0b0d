"""The duty cycle stops what has spent its share, continues it in time, and kills what grows too large."""

from __future__ import annotations

import signal
from collections.abc import Iterable

import pytest

from localcluster.node.limits.duty_cycle import PolledGroup, Reading
from localcluster.node.limits.protocol import Limits


class Machine:
    """A process that uses a whole core while it is not stopped; `grow` sets its memory."""

    def __init__(self) -> None:
        self.now = 0.0
        self.cpu = 0.0
        self.resident = 1 << 20
        self.stopped = False
        self.killed = False

    def read(self, *, search: bool) -> Reading | None:
        return Reading((7,), self.cpu, self.resident if search else 0)

    def signal_to(self, _pids: Iterable[int], number: int) -> None:
        self.killed |= number == signal.SIGKILL
        self.stopped = number == signal.SIGSTOP

    def group(self, limits: Limits) -> PolledGroup:
        group = PolledGroup(limits, lambda _pid: self, self.signal_to, lambda _group: None)
        group.attach(7)
        return group

    def tick(self, seconds: float) -> None:
        self.now += seconds
        self.cpu += 0.0 if self.stopped else seconds


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_a_busy_process_gets_its_share(share: float) -> None:
    machine = Machine()
    group = machine.group(Limits(cpu_limit=share))
    for _ in range(1000):
        machine.tick(0.02)
        group.enforce(machine.now, search=False)
    assert machine.cpu / machine.now == pytest.approx(share, rel=0.15)


def test_an_idle_process_saves_nothing_up() -> None:
    """After a long rest a burst is stopped as soon as ever."""
    machine = Machine()
    group = machine.group(Limits(cpu_limit=0.1))
    for _ in range(500):
        machine.now += 0.02
        group.enforce(machine.now, search=False)
    before = machine.cpu
    for _ in range(50):
        machine.tick(0.02)
        group.enforce(machine.now, search=False)
    assert machine.cpu - before < 0.3


def test_too_much_memory_kills() -> None:
    machine = Machine()
    group = machine.group(Limits(memory_limit=64 << 20))
    group.enforce(1.0, search=True)
    assert not group.out_of_memory()
    machine.resident = 65 << 20
    group.enforce(2.0, search=True)
    assert machine.killed
    assert group.out_of_memory()
