"""The Stage's Why card on a plain GET: gauge, state as word and shape, the sum with its decider, what it rests on."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

ROWS = json.loads((Path(__file__).resolve().parents[1] / "fixtures" / "scaling-rows.json").read_text())
HPA = {"uid": "uid-hpa", "namespace": "flask", "name": "guestbook", "min": 1, "max": 8, "cpu_target": 50}


def card(web: Any) -> str:
    text = html.unescape(web.signed_in().get("/").text)
    found = re.search(r'<section id="why".*?</section>', text, re.DOTALL)
    assert found is not None
    return found[0]


def fill(web: Any, why: str) -> None:
    web.views.put("connection", "cluster", {"state": "live", "cluster": "local", "since": None, "detail": ""})
    web.views.put("hpas", "uid-hpa", HPA)
    row = ROWS[why]
    quiet = {"metrics_at": None, "countdowns": [], "evidence": [{**each, "at": None} for each in row["evidence"]]}
    web.views.put("why", "uid-hpa", {**row, **quiet})


def test_it_shows_gauge_state_and_the_step_that_decided(web: Any) -> None:
    fill(web, "why")
    text = card(web)
    assert 'aria-label="CPU 167 % of the request, target 50 %: 3.34 times the target" data-over' in text
    assert re.search(
        r'data-tone="waiting"><span class="shape"[^>]*></span><span data-f="word">Held by its policies', text
    )
    pairs = re.findall(r'<div class="pair".*?</div>', text)
    assert [i for i, pair in enumerate(pairs) if "data-deciding" in pair] == [4]
    assert "decides" in pairs[4]
    assert "SuccessfulRescale" in text[text.index("<details") :]
    assert 'title="Worked out again here by the documented algorithm' in text
    assert 'href="/scaling"' in text


def test_without_figures_the_gauge_is_empty_and_says_so(web: Any) -> None:
    fill(web, "no_metrics")
    text = card(web)
    assert 'aria-label="CPU is not known, target 50 %" data-unknown' in text
    assert "Deploy the bundle metrics-server." in text
    assert '<div class="pair"' not in text


def test_before_there_is_an_autoscaler_it_says_what_will_be_here(web: Any) -> None:
    web.views.put("connection", "cluster", {"state": "live", "cluster": "local", "since": None, "detail": ""})
    text = card(web)
    assert "Once an autoscaler is deployed" in text
    assert re.search(r'<p class="why-state"[^>]* hidden>', text)
