"""What was seen of an HPA, carried on from moment to moment: its syncs, what they asked for and did. Pure.

The controller keeps its recommendations and rescales in memory and shows none of them. But it writes its status at
every sync that changes anything, and a sync that changes nothing asked for the same again: so both can be followed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dashboard.scaling import beginnings
from dashboard.scaling.algorithm import History, Usage, decide, usage
from dashboard.scaling.measuring import cpu_share, is_cpu_share, reported
from dashboard.scaling.moment import PERIOD_S, Moment, Row, Seen
from dashboard.scaling.reading import behavior_of, figures_of, moment, settings_of

LIVE_S = 5.0
"""A status written so lately was written now, and is only dated in whole seconds."""
STRIKING = 10
"""Points of utilisation from which fresh figures say something else than the status."""


def observe(now: Moment) -> Seen:
    """What was seen, with this moment in it."""
    seen = now.seen
    sign = _sign(now.hpa)
    if seen.sign is None or sign != seen.sign:
        seen = _written(now, sign)
    used = usage(figures_of(now.pods), now=now.now)
    since = seen.differs_since if seen.differs_since is not None else now.now
    return replace(seen, differs_since=since if _differs(now.hpa, used) else None)


def _sign(hpa: Row) -> tuple[Any, ...]:
    conditions = tuple((each["type"], each["status"], each["reason"]) for each in hpa.get("conditions") or ())
    figures = tuple(repr(each.get("current")) for each in hpa.get("metrics") or ())
    sizes = (hpa.get("current"), hpa.get("desired"), hpa.get("last_scale_at"))
    return (*sizes, figures, conditions, hpa.get("status_written_at"))


def _written(now: Moment, sign: tuple[Any, ...]) -> Seen:
    """The status is another than before: there was a sync."""
    seen, hpa = now.seen, now.hpa
    first_at = now.now if seen.first_at is None else seen.first_at
    if not hpa.get("conditions"):
        return Seen(sign=sign, first_at=first_at, whole=True)
    dated = _dated(now)
    is_live = seen.sign is not None and abs(now.now - dated) < LIVE_S
    before = _until(dated, now).kept(dated, behavior_of(hpa.get("behavior")))
    used = _used(now, dated, before)
    return Seen(
        sign, now.now if is_live else dated, before, _with(before, now, dated, used), used, first_at, seen.whole,
        lag_s=now.now - dated if is_live else 0.0,
    )  # fmt: skip


def _dated(now: Moment) -> float:
    written = moment(now.hpa.get("status_written_at"))
    return now.now if written is None else written


def _until(at: float, now: Moment) -> History:
    """The history with the syncs since, that changed nothing and so asked for the same again."""
    seen, hpa = now.seen, now.hpa
    history = seen.history if seen.synced_at is not None or seen.whole else beginnings.of(now)
    if not history.recommendations or seen.synced_at is None:
        size = hpa.get("current")
        # The controller takes the size it finds first for a recommendation.
        return history.recommended(at, size) if seen.whole and size is not None else history
    last, synced = history.recommendations[-1], seen.dated(seen.synced_at)
    silent = synced + PERIOD_S * _first_that_counts(at - synced, hpa)
    while last.at == synced and silent < at - PERIOD_S / 2:
        history = history.recommended(silent, last.replicas)
        silent += PERIOD_S
    return history


def _first_that_counts(silence: float, hpa: Row) -> int:
    """Which of the silent syncs can matter yet: an HPA that is steady may have written nothing for weeks."""
    behavior = behavior_of(hpa.get("behavior"))
    return max(1, int((silence - max(behavior.up.memory_s, behavior.down.memory_s)) // PERIOD_S))


def standing(now: Moment, at: float) -> History:
    """The history as it will be at a sync dated `at`: those until then that change nothing ask for the same again."""
    return _until(at, now).kept(at, behavior_of(now.hpa.get("behavior")))


def _with(before: History, now: Moment, at: float, used: Usage | None) -> History:
    hpa, history = now.hpa, before
    step = reported(hpa, used=used).step
    if step is not None and now.condition("ScalingActive").get("status") == "True":
        history = history.recommended(at, step.replicas)
    if now.condition("AbleToScale").get("reason") == "SucceededRescale":
        history = history.scaled(at, (hpa.get("desired") or 0) - (hpa.get("current") or 0))
    return history


def _used(now: Moment, at: float, before: History) -> Usage | None:
    """The pods as the controller counted them; None when our figures are not those it had, by what came of them."""
    used = usage(figures_of(now.pods), now=now.now)
    told, current, desired = cpu_share(now.hpa), now.hpa.get("current"), now.hpa.get("desired")
    if used is None or told is None or current is None or abs(told - used.average) > STRIKING:
        return None
    step = reported(now.hpa, used=used).step
    if step is None:
        return None
    return used if decide(at, current, step, settings_of(now.hpa), before).desired == desired else None


def _differs(hpa: Row, used: Usage | None) -> bool:
    if used is None or not any(is_cpu_share(each) for each in hpa.get("metrics") or ()):
        return False
    told = cpu_share(hpa)
    return told is None or abs(told - used.average) > STRIKING
