"""SPDY/3.1 frames: bytes to frames and back, with their compressed headers. Pure, but for the state of the compression.

Only what Kubernetes' streams use: no flow control, no priorities, no push.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

SYN_STREAM, SYN_REPLY, RST_STREAM, PING, GOAWAY = 1, 2, 3, 6, 7
DATA: Final = 0
FIN: Final = 1
_VERSION = 3
_CONTROL = 0x8000
_STREAM_MASK = 0x7FFFFFFF
_HEAD = 8
_MAX_FRAME = 1024 * 1024
_MAX_HEADERS = 64 * 1024

_WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow "
    "authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status"
)
_PAIRS = ("200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin")
_CODES = (
    "100 101 201 202 205 206 300 302 303 304 305 306 307 402 405 406 407 408 409 410 411 412 413 414 415 416 417 502 "
    "504 505"
).replace(" ", "")
_TAIL = (
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
    "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
    "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)
DICTIONARY = (
    b"".join(struct.pack("!I", len(word)) + word.encode() for word in (*_WORDS.split(), *_PAIRS))
    + (_CODES + _TAIL).encode()
)
"""What both sides of the compression know beforehand (SPDY/3, section 2.6.10.1)."""


class SpdyError(ValueError):
    """The bytes are not SPDY/3.1."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `type` DATA has `payload`; the others have what their type needs."""

    type: int
    stream: int = 0
    flags: int = 0
    payload: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ends(self) -> bool:
        """Whether the sender has no more to say on the stream."""
        return bool(self.flags & FIN)


class Reader:
    """Takes bytes as they come, in any pieces."""

    def __init__(self) -> None:
        self._rest = b""
        self._headers = zlib.decompressobj(zdict=DICTIONARY)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are whole by now."""
        self._rest += data
        while len(self._rest) >= _HEAD:
            first, second, word = struct.unpack_from("!HHI", self._rest)
            end = _HEAD + (word & 0xFFFFFF)
            if end > _MAX_FRAME:
                raise SpdyError(f"a frame of {end} bytes is too long")
            if len(self._rest) < end:
                return
            payload, self._rest = self._rest[_HEAD:end], self._rest[end:]
            flags = word >> 24
            if not first & _CONTROL:
                yield Frame(DATA, (first << 16 | second) & _STREAM_MASK, flags, payload)
                continue
            if first != _CONTROL | _VERSION:
                raise SpdyError(f"version {first & ~_CONTROL} of SPDY is not spoken here")
            yield self._control(second, flags, payload)

    def _control(self, kind: int, flags: int, payload: bytes) -> Frame:
        try:
            if kind == SYN_STREAM:
                stream = struct.unpack_from("!I", payload)[0] & _STREAM_MASK
                return Frame(kind, stream, flags, headers=self._read_headers(payload[10:]))
            if kind == RST_STREAM:
                return Frame(kind, struct.unpack_from("!I", payload)[0] & _STREAM_MASK)
        except (struct.error, zlib.error, UnicodeDecodeError) as error:
            raise SpdyError(f"a frame of type {kind} cannot be read: {error}") from error
        return Frame(kind, payload=payload)

    def _read_headers(self, packed: bytes) -> dict[str, str]:
        raw = self._headers.decompress(packed, _MAX_HEADERS)
        (count,) = struct.unpack_from("!I", raw)
        found, position = {}, 4
        for _ in range(count):
            name, position = _text(raw, position)
            value, position = _text(raw, position)
            found[name.lower()] = value
        return found


class Writer:
    """Makes the bytes of one side's frames, in the order they are sent."""

    def __init__(self) -> None:
        self._headers = zlib.compressobj(zdict=DICTIONARY)

    def reply(self, stream: int) -> bytes:
        """The stream is accepted."""
        return _framed(SYN_REPLY, struct.pack("!I", stream) + self._packed({}))

    def syn(self, stream: int, headers: Mapping[str, str]) -> bytes:
        """A stream of our own."""
        return _framed(SYN_STREAM, struct.pack("!IIH", stream, 0, 0) + self._packed(headers))

    def data(self, stream: int, payload: bytes, *, last: bool = False) -> bytes:
        return struct.pack("!II", stream, (FIN if last else 0) << 24 | len(payload)) + payload

    def reset(self, stream: int) -> bytes:
        """The stream is refused."""
        return _framed(RST_STREAM, struct.pack("!II", stream, 3))

    def ping(self, payload: bytes) -> bytes:
        """The answer to a ping is the same ping."""
        return _framed(PING, payload)

    def _packed(self, headers: Mapping[str, str]) -> bytes:
        raw = struct.pack("!I", len(headers)) + b"".join(
            struct.pack("!I", len(text)) + text.encode() for pair in headers.items() for text in pair
        )
        return self._headers.compress(raw) + self._headers.flush(zlib.Z_SYNC_FLUSH)


def _framed(kind: int, payload: bytes) -> bytes:
    return struct.pack("!HHI", _CONTROL | _VERSION, kind, len(payload)) + payload


def _text(raw: bytes, position: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("!I", raw, position)
    end = position + 4 + length
    if end > len(raw):
        raise SpdyError("a header ends in the middle")
    return raw[position + 4 : end].decode(), end
