"""What arrives before the other connection is there is kept for it."""

from __future__ import annotations

from localcluster.node.relay import Side


class FakeTransport:
    """Remembers what was written and whether it would read."""

    def __init__(self) -> None:
        self.written = b""
        self.ended = self.closing = False
        self.changes: list[str] = []

    def write(self, data: bytes) -> None:
        self.written += data

    def write_eof(self) -> None:
        self.ended = True

    def can_write_eof(self) -> bool:
        return True

    def pause_reading(self) -> None:
        self.changes.append("pause")

    def resume_reading(self) -> None:
        self.changes.append("resume")

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True


def connected() -> tuple[Side, FakeTransport]:
    side, transport = Side(), FakeTransport()
    side.connection_made(transport)  # type: ignore[arg-type]
    return side, transport


def test_words_before_the_peer_are_given_to_it_in_order() -> None:
    side, transport = connected()
    side.data_received(b"GET / ")
    side.data_received(b"HTTP/1.1")
    assert set(transport.changes) == {"pause"}

    peer, upstream = connected()
    side.join(peer)
    side.data_received(b"\r\n\r\n")

    assert upstream.written == b"GET / HTTP/1.1\r\n\r\n"
    assert transport.changes[-1] == "resume"
    assert not upstream.ended


def test_an_end_before_the_peer_is_passed_on_and_the_answer_still_comes() -> None:
    side, transport = connected()
    side.data_received(b"question")
    assert side.eof_received()

    peer, upstream = connected()
    side.join(peer)
    peer.data_received(b"answer")

    assert (upstream.written, upstream.ended) == (b"question", True)
    assert (transport.written, transport.closing) == (b"answer", False)
