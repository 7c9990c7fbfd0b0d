"""The course of one experiment: wait until all answer, look on, have it leak, look on until all answer again, end.

It must not listen nor sleep by itself: whoever runs it calls `step` a few times a second.
"""

import http.client
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sampleapp.blast.answering import TOKEN_HEADER
from sampleapp.blast.ceilings import SECONDS_MAX, UNASKED_S
from sampleapp.blast.probing import Probing

WAIT_S = 60.0
"""For all to answer for the first time."""
BEFORE_S = 2.0
AFTER_S = 3.0
"""How long it is looked on before, and after all answer again."""
SETTLE_S = 20.0
"""After the leak has ended, the longest that somebody is waited for who does not answer again."""
OVER_S = 20.0
"""For which the record can be read after the end."""
UNREAD_S = 60.0
"""The same while nobody has read its end: a dashboard that died may come back, and nothing leaks meanwhile."""
ANSWERED_S = 5.0
"""For which it stays after it was read, so that no answer is cut off."""
LEAKER = "leaker"


@dataclass(slots=True)
class Conductor:
    """`probings` by name; `clock` counts seconds, from the same zero as the probes. `asked`: last read."""

    probings: Mapping[str, Probing]
    token: str
    clock: Callable[[], float] = time.monotonic
    phase: str = "waiting"
    reason: str | None = None
    marks: dict[str, int] = field(default_factory=dict)
    asked: float | None = None
    _since: float | None = None
    _well_since: float | None = None

    def document(self) -> dict[str, Any]:
        """Everything so far."""
        return {
            "phase": self.phase,
            "reason": self.reason,
            "marks": dict(self.marks),
            "leak": {key: self.probings[LEAKER].told.get(key) for key in ("held_mb", "leaked", "ended")},
            "probes": {who: list(each.probes) for who, each in self.probings.items()},
        }

    def read(self) -> dict[str, Any]:
        """The document for somebody who looks on, which is what keeps the experiment going."""
        self.asked = self.clock()
        return self.document()

    def end(self, reason: str) -> None:
        """Ends it now; what is leaked is given back."""
        if self.phase != "over":
            self._tell_leaker("/release")
            self.reason = reason
            self._enter("over")

    def step(self) -> bool:
        """One look; False when it is time to go."""
        now = self.clock()
        if self._since is None:
            self._since = self.asked = now
        if self.phase != "over" and now - (self.asked or now) > UNASKED_S:
            self.end("nobody read the record any more")
        getattr(self, f"_in_{self.phase}")(now - self._since, now)
        return self.phase != "over" or self._is_needed(now - (self._since or now), now - (self.asked or now))

    def _is_needed(self, over_for: float, read_before: float) -> bool:
        """Whether somebody may want to read it, or is just being answered."""
        if over_for <= OVER_S:
            return True
        is_read = read_before < over_for
        return over_for <= UNREAD_S and (not is_read or read_before < ANSWERED_S)

    def _in_waiting(self, passed: float, now: float) -> None:
        del now
        if all(each.answers for each in self.probings.values()):
            self._enter("before")
        elif passed > WAIT_S:
            silent = ", ".join(who for who, each in self.probings.items() if not each.answers)
            self.end(f"these did not answer within {WAIT_S:.0f} s: {silent}")

    def _in_before(self, passed: float, now: float) -> None:
        del now
        if passed >= BEFORE_S:
            wrong = self._tell_leaker("/leak")
            if wrong is None:
                self._enter("leaking")
            else:
                self.end(f"the leaker did not begin: {wrong}")

    def _in_leaking(self, passed: float, now: float) -> None:
        leaker = self.probings[LEAKER]
        if leaker.has_failed or leaker.told.get("ended"):
            self._enter("after")
        elif passed > SECONDS_MAX:
            self.end("its time was over")
        del now

    def _in_after(self, passed: float, now: float) -> None:
        """Well is only who answers; a container that was killed has to be started again by its kubelet first."""
        well = all(each.answers for each in self.probings.values())
        self._well_since = (self._well_since or now) if well else None
        if (self._well_since is not None and now - self._well_since >= AFTER_S) or passed > SETTLE_S:
            self.end("it has run its course")

    def _in_over(self, passed: float, now: float) -> None:
        """Nothing but to be read."""

    def _enter(self, phase: str) -> None:
        self.phase, self._since = phase, self.clock()
        any_probing = next(iter(self.probings.values()))
        self.marks[phase] = round(1000 * (self._since - any_probing.began))

    def _tell_leaker(self, path: str) -> str | None:
        """What went wrong, or None."""
        try:
            self.probings[LEAKER].target.ask("POST", path, {TOKEN_HEADER: self.token})
        except (OSError, http.client.HTTPException, ValueError) as error:
            return str(error) or type(error).__name__
        return None
