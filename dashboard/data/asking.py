"""Asks the replica-set agents beside the mongods, through the API's pod proxy, all at once. Keeps nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import msgspec

from dashboard.data import status, words
from dashboard.data.status import Status
from dashboard.kube import errors
from dashboard.kube.credential import in_their_name
from dashboard.kube.proxying import bounded

log = logging.getLogger(__name__)

NAMESPACE, WORKLOAD, AGENT_PORT = "mongodb", "mongo", 8081
TIMEOUT = (2.0, 3.0)
AT_ONCE = 16
"""A replica set has 50 members at most."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One agent's answer, or why there is none: `trouble` is a sentence, `denied` the API server's refusal."""

    status: Status | None = None
    trouble: str | None = None
    denied: errors.Forbidden | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """`proxy_pod` is KubeClient's."""

    proxy_pod: Callable[..., Any]

    def all(self, pods: Sequence[Row]) -> dict[str, Answer]:
        """By the pod's name."""
        if not pods:
            return {}
        with ThreadPoolExecutor(min(len(pods), AT_ONCE), thread_name_prefix="agents") as at_once:
            asked = [at_once.submit(in_their_name(self.one), pod) for pod in pods]
            return {str(pod["name"]): each.result() for pod, each in zip(pods, asked, strict=True)}

    def one(self, pod: Row) -> Answer:
        """The answer of the agent in one pod."""
        name = str(pod["name"])
        if pod["phase"] != "Running":
            return Answer(trouble=f"{words.pod(str(pod.get('state') or pod['phase']))}.")
        try:
            answer = self.proxy_pod(NAMESPACE, name, AGENT_PORT, "/status", timeout=TIMEOUT)
            body = bounded(answer, status.BYTES_MAX)
            if answer.status == 503 and not pod.get("ready_at"):
                return Answer(trouble="Nothing answers in its pod yet.")
            if answer.status != 200 or body is None:
                return Answer(trouble=f"Its agent cannot be reached (the cluster answers {answer.status}).")
            return Answer(status=status.decode(body))
        except errors.Forbidden as error:
            return Answer(trouble="Asking its agent is denied.", denied=error)
        except errors.ApiError as error:
            log.debug("the agent of %s does not answer: %s", name, error)
            return Answer(trouble="Its agent does not answer.")
        except msgspec.DecodeError as error:
            log.debug("the agent of %s says what cannot be read: %s", name, error)
            return Answer(trouble="What its agent says cannot be read; it may be of another version.")


def is_member(row: Row) -> bool:
    """Whether a row of the view `pods` is one of the database's."""
    workload = row["workload"]
    return row["namespace"] == NAMESPACE and bool(workload) and workload["name"] == WORKLOAD


def ordinal(name: str) -> int:
    """A member's place in the StatefulSet; one whose name tells none comes last."""
    number = name.rpartition("-")[2]
    return int(number) if number.isdecimal() and len(number) < 6 else 99_999
