"""The way of the figures in a real browser: it breaks and mends live, and a choice has to be in the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

BUNDLE = "metrics-server"
WAIT = 40_000
"""Milliseconds: what a slow machine needs."""


def test_a_broken_link_is_told_live_and_leads_to_its_repair(open_page: Callable[..., Any], stand: Any) -> None:
    stand.script.everything()
    stand.script.pipeline()
    page = open_page()
    card = page.locator("#pipeline")
    expect(card.locator(".link")).to_have_count(7, timeout=WAIT)
    expect(card.locator(".pipeline-repair")).to_be_hidden(timeout=WAIT)

    stand.script.pipeline(api_service=("broken", "missing"), hpa=("unknown", "reads nothing, since"))

    expect(card.locator(".pipeline-fault")).to_have_text("HPA flask/guestbook gets no figures: missing.", timeout=WAIT)
    expect(card.locator("[data-key='api_service']")).to_contain_text("broken", timeout=WAIT)
    expect(card.locator("[data-key='hpa']")).to_contain_text("unknown", timeout=WAIT)

    stand.actions.planned = "fresh"
    stand.actions.documents["plans"]["fresh"]["options"] = {BUNDLE: []}
    card.get_by_role("link", name="Repair…").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Repair the metrics pipeline", timeout=WAIT)
    way = page.locator(".way-link[data-fault]")
    expect(way).to_contain_text("in its own words", timeout=WAIT)
    button = page.get_by_role("button", name="Apply the repair")
    expect(button).to_be_enabled(timeout=WAIT)

    page.get_by_role("checkbox", name="Do not check the certificates").check()

    expect(button).to_be_disabled(timeout=WAIT)
    expect(page.locator("#apply-why")).to_contain_text("plan again", timeout=WAIT)
    page.get_by_role("link", name="Plan again with this choice").click()
    page.wait_for_url("**option=metrics-server%3Akubelet_insecure_tls*")
    assert stand.actions.chosen == {BUNDLE: ("kubelet_insecure_tls",)}

    stand.script.pipeline()

    expect(page.locator(".way-link[data-tone='ok']")).to_have_count(7, timeout=WAIT)
    expect(page.locator(".way-sentence")).to_have_text("HPA flask/guestbook is well.", timeout=WAIT)
