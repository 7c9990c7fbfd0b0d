"""A container's probes and hooks while it runs: when each is asked, and who hears of it.

Must not start or end the container; the runner does, when told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from localcluster.client import Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.recorder import EventKind
from localcluster.node import probes
from localcluster.node.racing import cancelled


class OnReadiness(Protocol):
    async def __call__(self, *, ready: bool) -> None: ...


class Checks:
    """The probes and hooks of one run of a container.

    `grace`: the pod's, in seconds. `born`: when the pod came to the node; kubelet's probes keep time from then on.
    """

    def __init__(
        self, spec: Object, target: probes.Target, *, clock: Clock, event: Callable[[EventKind, str, str], None],
        grace: float, born: float = 0.0,
    ) -> None:  # fmt: skip
        self._spec = spec
        self._target = target
        self._clock = clock
        self._event = event
        self._grace = grace
        self._born = born

    async def hook(self, name: str) -> probes.Outcome:
        """Runs postStart or preStop. What went wrong stays out of the Event: it could tell a Secret to who reads it."""
        hook = self._spec["lifecycle"][name]
        if "sleep" in hook:
            await self._clock.sleep(float(hook["sleep"]["seconds"]))
            return probes.Outcome(True)
        outcome = await probes.attempt({**hook, "timeoutSeconds": max(1.0, self._grace)}, self._target)
        if not outcome.ok:
            label = name[0].upper() + name[1:] + "Hook"
            self._event("Warning", f"Failed{label}", f"{label} failed")
            where = f'{_told(hook)} for Container "{self._spec["name"]}"'
            return probes.Outcome(False, f"{where} failed: {outcome.message}")
        return outcome

    async def probe(
        self, started: asyncio.Event, *, on_started: Callable[[], Awaitable[None]], on_readiness: OnReadiness,
        on_unhealthy: Callable[[str, float], Awaitable[None]],
    ) -> None:  # fmt: skip
        """Asks until cancelled; readiness and liveness only once the startup probe has succeeded."""

        async def on_startup(verdict: probes.Verdict) -> None:
            if verdict.ok:
                await on_started()
            elif not started.is_set():
                await on_unhealthy("startup", self._grace_of("startupProbe"))

        async def on_ready(verdict: probes.Verdict) -> None:
            await on_readiness(ready=verdict.ok)

        async def on_live(verdict: probes.Verdict) -> None:
            if not verdict.ok:
                await on_unhealthy("liveness", self._grace_of("livenessProbe"))

        works = []
        if "startupProbe" in self._spec:
            works.append(self._until_started(started, on_startup))
        if "readinessProbe" in self._spec:
            works.append(self._after(started, "readinessProbe", on_ready))
        if "livenessProbe" in self._spec:
            works.append(self._after(started, "livenessProbe", on_live))
        await asyncio.gather(*works)

    async def _until_started(
        self, started: asyncio.Event, on_verdict: Callable[[probes.Verdict], Awaitable[None]]
    ) -> None:
        asking = asyncio.create_task(self._ask("startupProbe", on_verdict))
        try:
            await started.wait()
        finally:
            await cancelled([asking])

    async def _after(
        self, started: asyncio.Event, name: str, on_verdict: Callable[[probes.Verdict], Awaitable[None]]
    ) -> None:
        await started.wait()
        await self._ask(name, on_verdict)

    async def _ask(self, name: str, on_verdict: Callable[[probes.Verdict], Awaitable[None]]) -> None:
        label = name.removesuffix("Probe").capitalize()

        def failed(message: str) -> None:
            self._event("Warning", "Unhealthy", f"{label} probe failed: {message}")

        # Readiness is asked as soon as the container has started, liveness when its time comes round.
        born = self._born if name == "livenessProbe" else None
        await probes.watch(
            self._spec[name], self._target, clock=self._clock, on_failure=failed, on_verdict=on_verdict, born=born
        )

    def _grace_of(self, name: str) -> float:
        return float(self._spec[name].get("terminationGracePeriodSeconds", self._grace))


def _told(hook: Object) -> str:
    if "exec" in hook:
        return f"Exec lifecycle hook ([{' '.join(hook['exec']['command'])}])"
    return f"HTTP lifecycle hook ({(hook.get('httpGet') or {}).get('path', '/')})"
