"""Log lines and messages as they may be shown: no credentials, no control characters, no end in sight cut."""

from __future__ import annotations

import pytest

from dashboard.redaction import LONGEST_LINE, plain


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("GET / Authorization: Bearer abc.def.ghi", "abc.def.ghi"),
        ('{"authorization": "Basic dXNlcjpwYXNz"}', "dXNlcjpwYXNz"),
        ("Cookie: session=s3cr3tvalue; a=b", "s3cr3tvalue"),
        ("mongodb://guestbook:hunter2hunter2@mongo-0.mongo:27017/?authSource=admin", "hunter2hunter2"),
        ("connecting with password=hunter2hunter2 now", "hunter2hunter2"),
        ('{"client_secret": "hunter2hunter2"}', "hunter2hunter2"),
        ("POST /login?token=0123456789abcdef&next=/", "0123456789abcdef"),
        ("jwt eyJhbGciOiJSUzI1NiIs.eyJpc3MiOiJrdWJl.c2lnbmF0dXJl end", "c2lnbmF0dXJl"),
        ("API_KEY: hunter2hunter2", "hunter2hunter2"),
        ("a route failed: POST /app/~Zk3_-9aQ0123456789abcdefABCDEF01/entries", "Zk3_-9aQ0123456789abcdefABCDEF01"),
    ],
)
def test_what_looks_like_a_credential_is_hidden(line: str, secret: str) -> None:
    shown = plain(line)

    assert secret not in shown
    assert "<hidden>" in shown


@pytest.mark.parametrize(
    "line",
    [
        'pods "web-1" is forbidden: exceeded quota: rq, requested: pods=1, used: pods=4, limited: pods=4',
        'MountVolume.SetUp failed for volume "s" : secret "missing" not found',
        "Get http://10.88.0.90:8080/nosuch: connection refused",
    ],
)
def test_other_words_stay(line: str) -> None:
    assert plain(line) == line


def test_only_text_is_left() -> None:
    assert plain("\x1b[1;31mred\x1b[0m\ta\x00b\u202ec") == "red    a�b�c"


def test_a_long_line_is_cut() -> None:
    assert plain("x" * 100_000) == "x" * LONGEST_LINE + "…"
