"""The cluster's address plan inside 127.N.0.0/16: the node at .0.1, pods from .1.1 to .199.254; must not open
listeners other than the claim."""

from __future__ import annotations

import socket

FIRST_OCTET = 64
LAST_OCTET = 126
_POD_BLOCKS = 199
_PER_BLOCK = 254


class AddressesExhausted(Exception):
    """No pod address is free."""


class PodAddresses:
    """Hands out one address a pod; a freed address comes back only after all others were used."""

    def __init__(self, octet: int) -> None:
        self._octet = octet
        self._next = 0
        self._taken: set[str] = set()

    def take(self, *, preferred: str = "") -> str:
        """`preferred` when it is ours and free: a pod that this node had before it was started again."""
        if preferred.startswith(f"127.{self._octet}.") and preferred not in self._taken:
            self._taken.add(preferred)
            return preferred
        total = _POD_BLOCKS * _PER_BLOCK
        for _ in range(total):
            block, host = divmod(self._next, _PER_BLOCK)
            self._next = (self._next + 1) % total
            address = f"127.{self._octet}.{block + 1}.{host + 1}"
            if address not in self._taken:
                self._taken.add(address)
                return address
        raise AddressesExhausted(f"all {total} pod addresses of 127.{self._octet}.0.0/16 are in use; delete some pods")

    def free(self, address: str) -> None:
        self._taken.discard(address)


def claim_octet(port: int, *, preferred: int | None = None) -> tuple[int, socket.socket]:
    """An N whose 127.N.0.1:`port` is free, and the socket that holds the claim until closed.

    `preferred` if it can be had, else the first.
    """
    octets = range(FIRST_OCTET, LAST_OCTET + 1)
    for octet in octets if preferred is None else (preferred, *octets):
        claim = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            claim.bind((f"127.{octet}.0.1", port))
            claim.listen(1)
        except OSError:
            claim.close()
            continue
        return octet, claim
    raise AddressesExhausted(
        f"no free address block: port {port} is taken on 127.{FIRST_OCTET}.0.1 to 127.{LAST_OCTET}.0.1; "
        "stop another local cluster"
    )
