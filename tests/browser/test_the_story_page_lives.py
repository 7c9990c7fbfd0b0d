"""The page of the story in a browser: live lines, pause, folds by keyboard, the reader's own time; denied reads too."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.kube.rules import rule_of

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
SHAPES = {"wide": (1440, 1000), "narrow": (390, 844)}


def keep(page: Any, name: str) -> None:
    folder = os.environ.get("SURGEBOARD_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def line(key: str, t: str = "05:00:00", **more: Any) -> dict[str, Any]:
    return {"id": key, "t": f"2026-11-23T{t}.000Z", "kind": "warning", "text": f"{key} does not pass a check.",
            "count": 1, "reason": "Unhealthy", "by": "kubelet", "quiet": False,
            "object": {"kind": "Pod", "namespace": "flask", "name": "guestbook-7d9f86b5c4-x2kqp"}, **more}  # fmt: skip


def tell(stand: Any) -> None:
    hpa = {"kind": "HorizontalPodAutoscaler", "namespace": "flask", "name": "guestbook"}
    total = [
        {"label": "CPU ÷ target", "value": "201 ÷ 50 = 4.02", "deciding": False},
        {"label": "bounds", "value": "1 to 8", "deciding": True},
    ]
    pods = [
        line(f"pod {pod}", f"05:02:0{n}",
             object={"kind": "Pod", "namespace": "flask", "name": f"guestbook-7d9f86b5c4-{pod}"})
        for n, pod in enumerate(("x2kqp", "m4dzt", "q7hsl"))
    ]  # fmt: skip
    stand.story.write("c1", [
        line("apply", "04:50:00", kind="apply", object=None, by="operator", reason=None,
             text="Deploying metrics-server, mongodb, flask and load, asked for by operator."),
        line("swarm", "05:00:00", kind="swarm", object=None, by="operator", reason=None,
             text="60 load users on guestbook, steps, started by operator."),
        line("scaled", "05:00:15", kind="scaled", object=hpa, by="horizontal-pod-autoscaler", sum=total,
             text="guestbook 1 → 3 replicas: CPU 201 % of request is 4.0 × its target of 50 %; limited to +2 pods.",
             reason="SuccessfulRescale"),
        *pods,
        line("oom", "05:06:00", kind="oom", by=None, reason=None,
             text="The container app of pod guestbook-7d9f86b5c4-x2kqp went over its memory limit and was killed."),
        line("many", "05:09:00", count=12, first="2026-11-23T05:07:00.000Z", reason="BackOff",
             text="Pod guestbook-7d9f86b5c4-x2kqp keeps failing, Kubernetes waits before it restarts it.",),
        line("failover", "05:12:00", kind="failover", by=None, reason=None,
             object={"kind": "Pod", "namespace": "mongodb", "name": "mongo-1"},
             text="mongo-1 is primary now, before it was mongo-0."),
        line("stop", "05:14:00", kind="stop", object=None, by="operator", reason=None,
             text="Swarm stopped by operator."),
    ])  # fmt: skip


@pytest.fixture
def page(stand: Any, open_page: Open) -> Any:
    stand.script.connect()
    tell(stand)
    opened = open_page()
    opened.goto(f"{stand.url}/story")
    opened.wait_for_selector("#connection[data-tone='live']")
    return opened


def keys(page: Any) -> list[str]:
    return list(page.eval_on_selector_all("#lines > .line", "lines => lines.map((line) => line.dataset.key)"))


def test_new_lines_come_on_top_and_only_those_that_fit(stand: Any, page: Any) -> None:
    before = keys(page)
    page.goto(f"{stand.url}/story?text=web")
    page.wait_for_selector("#connection[data-tone='live']")
    stand.views.put("story", "other", line("other", "05:20:00"))
    stand.views.put("story", "mine", line("mine", "05:20:01", text="web-0 does not pass."))
    page.wait_for_selector(".line[data-key='mine']")
    assert keys(page) == ["mine"]
    assert page.is_hidden("#no-lines")
    page.goto(f"{stand.url}/story")
    page.wait_for_selector(".line[data-key='mine']")
    assert keys(page) == ["mine", "other", *before]


def test_a_line_that_happens_again_says_so_in_its_place(stand: Any, page: Any, until: Any) -> None:
    stand.views.put("story", "new", line("new", "05:20:00"))
    page.wait_for_selector(".line[data-key='new']")
    stand.views.put("story", "new", line("new", "05:21:00", count=5, first="2026-11-23T05:20:00.000Z"))
    until(page, "document.querySelector(\".line[data-key='new'] .times\").textContent.includes('× 5')")
    assert keys(page).count("new") == 1


def test_a_pause_holds_the_lines_back_and_counts_them(stand: Any, page: Any, until: Any) -> None:
    page.click("#lines-pause")
    stand.views.put("story", "new", line("new", "05:20:00"))
    until(page, "document.querySelector('#lines-pause').textContent === 'Resume · 1 new'")
    assert "new" not in keys(page)
    page.click("#lines-pause")
    page.wait_for_selector(".line[data-key='new']")


def test_folds_open_by_keyboard(page: Any) -> None:
    for fold, words in ((".line-more", "pod x2kqp does not pass"), (".line-sum", "201 ÷ 50")):
        page.focus(f"{fold} > summary")
        page.keyboard.press("Enter")
        assert words in page.inner_text(f"{fold}[open]")


def test_the_filter_is_sent_by_enter_with_the_reader_s_own_time(stand: Any, open_page: Open) -> None:
    stand.script.connect()
    tell(stand)
    page = open_page(timezone_id="Asia/Tokyo")  # nine hours ahead of UTC
    page.goto(f"{stand.url}/story")
    page.wait_for_selector("#connection[data-tone='live']")
    assert page.inner_text(".line[data-key='stop'] > time") == "23 Nov 14:14:00"
    assert "your time" in page.inner_text("#story-filter")
    page.fill("[name=to]", "2026-11-23T14:00")
    page.focus("[name=text]")
    page.keyboard.type("operator")
    page.keyboard.press("Enter")
    page.wait_for_url("**/story?*")
    page.wait_for_selector("#connection[data-tone='live']")
    assert "to=2026-11-23T05%3A00Z" in page.url
    assert "kind=" not in page.url
    assert keys(page) == ["swarm", "apply"]
    assert page.input_value("[name=to]") == "2026-11-23T14:00"


def test_a_story_that_is_not_kept_any_more_is_said_at_once(stand: Any, page: Any) -> None:
    stand.views.put("story_kept", "current", {"state": "unavailable", "sentence": "The disk is full."})
    page.wait_for_selector("#story-trouble:not([hidden])")
    stand.views.put("story_kept", "current", {"state": "kept", "sentence": None})
    page.wait_for_selector("#story-trouble", state="hidden")


def deny(stand: Any, *reads: str) -> None:
    paths = {
        "events": "/api/v1/events", "pods": "/api/v1/pods", "metrics": "/apis/metrics.k8s.io/v1beta1/pods",
        "deployments": "/apis/apps/v1/deployments",
        "horizontalpodautoscalers": "/apis/autoscaling/v2/horizontalpodautoscalers",
    }  # fmt: skip
    for read in reads:
        rule = rule_of("list", paths[read]).of("list", "watch").document()
        stand.views.put("connection", read, {"state": "forbidden", "since": None, "detail": "no", "rule": rule})


def test_a_read_that_becomes_denied_is_told_on_the_open_page(stand: Any, page: Any) -> None:
    deny(stand, "events")
    page.wait_for_selector("[data-denied='events']:not([hidden])")
    page.click("[data-denied='events'] summary")
    assert "kind: ClusterRole" in page.inner_text("[data-denied='events'] .denied-rule")
    assert "One read is denied" in page.inner_text("#denied")
    stand.views.put("connection", "events", {"state": "live", "since": None, "detail": None, "rule": None})
    page.wait_for_selector("#denied", state="hidden")
    assert page.is_hidden("[data-denied='events']")


def test_the_stage_says_denied_where_a_figure_would_be(stand: Any, open_page: Open, until: Any) -> None:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#connection[data-tone='live']")
    until(page, "/\\d/.test(document.querySelector('#figures [data-f=cpu]').textContent)")
    deny(stand, "metrics", "pods", "horizontalpodautoscalers", "events", "deployments")
    until(page, "document.querySelector('#figures [data-f=cpu]').textContent === 'denied'")
    for card in ("pods", "why", "story", "pipeline"):
        assert "denied:" in page.inner_text(f"#{card}"), card
    keep(page, "denied-stage-wide")
    stand.views.put("connection", "metrics", {"state": "live"})
    for read in ("pods", "deployments"):
        stand.views.put("connection", read, {"state": "live", "since": None})
    until(page, "/\\d/.test(document.querySelector('#figures [data-f=cpu]').textContent)")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_state_is_drawn(stand: Any, open_page: Open, shape: str, dark: bool) -> None:
    stand.script.connect()
    width, height = SHAPES[shape]
    page = open_page(width=width, height=height, dark=dark)
    page.goto(f"{stand.url}/story")
    page.wait_for_selector("#connection[data-tone='live']")
    name = f"{shape}-{'dark' if dark else 'light'}"
    keep(page, f"story-empty-{name}")
    tell(stand)
    page.goto(f"{stand.url}/story")
    page.wait_for_selector("#connection[data-tone='live']")
    for fold in page.query_selector_all("main details > summary"):
        fold.click()
    keep(page, f"story-{name}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    deny(stand, "events", "pods")
    stand.views.put(
        "story_kept", "current", {"state": "unavailable", "sentence": "The story goes on, but is not kept."}
    )
    page.wait_for_selector("[data-denied='events']:not([hidden])")
    page.click("#denied summary")
    keep(page, f"story-denied-{name}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
