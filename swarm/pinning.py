"""Lets this process connect to the pinned addresses of its target and to nothing else, whatever a scenario asks for.

The name of the target means those addresses here, without DNS; every other name and address is refused before a packet
leaves, in every library written in Python, since the interpreter itself asks the hook. It cannot be taken out again.
Locust's own line to its master is not Python's and is not affected, as long as it is given by its address.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from swarm.ceilings import Refused

_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


class Elsewhere(ConnectionRefusedError):
    """Something tried to go where no load may go."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The target's name and port, and the addresses that stand for it."""

    host: str
    port: int
    addresses: tuple[str, ...]

    def permits(self, address: Any) -> bool:
        """Whether a socket may go to an address as Python's sockets take it."""
        if not isinstance(address, tuple) or len(address) < 2:
            return False
        return address[1] == self.port and self.is_pinned(address[0])

    def is_pinned(self, host: Any) -> bool:
        """Whether this is one of the addresses, in its usual spelling."""
        return isinstance(host, str) and host in self.addresses


def pin_of(target: str, pinned: str) -> Pin:
    """`target`: its URL; `pinned`: its addresses with commas between, may be empty for a target that is an address.

    Raises Refused for what is no address.
    """
    parts = urlsplit(target)
    host = parts.hostname or ""
    texts = [each.strip() for each in pinned.split(",") if each.strip()] or ([host] if is_address(host) else [])
    if not texts:
        raise Refused("SWARM_PINNED is not set: give the addresses of the target")
    wrong = [each for each in texts if not is_address(each)]
    if wrong:
        raise Refused(f"SWARM_PINNED holds {wrong[0][:60]!r}: give IP addresses with commas between")
    return Pin(host, parts.port or 80, tuple(texts))


def install(pin: Pin) -> None:
    """From now on. Raises RuntimeError when gevent has not patched the process yet."""
    import gevent
    from gevent import monkey

    if not monkey.is_module_patched("socket"):
        raise RuntimeError("import Locust first: names would be looked up past the pin")
    hub: Any = gevent.get_hub()
    hub.resolver = _Resolver(pin, hub.resolver)
    sys.addaudithook(_hook(pin))


def _hook(pin: Pin) -> Any:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CONNECTING:
            address = arguments[1]
            if address is not None and not pin.permits(address):
                raise Elsewhere(f"no load goes to {_short(address)}")
        elif event in _RESOLVING and not is_address(arguments[0]):
            raise Elsewhere(f"no name but the target's is looked up: {_short(arguments[0])}")

    return hook


class _Resolver:
    """gevent's resolver, knowing one name; what it knows it says at once, where gevent's own asks a thread."""

    def __init__(self, pin: Pin, beneath: Any) -> None:
        self._pin = pin
        self._beneath = beneath
        self._families = {each: _family(each) for each in pin.addresses}

    def getaddrinfo(
        self,
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002 - as gevent calls it
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        addresses = self._addresses(host)
        if addresses is self._pin.addresses and type == socket.SOCK_STREAM and isinstance(port, int) and not flags:
            return [self._stream(each, port) for each in addresses if family in (0, self._families[each])]
        found: list[Any] = []
        for address in addresses:
            found.extend(self._beneath.getaddrinfo(address, port, family, type, proto, flags))
        return found

    def _stream(self, address: str, port: int) -> tuple[Any, ...]:
        family = self._families[address]
        where = (address, port) if family == socket.AF_INET else (address, port, 0, 0)
        return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where

    def gethostbyname(self, hostname: Any) -> Any:
        return self._beneath.gethostbyname(self._addresses(hostname)[0])

    def gethostbyname_ex(self, hostname: Any) -> Any:
        return self._beneath.gethostbyname_ex(self._addresses(hostname)[0])

    def gethostbyaddr(self, ip_address: Any) -> Any:
        raise Elsewhere(f"no name is looked up here: {_short(ip_address)}")

    def getnameinfo(self, sockaddr: Any, flags: int) -> Any:
        return self._beneath.getnameinfo(sockaddr, flags | socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)

    def close(self) -> None:
        self._beneath.close()

    def _addresses(self, host: Any) -> Sequence[str]:
        text = host.decode("latin-1") if isinstance(host, bytes) else host
        if text == self._pin.host:
            return self._pin.addresses
        if is_address(text):  # nobody has to be asked; going there is another matter
            return (text,)
        raise Elsewhere(f"no name but the target's is looked up: {_short(host)}")


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def is_address(text: Any) -> bool:
    """Whether this is an IP address in its usual spelling, for which no name is looked up."""
    if not isinstance(text, str):
        return False
    try:
        return str(ipaddress.ip_address(text)) == text and "%" not in text
    except ValueError:
        return False


def _short(value: Any) -> str:
    return repr(value)[:80]
