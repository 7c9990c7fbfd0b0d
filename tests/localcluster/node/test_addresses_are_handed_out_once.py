"""The address plan: one address a pod, one block a cluster."""

from __future__ import annotations

import pytest

from localcluster.node.addresses import AddressesExhausted, PodAddresses, claim_octet


def test_a_freed_address_comes_back_last() -> None:
    """So that nothing that still remembers a pod that has gone meets another one in its place."""
    addresses = PodAddresses(64)
    first = addresses.take()
    addresses.free(first)
    assert first == "127.64.1.1"
    assert addresses.take() == "127.64.1.2"


def test_all_are_different_and_come_to_an_end() -> None:
    addresses = PodAddresses(70)
    taken = {addresses.take() for _ in range(199 * 254)}
    assert len(taken) == 199 * 254
    assert all(1 <= int(address.split(".")[2]) <= 199 for address in taken)
    with pytest.raises(AddressesExhausted, match="delete some pods"):
        addresses.take()
    addresses.free("127.70.5.5")
    assert addresses.take() == "127.70.5.5"


def test_two_clusters_claim_different_blocks() -> None:
    first, held = claim_octet(10247)
    second, other = claim_octet(10247)
    held.close()
    other.close()
    assert first != second
