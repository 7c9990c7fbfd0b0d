"""A person's token in memory, and in no other place: read while it holds, forgotten at once when it no longer does."""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.kube.credential import Credential


@dataclass(slots=True, eq=False)
class HeldToken:
    """One token. It has no text form, so that it cannot get into a log by way of what holds it."""

    _token: str | None = field(repr=False)
    clock: Callable[[], float] = field(repr=False)
    expires_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def read(self) -> str | None:
        """The token; None once it was forgotten or has run out."""
        with self._lock:
            if self.expires_at is not None and self.clock() >= self.expires_at:
                self._token = None
            return self._token

    def forget(self) -> None:
        """Nobody gets it any more, whoever still holds a credential made of it."""
        with self._lock:
            self._token = None

    def renew(self, token: str, *, expires_at: float | None) -> None:
        """Another token of the same person takes its place, as a proxy refreshes them."""
        with self._lock:
            self._token, self.expires_at = token, expires_at

    def credential(self, by: str) -> Credential:
        """What requests to the cluster are made with, in the name of `by`."""
        return Credential(by, self.read)


def expiry_of(token: str) -> float | None:
    """When a JWT runs out, by its own words; None for an opaque token. Whether they are true, TokenReview has told."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    ends = claims.get("exp") if isinstance(claims, dict) else None
    is_time = isinstance(ends, int | float) and not isinstance(ends, bool)
    return float(ends) if is_time else None  # type: ignore[arg-type]
