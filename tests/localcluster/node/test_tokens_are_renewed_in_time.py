"""A pod's token is asked for anew after four fifths of its time, and not at every look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcluster.node.tokens import KeptTokens


@dataclass
class Wall:
    """A clock that stands still until it is moved."""

    moment: datetime = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Issuer:
    """Counts what it is asked for."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def __call__(
        self, namespace: str, service_account: str, *, pod: Any, expiration_seconds: int, audience: str
    ) -> str:
        self.asked.append((service_account, pod["metadata"]["uid"], audience))
        return f"token {len(self.asked)}"


@pytest.mark.parametrize(("seconds", "kept"), [(600, 479), (3607, 2885), (10**9, 24 * 3600 - 1)])
async def test_a_token_is_kept_for_most_of_its_time(seconds: int, kept: int) -> None:
    clock, issuer = Wall(), Issuer()
    tokens = KeptTokens(issuer, clock)

    async def ask(uid: str = "1", audience: str = "") -> str:
        pod = {"metadata": {"uid": uid}}
        return await tokens("test", "robot", pod=pod, expiration_seconds=seconds, audience=audience)

    assert await ask() == "token 1"
    clock.moment += timedelta(seconds=kept)
    assert await ask() == "token 1"
    clock.moment += timedelta(seconds=2)
    assert await ask() == "token 2"
    assert await ask(uid="2") == "token 3"
    assert await ask(audience="vault") == "token 4"
    assert await ask() == "token 2"
