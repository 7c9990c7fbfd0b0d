"""Werkzeug's server, as tests need it: quiet, every body closed, templates compiled once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.serving import WSGIRequestHandler

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def whole(app: WSGIApplication) -> WSGIApplication:
    """`app` with every body read and closed before it is sent.

    Werkzeug's server leaves the file of a static answer open when the browser goes away in the middle of it: discarding
    what is left of the request fails before the body is closed.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        body = app(environ, start_response)
        try:
            return list(body)
        finally:
            if isinstance(body, Closing):
                body.close()

    return answer


@runtime_checkable
class Closing(Protocol):
    """A body that holds something, a file for one."""

    def close(self) -> None:
        """Let go of it."""


class CompiledOnce(BytecodeCache):
    """The templates' bytecode, for every app of this process: compiling takes longer than most tests."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja's: what is known of this template and this text of it."""
        if code := self._code.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja's: keep it."""
        self._code[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


COMPILED = CompiledOnce()


class QuietHandler(WSGIRequestHandler):
    """Says nothing in the log."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's signature
        """Nothing: a test's output is its own."""
