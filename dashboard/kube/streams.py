"""A response body read as it comes: in chunks, or in whole lines with a longest length. It must not parse them."""

from __future__ import annotations

import contextlib
import http.client
import ssl
from collections.abc import Iterator, Mapping

import urllib3
from urllib3.exceptions import HTTPError, ReadTimeoutError

from dashboard.kube.errors import Garbled, Unreachable

CHUNK = 64 * 1024
LONGEST_LINE = 8 * 1024 * 1024  # an object is at most 1.5 MiB in etcd; more is not the API speaking

TRANSPORT_ERRORS = (HTTPError, OSError, http.client.HTTPException, ssl.SSLError)


class Stream:
    """An open answer. `close` may be called from another thread, also twice; reading then ends."""

    def __init__(self, response: urllib3.BaseHTTPResponse, *, name: str) -> None:
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._name = name
        self._closed = False

    def chunks(self) -> Iterator[bytes]:
        """Bytes as they arrive, none empty. Raises `Unreachable` when the connection breaks or falls silent."""
        try:
            while chunk := self._next_chunk():
                yield chunk
        finally:
            self.close()

    def lines(self, *, keep_unfinished: bool = False) -> Iterator[bytes]:
        """Whole lines without their newline, none empty.

        A last line without newline raises `Unreachable`, for the peer was cut off in the middle of it, unless
        `keep_unfinished` (a log may end so). A line over 8 MiB raises `Garbled`.
        """
        rest = bytearray()
        for chunk in self.chunks():
            rest += chunk
            if b"\n" in chunk:
                *whole, last = bytes(rest).split(b"\n")
                rest = bytearray(last)
                yield from (line for line in whole if line.strip())
            if len(rest) > LONGEST_LINE:
                self.close()
                raise Garbled(f"{self._name}: a line longer than {LONGEST_LINE} bytes")
        if rest and not self._closed_by_us() and not keep_unfinished:
            raise Unreachable(f"{self._name}: the answer ended in the middle of a line", reason="CutOff")
        if rest and keep_unfinished:
            yield bytes(rest)

    def read(self) -> bytes:
        """All of it."""
        return b"".join(self.chunks())

    def close(self) -> None:
        """Wake a reader in another thread, then let the connection go."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(*TRANSPORT_ERRORS, ValueError, RuntimeError):
            self._response.shutdown()
        # RuntimeError: a greenlet is still inside its read; the shutdown has woken it, and the connection goes with it.
        with contextlib.suppress(*TRANSPORT_ERRORS, ValueError, RuntimeError):
            self._response.close()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _closed_by_us(self) -> bool:
        return self._closed

    def _next_chunk(self) -> bytes:
        try:
            return self._response.read1(CHUNK)
        except ReadTimeoutError as error:
            raise Unreachable(f"{self._name}: silence for too long", reason="Silence") from error
        except (*TRANSPORT_ERRORS, ValueError, AttributeError) as error:
            # The last two are what a socket closed under its reader raises.
            if self._closed:
                return b""
            raise Unreachable(f"{self._name}: {error}") from error
