"""Tokens of pods, kept until most of their time is over, so that a volume is not rewritten at every refresh."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from localcluster.client import Object
from localcluster.controllers.clock import Clock
from localcluster.node.settings import TokenIssuer

_SHARE = 0.8
_LONGEST = timedelta(hours=24)
"""As kubelet has it: a new token after four fifths of the time asked for, and after a day at the latest."""


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str
    until: datetime


class KeptTokens:
    """A token issuer in front of another."""

    def __init__(self, issuer: TokenIssuer, clock: Clock) -> None:
        self._issuer = issuer
        self._clock = clock
        self._kept: dict[tuple[str, str, str, int, str], _Kept] = {}

    async def __call__(
        self, namespace: str, service_account: str, *, pod: Object, expiration_seconds: int, audience: str
    ) -> str:
        key = (namespace, service_account, str(pod["metadata"]["uid"]), expiration_seconds, audience)
        now = self._clock.now()
        kept = self._kept.get(key)
        if kept is not None and now < kept.until:
            return kept.token
        token = await self._issuer(
            namespace, service_account, pod=pod, expiration_seconds=expiration_seconds, audience=audience
        )
        self._kept = {other: entry for other, entry in self._kept.items() if now < entry.until}
        self._kept[key] = _Kept(token, now + min(timedelta(seconds=expiration_seconds) * _SHARE, _LONGEST))
        return token
