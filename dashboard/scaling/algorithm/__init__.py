"""What a HorizontalPodAutoscaler does, as arithmetic: no clock, no API, no rows. Times are seconds of any one clock.

Written from https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/: what a metric asks for
(`usage`, `proposing`), what of it is wished for steadily (`stabilizing`), what may be done at once (`limiting`), and
these one after another with each step on record (`deciding`).
"""

from dashboard.scaling.algorithm.deciding import Decision, Reason, after, decide, outside
from dashboard.scaling.algorithm.history import Change, History, Recommendation
from dashboard.scaling.algorithm.proposing import Step, proposal, propose
from dashboard.scaling.algorithm.settings import Behavior, Policy, Rules, Settings
from dashboard.scaling.algorithm.terms import Term
from dashboard.scaling.algorithm.usage import PodFigure, Usage, usage

__all__ = [
    "Behavior",
    "Change",
    "Decision",
    "History",
    "PodFigure",
    "Policy",
    "Reason",
    "Recommendation",
    "Rules",
    "Settings",
    "Step",
    "Term",
    "Usage",
    "after",
    "decide",
    "outside",
    "proposal",
    "propose",
    "usage",
]
