"""Tells a process apart from every other, and whether one that left its name has ended. Reads /proc only.

A name holds for one kernel and one space of process numbers; of any other machine or container nothing is claimed.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

PROC = Path("/proc")


def name_of_this(*, proc: Path = PROC) -> str | None:
    """`<machine>.<number>.<started>`, or None where there is no /proc."""
    machine, started = _machine(proc), _started(proc, os.getpid())
    return f"{machine}.{os.getpid()}.{started}" if machine and started else None


def has_ended(name: str, *, proc: Path = PROC) -> bool:
    """Whether that process certainly runs no more; False when that cannot be told from here."""
    machine, _, process = name.partition(".")
    number, _, started = process.partition(".")
    if not number.isdecimal() or machine != _machine(proc):
        return False
    return _started(proc, int(number)) != started


def _machine(proc: Path) -> str | None:
    """Changes with every boot, and with the container: numbers of processes mean nothing in another one."""
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text()
        space = (proc / "self/ns/pid").readlink()
    except OSError:
        return None
    return hashlib.sha256(f"{boot}{space}".encode()).hexdigest()[:16]


def _started(proc: Path, number: int) -> str | None:
    """The tick it was started at: numbers are given again. None for one that ended, a zombie too (proc(5))."""
    try:
        text = (proc / str(number) / "stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]
