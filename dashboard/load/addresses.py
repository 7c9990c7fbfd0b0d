"""Which addresses load may be sent to, judged by the addresses alone. Pure: nothing is resolved here.

Names and any other way of writing an address (decimal, octal, hexadecimal) are no addresses here, so they are refused.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

METADATA = frozenset(
    ipaddress.ip_address(each)
    for each in ("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)
"""Where clouds answer a machine with its credentials."""


def parsed(text: str) -> Address | None:
    """The address in its one usual spelling, without a zone; None for everything else."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address if str(address) == text.lower() and "%" not in text else None


def parsed_all(texts: Collection[str]) -> frozenset[Address]:
    """Those of the texts that are addresses."""
    return frozenset(address for address in map(parsed, texts) if address is not None)


def why_refused(text: str, *, forbidden: Collection[Address] = (), loopback: bool = False) -> str | None:
    """Why no load may go there, or None. `forbidden`: addresses of the API server and of nodes.

    `loopback`: whether the cluster lives on this machine's loopback, its API server too.
    """
    address = parsed(text)
    if address is None:
        return f"{text[:60]!r} is not an IP address as the API writes them"
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address.sixtofour or address.teredo):
        return f"{text} hides an IPv4 address"
    if address in METADATA:
        return f"{text} is a metadata address of clouds"
    if address in forbidden:
        return f"{text} is the address of the API server or of a node"
    if address.is_link_local:
        return f"{text} is link-local"
    if address.is_unspecified or address.is_multicast or _is_beyond(address):
        return f"{text} is no address of a single host"
    if address.is_loopback and not loopback:
        return f"{text} is loopback"
    return None


def _is_beyond(address: Address) -> bool:
    """Reserved ranges, broadcast among them, and what only means something inside one site of old."""
    if isinstance(address, ipaddress.IPv6Address):
        return address.is_site_local or (address.is_reserved and not address.is_loopback)
    return address.is_reserved or address in ipaddress.ip_network("0.0.0.0/8")
