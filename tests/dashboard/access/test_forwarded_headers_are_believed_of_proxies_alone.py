"""What a proxy says counts from a named proxy; from anybody else it is gone before anything could see it."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.access.forwarded import SAID, Proxies, Said, client_address, said_of

WHO = {
    "HTTP_X_FORWARDED_USER": "ada", "HTTP_X_FORWARDED_GROUPS": "dev, ops", "HTTP_X_FORWARDED_ACCESS_TOKEN": "t-ada",
    "HTTP_AUTHORIZATION": "Bearer t-id", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "evil",
    "HTTP_X_FORWARDED_PREFERRED_USERNAME": "x", "HTTP_X_REAL_IP": "1.1.1.1", "HTTP_FORWARDED": "for=1.1.1.1",
}  # fmt: skip


def received(peer: str, *, tell_who: bool = True, networks: tuple[str, ...] = ("10.1.2.0/24",), **headers: str) -> Any:
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "HTTP_HOST": "x", **headers}
    Proxies.of(networks, tell_who=tell_who).receive(environ)
    return environ


def test_a_trusted_proxy_tells_who_it_is() -> None:
    environ = received("10.1.2.3", **WHO)
    assert said_of(environ) == Said("ada", ("dev", "ops"), "t-id")


def test_a_token_comes_by_no_other_header() -> None:
    """The proxy sets Authorization, and takes away what a browser put there; this one it would let pass."""
    environ = received("10.1.2.3", HTTP_X_FORWARDED_USER="ada", HTTP_X_FORWARDED_ACCESS_TOKEN="t-ada")
    assert said_of(environ) == Said("ada")


def test_what_is_no_bearer_token_is_none() -> None:
    environ = received("10.1.2.3", HTTP_X_FORWARDED_USER="ada", HTTP_AUTHORIZATION="Basic YWRhOng=")
    assert said_of(environ) == Said("ada")


def test_a_name_beyond_ascii_is_what_it_was() -> None:
    environ = received("10.1.2.3", HTTP_X_FORWARDED_USER="Ádám".encode().decode("latin-1"))
    assert said_of(environ) == Said("Ádám")


@pytest.mark.parametrize("peer", ["10.1.3.3", "127.0.0.1", "::1", "", "unix", "::ffff:10.9.2.3"])
def test_nobody_else_does(peer: str) -> None:
    environ = received(peer, **WHO)
    assert said_of(environ) is None
    assert not set(WHO) & set(environ)
    assert "ada" not in repr(environ)


def test_a_proxy_that_only_stands_in_front_tells_nobody() -> None:
    environ = received("10.1.2.3", tell_who=False, **WHO)
    assert said_of(environ) is None
    assert not set(WHO) & set(environ)


def test_the_headers_are_gone_even_of_a_trusted_one() -> None:
    environ = received("10.1.2.3", **WHO)
    assert not set(WHO) & set(environ)


def test_nothing_is_believed_when_no_proxy_was_named() -> None:
    assert said_of(received("127.0.0.1", networks=(), **WHO)) is None


def test_a_name_left_there_by_others_is_taken_out() -> None:
    environ = {"REMOTE_ADDR": "10.9.9.9", SAID: Said("root")}
    Proxies.of(["10.1.2.0/24"], tell_who=True).receive(environ)
    assert said_of(environ) is None


def test_two_names_are_none() -> None:
    assert said_of(received("10.1.2.3", HTTP_X_FORWARDED_USER="ada,root")) is None


def test_an_ipv4_peer_on_an_ipv6_socket_is_what_it_is() -> None:
    assert said_of(received("::ffff:10.1.2.3", **WHO)) is not None


@pytest.mark.parametrize(
    ("peer", "hops", "address"),
    [
        ("192.0.2.1", "1.2.3.4", "192.0.2.1"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "192.0.2.7", "192.0.2.7"),
        ("10.1.2.3", "6.6.6.6, 192.0.2.7", "192.0.2.7"),
        ("10.1.2.3", "6.6.6.6, 192.0.2.7, 10.1.2.9", "192.0.2.7"),
        ("10.1.2.3", "6.6.6.6, nonsense", "10.1.2.3"),
        ("10.1.2.3", "192.0.2.7:5555", "192.0.2.7"),
        ("10.1.2.3", "[2001:db8::1]:5555", "2001:db8::1"),
        ("10.1.2.3", "10.1.2.4, 10.1.2.5", "10.1.2.4"),
        ("10.1.2.3", ",".join(["10.1.2.4"] * 10_000), "10.1.2.4"),
    ],
)
def test_the_address_is_that_of_the_last_hop_that_is_none_of_ours(peer: str, hops: str, address: str) -> None:
    assert client_address(received(peer, HTTP_X_FORWARDED_FOR=hops)) == address


def behind_a_controller(peer: str, hops: str, **more: str) -> Any:
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": hops, **more}
    Proxies.of(["127.0.0.1/32"], hops=["10.5.0.0/16"], tell_who=True).receive(environ)
    return environ


@pytest.mark.parametrize(
    ("peer", "hops", "address"),
    [
        ("10.5.0.9", "192.0.2.7", "192.0.2.7"),
        ("10.5.0.9", "6.6.6.6, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "192.0.2.7, 10.5.0.9", "192.0.2.7"),
        ("127.0.0.1", "6.6.6.6, 192.0.2.7, 10.5.0.9", "192.0.2.7"),
        ("10.6.0.9", "192.0.2.7", "10.6.0.9"),
    ],
)
def test_a_hop_is_believed_about_addresses(peer: str, hops: str, address: str) -> None:
    assert client_address(behind_a_controller(peer, hops)) == address


def test_a_hop_says_nothing_about_who_it_is() -> None:
    environ = behind_a_controller("10.5.0.9", "192.0.2.7", **WHO)
    assert said_of(environ) is None
    assert not set(WHO) & set(environ)
    assert said_of(behind_a_controller("127.0.0.1", "192.0.2.7, 10.5.0.9", **WHO)) == Said(
        "ada", ("dev", "ops"), "t-id"
    )


def test_an_address_is_told_of_what_never_passed_the_gate() -> None:
    assert client_address({"REMOTE_ADDR": "192.0.2.1"}) == "192.0.2.1"
    assert client_address({}) == "unknown"
