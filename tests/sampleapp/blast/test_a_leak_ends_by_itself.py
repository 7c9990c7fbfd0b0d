from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sampleapp.blast import leaking, memory
from sampleapp.blast.ceilings import LEAK_MB_MAX, UNWATCHED_S
from sampleapp.blast.leaker import Leaker
from sampleapp.blast.leaking import Leak
from sampleapp.blast.settings import Settings, from_environment, needs_token
from sampleapp.settings import SettingsError

GI = 2**30


@dataclass
class World:
    """A machine with a clock in the test's hand; `on_step` is called after each step of the leak."""

    seconds: float = 0.0
    free: int | None = 8 * GI
    watched: bool = True
    most: int = 0
    on_step: list[Callable[[Leak], Any]] = field(default_factory=list)

    def leak(self, **changes: Any) -> Leak:
        asked = {"ceiling_mb": 8, "rate_mb_s": 10, "seconds": 60} | changes
        found = Leak(
            **asked, is_watched=lambda: self.watched, available=lambda: self.free, machine=lambda: 16 * GI,
            clock=lambda: self.seconds, sleep=lambda s: self._sleep(found, s),
        )  # fmt: skip
        return found

    def _sleep(self, leak: Leak, seconds: float) -> None:
        self.seconds += seconds
        self.most = max(self.most, leak.held_mb())
        for each in self.on_step:
            each(leak)


def test_it_grows_at_its_rate_up_to_its_ceiling_and_gives_everything_back() -> None:
    world = World()
    leak = world.leak()
    assert leak.run() == leaking.AT_CEILING
    assert (world.most, leak.held_mb(), leak.ended) == (7, 0, leaking.AT_CEILING)  # the eighth ends it
    assert 0.5 < world.seconds < 1.0


def test_it_ends_when_its_time_is_over() -> None:
    assert World().leak(ceiling_mb=300, rate_mb_s=1, seconds=2).run() == leaking.OUT_OF_TIME


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"free": 1 * GI}, leaking.MACHINE_SHORT),
        ({"free": None}, leaking.MACHINE_UNKNOWN),
        ({"watched": False}, leaking.UNWATCHED),
    ],
)
def test_it_ends_when_the_machine_gets_short_or_nobody_looks_on(change: dict[str, Any], reason: str) -> None:
    world = World()

    def later(_leak: Leak) -> None:
        if world.seconds > 0.25:
            for name, value in change.items():
                setattr(world, name, value)

    world.on_step.append(later)
    assert world.leak().run() == reason
    assert world.most < 8


def test_after_a_pause_it_takes_no_more_than_the_machine_can_spare() -> None:
    world = World()

    def pause(_leak: Leak) -> None:
        world.seconds += 20  # it did not get its turn, so that 200 MiB are due at once
        world.on_step.clear()

    world.on_step.append(pause)
    leak = world.leak(ceiling_mb=300)
    spare: list[int] = []

    def available() -> int:
        spare.append(2 * GI - leak.held_mb() * 4 * 2**20)
        return spare[-1]

    leak.available = available
    assert leak.run() == leaking.MACHINE_SHORT
    assert min(spare[:-1]) >= 1.6 * GI > spare[-1] > 1.58 * GI


def test_it_ends_when_it_is_told_to() -> None:
    world = World(on_step=[Leak.stop])
    assert world.leak().run() == leaking.STOPPED


def test_a_pod_leaks_once_even_if_its_container_is_started_again(tmp_path: Path) -> None:
    settings = Settings(who="leaker", bind="127.0.0.1:1", marker=str(tmp_path / "leaked"), ceiling_mb=1)
    assert Leaker(settings).begin()[0] == 202
    status, told = Leaker(settings).begin()
    assert (status, told["error"]) == (409, "this pod has leaked already")


def test_without_a_place_for_the_marker_nothing_is_leaked(tmp_path: Path) -> None:
    settings = Settings(who="leaker", bind="127.0.0.1:1", marker=str(tmp_path / "absent" / "leaked"))
    leaker = Leaker(settings)
    assert leaker.begin()[0] == 503
    assert leaker.leak.held_mb() == 0


def test_being_asked_is_what_keeps_it_going(tmp_path: Path) -> None:
    now = [0.0]
    leaker = Leaker(Settings(who="leaker", bind="127.0.0.1:1", marker=str(tmp_path / "m")), clock=lambda: now[0])
    now[0] = UNWATCHED_S
    assert leaker.leak.is_watched()
    leaker.state()
    now[0] = 2 * UNWATCHED_S
    assert leaker.leak.is_watched()
    now[0] = 2 * UNWATCHED_S + 1
    assert not leaker.leak.is_watched()


@pytest.mark.parametrize("name", ["BLAST_CEILING_MB", "BLAST_RATE_MB_S", "BLAST_SECONDS"])
@pytest.mark.parametrize("text", ["100000", "0", "-1", "much"])
def test_settings_beyond_the_ceilings_are_refused_and_not_clamped(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name):
        from_environment({name: text})


def test_what_leaks_needs_a_token_that_cannot_be_guessed() -> None:
    with pytest.raises(SettingsError, match="BLAST_TOKEN"):
        needs_token(from_environment({"BLAST_TOKEN": "replaced"}))


def test_what_the_kernel_does_not_tell_is_unknown(tmp_path: Path) -> None:
    assert memory.available_bytes(tmp_path) is None
    (tmp_path / "meminfo").write_text("MemTotal:  1024 kB\nMemAvailable: 512 kB\n")
    assert (memory.machine_bytes(tmp_path), memory.available_bytes(tmp_path)) == (1024 * 1024, 512 * 1024)


def test_the_ceiling_is_the_one_that_the_dashboard_promises() -> None:
    assert LEAK_MB_MAX == Settings(who="", bind="").ceiling_mb == 320
