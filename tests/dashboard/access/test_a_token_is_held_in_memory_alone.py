"""A token is read while it holds, and forgotten when it runs out, when its session ends, whoever has a credential."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.access.held import HeldToken, expiry_of
from dashboard.access.sessions import IDLE_S, TOKEN_MAX, Standing
from dashboard.kube.errors import Unauthorized


def test_a_token_is_gone_at_its_end() -> None:
    now = [10.0]
    held = HeldToken("secret", lambda: now[0], 20.0)
    credential = held.credential("ada")
    assert credential.header() == "Bearer secret"
    now[0] = 20.0
    with pytest.raises(Unauthorized):
        credential.header()
    now[0] = 10.0
    assert held.read() is None


def test_it_has_no_text_form_to_get_into_a_log(house: Any) -> None:
    session, _ = house.door.by_token("t-ada", {})
    assert "t-ada" not in repr(session)
    assert "t-ada" not in repr(session.credential)
    assert "t-ada" not in repr(session.held)


def test_signing_out_forgets_the_token_for_whoever_still_has_the_credential(house: Any) -> None:
    session, secret = house.door.by_token("t-ada", {})
    credential = session.credential
    house.sessions.close(session.id)
    assert credential.token() is None
    assert house.sessions.find(secret) is None


@pytest.mark.parametrize("waited", [IDLE_S + 1, 25 * 3600])
def test_a_session_that_is_over_keeps_no_token(house: Any, waited: float) -> None:
    session, _ = house.door.by_token("t-ada", {})
    house.clock.now += waited
    house.rechecks.tick()
    assert session.held.read() is None


def test_a_session_ends_when_its_token_does(house: Any, jwt: Any) -> None:
    token = jwt(exp=1060)
    house.cluster.people[token] = "ada"
    session, secret = house.door.by_token(token, {})
    assert session.expires_at == 1060
    house.clock.now = 1059.0
    assert house.sessions.find(secret) is session
    house.clock.now = 1060.0
    assert house.sessions.find(secret) is None


@pytest.mark.parametrize(
    "text", ["", "opaque", "a.b", "a.!!.c", "a.bm90IGpzb24.c", "a.W10.c", "a.eyJleHAiOiAieCJ9.c", "a.b.c.d", "a.ÿ.c"]
)
def test_a_token_that_tells_no_end_has_none(text: str) -> None:
    assert expiry_of(text) is None


def test_a_token_tells_its_end(jwt: Any) -> None:
    assert expiry_of(jwt(exp=1234567890)) == 1234567890
    assert expiry_of(jwt(sub="x")) is None
    assert expiry_of(jwt(exp=True)) is None


def test_nobody_crowds_the_others_out(house: Any) -> None:
    other, _ = house.door.by_token("t-bo", {})
    mine = []
    for _ in range(TOKEN_MAX + 3):
        house.clock.now += 1
        mine.append(house.door.by_token("t-ada", {})[0])
    assert house.sessions.is_open(other.id)
    assert [house.sessions.is_open(each.id) for each in mine] == [False] * 3 + [True] * TOKEN_MAX
    assert mine[0].held.read() is None


def test_a_session_put_in_place_of_another_ends_that_one(house: Any) -> None:
    first = house.sessions.open_as("key", Standing("ada"))
    closed: list[str] = []
    house.sessions.on_close(closed.append)
    second = house.sessions.open_as("key", Standing("ada"))
    assert closed == [first.id]
    assert house.sessions.find("key") is second
