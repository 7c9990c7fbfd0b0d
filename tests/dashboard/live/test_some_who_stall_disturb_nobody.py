"""A tenth of those who look on stops reading: the others miss nothing, wait no longer, and it costs little memory."""

from __future__ import annotations

import time
from typing import Any

MEBIBYTE = 1024 * 1024
VIEWERS, STALLED = 40, 4
ROUNDS, ROWS, SIZE = 12, 50, 4000


class Crowd:
    """Those who read on. `rounds`: how long each round took until the last of them had it all."""

    def __init__(self, hall: Any, browsers: list[Any]) -> None:
        self._hall = hall
        self._browsers = browsers
        self._number = 0
        self.rounds: list[float] = []
        self.snapshots = 0

    def round(self) -> None:
        """Every row is changed once, and everybody reads until they know."""
        began, self._number = time.monotonic(), self._number + ROWS
        self._hall.put(ROWS, size=SIZE, first=self._number - ROWS)
        for browser in self._browsers:
            events = browser.wait_for(self._has_all)
            self.snapshots += sum(name == "snapshot" for name, _ in events)
        self.rounds.append(time.monotonic() - began)

    def _has_all(self, event: dict[str, Any]) -> bool:
        rows = [row for _, _, row in event.get("changes", [])] + list(event.get("views", {}).get("pods", {}).values())
        return any(row and row.get("number") == self._number - 1 for row in rows)


def test_some_who_stall_disturb_nobody(hall: Any) -> None:
    browsers = [hall.open(cookie=f"good-{number}") for number in range(VIEWERS)]
    stalled, others = browsers[:STALLED], browsers[STALLED:]
    for browser in browsers:
        browser.event()
    crowd = Crowd(hall, others)
    everybody = Crowd(hall, browsers)
    for _ in range(ROUNDS):
        everybody.round()
    before = hall.about()["resident"]

    crowd._number = everybody._number
    while hall.about()["browsers"] > VIEWERS - STALLED:
        crowd.round()
        assert hall.about()["resident"] - before < STALLED * 4 * MEBIBYTE
        assert len(crowd.rounds) < 1000, "those who stalled are never dropped"

    assert (everybody.snapshots, crowd.snapshots) == (0, 0)
    assert median(crowd.rounds) < 3 * median(everybody.rounds)
    assert hall.about()["browsers"] == VIEWERS - STALLED
    for browser in stalled:
        browser.until_closed()
    for browser in browsers:
        browser.close()


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
