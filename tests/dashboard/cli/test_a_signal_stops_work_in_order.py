"""Signals: the first one asks work to stop, the next one ends it; without work the first one ends the command."""

from __future__ import annotations

import os
import signal

import pytest

from dashboard.cli.ending import SIGNALS
from dashboard.cli.stopping import Stopping


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_asks_and_the_second_ends(number: signal.Signals, capfd: pytest.CaptureFixture[str]) -> None:
    stopping, asked = Stopping(), []
    with stopping.heard(), stopping.by(lambda: asked.append("stop")):
        os.kill(os.getpid(), number)
        assert asked == ["stop"]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)

    assert "stopping after the object at hand" in capfd.readouterr().err


@pytest.mark.parametrize("number", SIGNALS)
def test_without_work_the_first_ends(number: signal.Signals) -> None:
    with Stopping().heard(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)


def test_whoever_listened_before_listens_again() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Stopping().heard():
        assert signal.getsignal(signal.SIGTERM) != before

    assert signal.getsignal(signal.SIGTERM) == before
