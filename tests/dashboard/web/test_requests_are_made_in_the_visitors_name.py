"""Whatever a route asks of the cluster goes out with the visitor's credential; the next request begins without any."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.audit import asking
from dashboard.kube.credential import acting_with


@pytest.fixture
def heard(web: Any) -> list[str | None]:
    """In whose name the actions were asked."""
    names: list[str | None] = []
    take = web.actions._take

    def taken(*asked: Any, **more: Any) -> Any:
        person = acting_with.get()
        names.append(person.by if person else None)
        return take(*asked, **more)

    web.actions._take = taken
    return names


def test_a_page_and_an_action_of_a_person_are_theirs(web: Any, htmx: Any, heard: list[str | None]) -> None:
    client = web.signed_in(by="pia")
    client.get("/deploy/plan?bundle=flask")
    client.post("/swarm/stop", headers=htmx())

    assert len(heard) >= 2
    assert set(heard) == {"pia"}
    assert acting_with.get() is None


def test_the_framed_app_is_asked_as_who_opened_it_though_the_frame_sends_no_cookie(web: Any) -> None:
    names: list[str | None] = []
    ask = web.actions.app_request

    def asked(*given: Any) -> Any:
        person = acting_with.get()
        names.append(person.by if person else None)
        return ask(*given)

    web.actions.app_request = asked
    frame = web.signed_in(by="pia").get("/app/").headers["Location"]
    stranger = web.client()
    stranger.get(frame)
    stranger.post(f"{frame}entries", data={"text": "hi"}, headers={"Origin": "null", "Sec-Fetch-Site": "cross-site"})

    assert names == ["pia", "pia"]


def test_nothing_is_left_of_a_person_for_the_next_request_of_the_same_thread(web: Any) -> None:
    web.signed_in(by="pia").get("/deploy")
    assert (acting_with.get(), asking.get()) == (None, None)
    assert web.client().get("/healthz").status_code == 200
    assert (acting_with.get(), asking.get()) == (None, None)
