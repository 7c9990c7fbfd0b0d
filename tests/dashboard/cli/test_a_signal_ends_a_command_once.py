"""Signals: the first one ends a command, also when it comes while a child is forked; later ones change nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

HELD = """
import os, signal, sys
from dashboard.cli import ending
ending.by_first_signal()
os.register_at_fork(before=lambda: os.kill(os.getpid(), signal.SIGTERM))
with ending.held():
    if os.fork() == 0:
        os._exit(0)
print("held")
try:
    ending.heed()
except KeyboardInterrupt:
    print("heeded")
"""
TWICE = """
import os, signal
from dashboard.cli import ending
ending.by_first_signal()
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("first")
os.kill(os.getpid(), signal.SIGTERM)
os.kill(os.getpid(), signal.SIGINT)
print("went on")
"""


@pytest.mark.parametrize(("program", "said"), [(HELD, "held\nheeded\n"), (TWICE, "first\nwent on\n")])
def test_it_is_heard_exactly_once(program: str, said: str) -> None:
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (ended.stdout, ended.stderr, ended.returncode) == (said, "", 0)


def test_nothing_is_heeded_before_a_signal() -> None:
    program = "from dashboard.cli import ending; ending.by_first_signal(); ending.heed(); print('quiet')"

    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == b"quiet\n"
