"""What a proxy says about a request: believed only of those that were named, and taken away from everybody else.

It reads each request once, before anything sees it; after that nobody finds the headers themselves any more.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

CLIENT = "surgeboard.client"
SAID = "surgeboard.said"
"""Names in the environ that no header can have."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
HOPS_MAX = 32
_PREFIX = "HTTP_X_FORWARDED_"
_OTHERS = ("HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_AUTHORIZATION")


@dataclass(frozen=True, slots=True)
class Said:
    """Whom a trusted proxy has let in."""

    user: str
    groups: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies that are believed; none, unless they were named. `tell_who`: whether they also say who it is.

    `hops` are believed about addresses, and never about who it is.
    """

    networks: tuple[Network, ...] = ()
    hops: tuple[Network, ...] = ()
    tell_who: bool = False

    @classmethod
    def of(cls, networks: Sequence[str], *, hops: Sequence[str] = (), tell_who: bool = False) -> Proxies:
        """From their CIDRs."""
        return cls(_networks(networks), _networks(hops), tell_who)

    def receive(self, environ: dict[str, Any]) -> None:
        """Keep what may be believed of a request, and take every such header out of it."""
        headers = {name: str(environ.pop(name)) for name in list(environ) if _is_forwarded(name)}
        # A middleware between us and the socket could have left something there.
        environ.pop(SAID, None)
        peer = _address(str(environ.get("REMOTE_ADDR") or ""))
        environ[CLIENT] = str(environ.get("REMOTE_ADDR") or "unknown")
        if peer is not None:
            environ[CLIENT] = str(self._client(peer, headers.get(f"{_PREFIX}FOR", "")))
        if peer is not None and self.tell_who and _is_in(self.networks, peer):
            said = _said(headers)
            if said is not None:
                environ[SAID] = said

    def _passes_on(self, address: Address) -> bool:
        return _is_in(self.networks, address) or _is_in(self.hops, address)

    def _client(self, peer: Address, hops: str) -> Address:
        """The last hop that is none of ours; what stands before it, anybody could have written."""
        last = peer
        if not self._passes_on(peer):
            return peer
        for hop in reversed(hops.split(",")[-HOPS_MAX:]):
            address = _address(hop.strip())
            if address is None:
                return last
            last = address
            if not self._passes_on(address):
                return address
        return last


def client_address(environ: Mapping[str, Any]) -> str:
    """Where a request comes from: the socket's peer, or whom a trusted proxy took it from."""
    return str(environ.get(CLIENT) or environ.get("REMOTE_ADDR") or "unknown")


def said_of(environ: Mapping[str, Any]) -> Said | None:
    """Whom a trusted proxy has let in with this request."""
    said = environ.get(SAID)
    return said if isinstance(said, Said) else None


def _is_forwarded(name: str) -> bool:
    return name.startswith(_PREFIX) or name in _OTHERS


def _said(headers: Mapping[str, str]) -> Said | None:
    user = _text(headers.get(f"{_PREFIX}USER", ""))
    if not user or "," in user:  # two of them, of which only one can be true
        return None
    groups = tuple(each.strip() for each in _text(headers.get(f"{_PREFIX}GROUPS", "")).split(",") if each.strip())
    scheme, _, bearer = headers.get("HTTP_AUTHORIZATION", "").partition(" ")
    # The one place: a header that the proxy neither sets nor takes away could be the browser's own.
    token = bearer.strip() if scheme.lower() == "bearer" else ""
    return Said(user, groups, token or None)


def _networks(texts: Sequence[str]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(each) for each in texts)


def _is_in(networks: Sequence[Network], address: Address) -> bool:
    return any(address in network for network in networks)


def _text(header: str) -> str:
    """A server hands headers on byte by byte; names are in UTF-8."""
    try:
        return header.encode("latin-1").decode().strip()
    except UnicodeError:
        return header.strip()


def _address(text: str) -> Address | None:
    """Of `10.1.2.3`, `10.1.2.3:5555`, `::1`, `[::1]:5555`; IPv4 within IPv6 as what it is."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
