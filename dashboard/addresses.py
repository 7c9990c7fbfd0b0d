"""Whether the addresses in the settings are what they must be; the answer is a sentence about the first that is not."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\Z")
TAKES = "it takes addresses such as https://surgeboard.example.com: http or https, a name, a port if need be, no more"


def urls_problem(urls: Sequence[str]) -> str | None:
    """Of the addresses that people use."""
    schemes: dict[str, str] = {}
    for url in urls:
        parts = _parts(url)
        if parts is None:
            return f"holds {url!r}; {TAKES}."
        if schemes.setdefault(parts.netloc.lower(), parts.scheme) != parts.scheme:
            return f"holds {parts.netloc} both by http and by https; nothing tells them apart. Keep https."
    return None


def proxies_problem(networks: Sequence[str]) -> str | None:
    """Of the networks of trusted proxies."""
    return _networks_problem(networks, "so that anybody could say who they are. Name the proxy's own network.")


def hops_problem(networks: Sequence[str]) -> str | None:
    """Of the networks that are believed about addresses alone."""
    return _networks_problem(networks, "so that anybody could pose as any address. Name the controller's own network.")


def _networks_problem(networks: Sequence[str], so: str) -> str | None:
    parsed: list[Network] = []
    for text in networks:
        try:
            parsed.append(ipaddress.ip_network(text))
        except ValueError:
            return f"holds {text!r}; it takes networks such as 10.1.2.3/32 or fd00::/64."
    if any(each.prefixlen == 0 for each in _collapsed(parsed)):
        return f"holds every address there is, {so}"
    return None


def in_the_clear(urls: Sequence[str]) -> list[str]:
    """Those at which a token and a cookie can be read on their way."""
    parts = [(url, urlsplit(url)) for url in urls]
    return [url for url, each in parts if each.scheme == "http" and not _is_this_machine(each.hostname or "")]


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return None
    more = (parts.path not in ("", "/"), parts.query, parts.fragment, "@" in parts.netloc, "?" in url, "#" in url)
    if parts.scheme not in ("http", "https") or any(more) or port == 0 or parts.netloc.endswith(":"):
        return None
    return parts if _is_host(host) else None


def _is_host(host: str) -> bool:
    """A name, or an address that is one: 0.0.0.0 is every one."""
    try:
        return not ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return bool(_NAME.match(host)) and not host.replace(".", "").isdecimal()


def _collapsed(networks: list[Network]) -> list[Network]:
    """Two halves are a whole."""
    fours = [each for each in networks if isinstance(each, ipaddress.IPv4Network)]
    sixes = [each for each in networks if isinstance(each, ipaddress.IPv6Network)]
    return [*ipaddress.collapse_addresses(fours), *ipaddress.collapse_addresses(sixes)]
