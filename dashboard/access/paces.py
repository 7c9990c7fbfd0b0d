"""How fast somebody may ask: buckets of tokens, one for each address. Pure but for the clock they are given."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Mapping
from typing import Any

from dashboard.access.forwarded import client_address

KEYS_MAX = 4096
"""Addresses that are remembered; the one unheard for longest makes place, so that a flood of them costs no memory."""
IPV6_NETWORK = 64
"""One household has that many bits of addresses to itself."""


class Pace:
    """So many a second, and `burst` at once (as many as in a second unless told)."""

    def __init__(self, per_second: float, *, steady: Callable[[], float], burst: float | None = None) -> None:
        self._rate = per_second
        self._most = float(per_second if burst is None else burst)
        self._steady = steady
        self._tokens = self._most
        self._last = steady()

    def allows(self, *, cost: float = 1.0) -> bool:
        """Whether one more is within the pace; it counts when it is."""
        now = self._steady()
        self._tokens = min(self._most, self._tokens + (now - self._last) * self._rate)
        self._last = now
        if self._tokens < cost:
            return False
        self._tokens -= cost
        return True


class Paces:
    """A pace for each key."""

    def __init__(
        self, per_second: float, *, burst: float, steady: Callable[[], float], keys_max: int = KEYS_MAX
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._steady = steady
        self._keys_max = keys_max
        self._paces: dict[str, Pace] = {}  # the one heard last is last
        self._lock = threading.Lock()

    def allows(self, key: str, *, cost: float = 1.0) -> bool:
        """Whether one more of `key` is within its pace."""
        with self._lock:
            pace = self._paces.pop(key, None)
            if pace is None:
                if len(self._paces) >= self._keys_max:
                    del self._paces[next(iter(self._paces))]
                pace = Pace(self._per_second, steady=self._steady, burst=self._burst)
            self._paces[key] = pace
            return pace.allows(cost=cost)

    def __len__(self) -> int:
        return len(self._paces)


def address_of(environ: Mapping[str, Any]) -> str:
    """Whom a request counts against: the peer's address, of IPv6 the network that one household has."""
    told = client_address(environ)
    try:
        address = ipaddress.ip_address(told.partition("%")[0])
    except ValueError:
        return told
    if not isinstance(address, ipaddress.IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))
