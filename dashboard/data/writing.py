"""Writes markers through the sample app at a steady pace and records what became of each. Decides nothing about them.

The app stores a marker just as it stores an entry, and says whether a majority confirmed it. A write whose answer does
not come in time is not known: it counts as such, and is never sent again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dashboard.data.outage import Outcome, Written
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.kube.credential import in_their_name
from dashboard.kube.proxying import bounded
from dashboard.settings import Target

log = logging.getLogger(__name__)

PERIOD_S = 0.1
AT_ONCE = 30
"""Writes under way; each waits three seconds at most, so the pace is kept even while none is answered."""
WRITES_MAX = 1500
TIMEOUT = (1.0, 2.5)
READING = (2.0, 10.0)
BODY_MAX = 512 * 1024
JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class _Outcome(msgspec.Struct):
    outcome: str = ""


class _Stored(msgspec.Struct):
    numbers: list[int]


@dataclass(frozen=True, slots=True)
class Markers:
    """One series of markers of the sample app behind a Service. `proxy_service` is KubeClient's."""

    proxy_service: Callable[..., Any]
    app: Target
    series: str

    def write(self, number: int) -> Outcome:
        """Sends one, once."""
        body = msgspec.json.encode({"series": self.series, "number": number})
        try:
            answer = self._ask("/markers", "POST", body, TIMEOUT)
            told = bounded(answer, BODY_MAX)
        except errors.ApiError as error:
            log.debug("marker %s: %s", number, error)
            return "unknown"
        if answer.status == 201:
            return "confirmed"
        return "refused" if _outcome(told) == "refused" else "unknown"

    def stored(self) -> list[int]:
        """The numbers that a majority of the members holds. Raises Refused with a sentence when nobody tells."""
        try:
            answer = self._ask(f"/api/markers/{self.series}", "GET", None, READING)
            body = bounded(answer, BODY_MAX)
        except errors.Forbidden as error:
            raise Refused(f"The app may not be asked through the API: {error.message}", status=403) from error
        except errors.SignInAgain as error:
            raise Refused(error.message, status=401) from error
        except errors.ApiError as error:
            raise Refused(f"The app cannot be reached: {error.message}", status=503) from error
        if answer.status == 404:
            raise Refused(
                "The app that runs is older than this dashboard and takes no test writes. Deploy the bundles mongodb "
                "and flask again first.",
                status=409,
            )
        if answer.status != 200 or body is None:
            raise Refused(f"The app does not tell what is stored: it answers {answer.status}.", status=503)
        try:
            return msgspec.json.decode(body, type=_Stored).numbers
        except msgspec.DecodeError as error:
            raise Refused("What the app tells of the test writes cannot be read.", status=503) from error

    def _ask(self, path: str, method: str, body: bytes | None, timeout: tuple[float, float]) -> Any:
        app = self.app
        return self.proxy_service(app.namespace, app.service, app.port, path, method, JSON, body, timeout=timeout)


def _outcome(body: bytes | None) -> str:
    try:
        return msgspec.json.decode(body or b"", type=_Outcome).outcome
    except msgspec.DecodeError:
        return ""


@dataclass(slots=True)
class Writing:
    """Begins with `start`; `stop` waits for what is under way. `clock` only goes forward; `write` sends one marker."""

    write: Callable[[int], Outcome]
    clock: Callable[[], float]
    _stopped: threading.Event = field(default_factory=threading.Event)
    _written: list[Written] = field(default_factory=list)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """In the background, ten a second."""
        self._thread = threading.Thread(target=in_their_name(self._run), name="test writes", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No write is under way after this returns."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def written(self) -> list[Written]:
        """Those whose outcome is known by now, in the order of their answers."""
        return list(self._written)

    def _run(self) -> None:
        began = self.clock()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="test write") as at_once:
            for number in range(WRITES_MAX):
                if self._stopped.wait(max(0.0, began + number * PERIOD_S - self.clock())):
                    return
                at_once.submit(in_their_name(self._one), number)

    def _one(self, number: int) -> None:
        sent = self.clock()
        outcome: Outcome = "unknown"
        try:
            outcome = self.write(number)
        finally:
            self._written.append(Written(number, sent, self.clock(), outcome))
