"""Strangers do not get in, floods end, and a browser that never reads costs little and goes."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

MEGABYTE = 1024 * 1024


def test_a_browser_that_never_reads_is_dropped_and_costs_little(server: Any) -> None:
    deaf = server.open()
    other = server.open()
    before = server.wait_until(lambda about: about["browsers"] == 2)["resident"]

    number = 0
    while server.about()["browsers"] == 2:
        server.put(50, size=20_000, first=number)
        number += 50
        other.wait_for(lambda event, last=number - 1: _has_number(event, last))
        assert server.about()["resident"] - before < 30 * MEGABYTE
        assert number < 1_000_000
    assert server.about()["browsers"] == 1
    deaf.until_closed()


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null"])
def test_another_origin_or_none_is_refused(server: Any, origin: str | None) -> None:
    assert server.open(origin=origin).status in {400, 401}


def test_whoever_is_not_signed_in_gets_no_socket_and_takes_nobodys_place(server: Any) -> None:
    strangers = [server.open(cookie="bad", hello=False) for _ in range(8)]  # there is room for four
    assert [each.status for each in strangers] == [401] * 8
    assert server.open().event()[0] == "snapshot"


def test_whoever_signs_out_sees_no_more(server: Any) -> None:
    browser = server.open()
    browser.event()
    server.sign_everybody_out()
    browser.until_closed()


def test_a_flood_of_messages_ends_the_connection(server: Any) -> None:
    browser = server.open()
    with contextlib.suppress(ConnectionError):
        for _ in range(10_000):
            browser.say('42["resync",{}]')
    browser.until_closed()


def test_a_large_message_ends_the_connection(server: Any) -> None:
    browser = server.open()
    browser.event()
    browser.say('42["resync","' + "x" * 60_000 + '"]')
    browser.until_closed()


def test_a_full_house_answers_503_and_pages_still_work(server: Any) -> None:
    for _ in range(4):
        server.open().event()
    refused = server.open()
    assert refused.status == 503
    assert "Retry-After" in refused.head
    assert server.about()["browsers"] == 4


def test_who_has_left_takes_nobody_s_place(server: Any) -> None:
    """A browser that comes back again and again is one browser."""
    for _ in range(10):
        browser = server.open()
        browser.event()
        browser.close()
        server.wait_until(lambda about: about["browsers"] == 0)


@pytest.mark.parametrize("said", ["x", "", "42", '42["unknown",{}]', '42["resync",{"a":1}]', "51-[]", "40/admin,", "6"])
def test_whoever_says_what_no_browser_says_is_cut_and_forgotten(server: Any, said: str) -> None:
    browser = server.open()
    browser.event()
    browser.say(said)
    browser.until_closed()
    server.wait_until(lambda about: about["browsers"] == 0, seconds=4)


def _has_number(event: dict[str, Any], number: int) -> bool:
    rows = [row for _, _, row in event.get("changes", [])] + list(event.get("views", {}).get("pods", {}).values())
    return any(row and row.get("number") == number for row in rows)
