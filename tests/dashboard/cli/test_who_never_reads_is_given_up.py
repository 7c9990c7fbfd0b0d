"""A peer that takes nothing of what is sent does not keep its connection: the kernel gives it up."""

from __future__ import annotations

import socket

import pytest

from dashboard.cli import serve


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such option")
def test_a_connection_whose_peer_never_reads_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "UNHEARD_MS", 1000)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serve.give_up_on_the_unheard([listener])
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as ours:
            ours.settimeout(60)
            with pytest.raises(TimeoutError) as ended:
                ours.sendall(bytes(1 << 26))
    assert ended.value.errno is not None, "our own patience ended, not the kernel's"


def test_a_socket_that_knows_no_such_thing_is_left_alone() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        serve.give_up_on_the_unheard([ours])
