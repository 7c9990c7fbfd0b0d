"""What is wished for steadily: no further than every recommendation of the direction's window agrees to.

https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#stabilization-window
"""

from __future__ import annotations

from dashboard.scaling.algorithm.history import History
from dashboard.scaling.algorithm.settings import Behavior


def stabilized(now_s: float, wanted: int, *, current: int, behavior: Behavior, history: History) -> int:
    """`wanted`, held back by what was recommended within the windows."""
    calmest = max((wanted, *history.asked_since(now_s - behavior.down.stabilization_s)))
    if not behavior.written:
        return calmest
    boldest = min((wanted, *history.asked_since(now_s - behavior.up.stabilization_s)))
    return min(max(current, boldest), calmest)


def held_until(now_s: float, wanted: int, *, held_at: int, behavior: Behavior, history: History) -> float | None:
    """When the last recommendation leaves its window that keeps `held_at` from becoming `wanted`; None without one."""
    shrinking = wanted < held_at
    window = (behavior.down if shrinking else behavior.up).stabilization_s
    in_the_way = [
        each.at + window
        for each in history.recommendations
        if each.at > now_s - window and (each.replicas > wanted if shrinking else each.replicas < wanted)
    ]
    return max(in_the_way, default=None)
