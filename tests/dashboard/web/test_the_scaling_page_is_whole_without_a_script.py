"""A plain GET of the Scaling page tells of one HPA: gauge, state, sum, evidence, decisions; and why there is none."""

from __future__ import annotations

import html
import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROWS = json.loads((Path(__file__).resolve().parents[1] / "fixtures" / "scaling-rows.json").read_text())
HPA = {
    "uid": "uid-hpa", "namespace": "flask", "name": "guestbook", "target": {"kind": "Deployment", "name": "guestbook"},
    "min": 2, "max": 8, "cpu_percent": 167, "cpu_target": 50, "conditions": [],
    "behavior": {"up": None, "down": {"stabilization_s": 60, "select": None, "policies": [], "tolerance": None}},
}  # fmt: skip
MOMENTS = ("at", "t", "ends_at", "metrics_at")


def dated(value: Any, now: float) -> Any:
    """The fixture's seconds from now as times."""
    if isinstance(value, list):
        return [dated(each, now) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: datetime.fromtimestamp(now + each, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if key in MOMENTS and isinstance(each, int)
        else dated(each, now)
        for key, each in value.items()
    }


def fill(web: Any, why: str = "why", **changes: Any) -> None:
    web.views.put("connection", "cluster", {"state": "live", "cluster": "local", "since": None, "detail": ""})
    web.views.put("hpas", "uid-hpa", HPA)
    web.views.put("why", "uid-hpa", {**dated(ROWS[why], time.time()), **changes})
    for row in dated(ROWS["decisions"], time.time()):
        web.views.put("decisions", row["id"], {**row, "hpa": {"namespace": "flask", "name": "guestbook", "uid": "u"}})


def get(web: Any, path: str = "/scaling") -> str:
    return html.unescape(web.signed_in().get(path).text)


def part(text: str, name: str) -> str:
    """The section with this id, without its tags."""
    found = re.search(rf'<section id="{name}".*?</section>', text, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split())


def shown(text: str, name: str) -> bool:
    return " hidden" not in text[text.index(f'id="{name}"') :].split(">", 1)[0].replace('class="hidden-words"', "")


def test_one_hpa_is_explained(web: Any) -> None:
    fill(web)
    text = get(web)
    now = part(text, "now")
    for words in ("167 %", "target 50 %", "3.34 × target", "Held by its policies", "Growing as fast as its policies",
                  "next look of the HPA in", "the policy allows 2 more pods in 5 min",
                  "a wish for 8 replicas still counts in 7 min"):  # fmt: skip
        assert words in now, words
    assert 'aria-label="CPU 167 % of the request, target 50 %: 3.34 times the target"' in text
    assert "flask / guestbook" in text
    assert "scales Deployment guestbook" in text
    assert "2 to 8 replicas" in text


def test_each_step_of_the_sum_is_a_line_and_the_deciding_one_is_marked(web: Any) -> None:
    fill(web)
    text = get(web)
    lines = re.findall(r'<li class="sum-step".*?</li>', text[: text.index('id="evidence"')], re.DOTALL)
    assert len(lines) == 7
    assert [i for i, line in enumerate(lines) if "data-deciding" in line.split(">", 1)[0]] == [4]
    assert "decides" in lines[4]
    assert "Worked out again here by the documented algorithm" in part(text, "sum")


def test_what_it_rests_on_and_every_metric_are_told(web: Any) -> None:
    fill(web)
    proofs = part(get(web), "evidence")
    for words in ("condition ScaleUpLimit", "5 min ago", "Event SuccessfulRescale", "cpu Resource 167 % 50 % 3.34 17",
                  "requests-per-second Pods 84 100 – – Not worked out here"):  # fmt: skip
        assert words in proofs, words


def test_what_is_not_known_is_an_empty_gauge_and_never_zero(web: Any) -> None:
    fill(web, "no_metrics")
    text = get(web)
    assert 'aria-label="CPU is not known, target 50 %" data-unknown' in text
    now = part(text, "now")
    assert "CPU not known" in now
    assert "0 %" not in now.replace("50 %", "")
    assert "Deploy the bundle metrics-server." in now
    assert "There is nothing to compute." in part(text, "sum")


def test_decisions_are_told_newest_first_with_who_made_them(web: Any) -> None:
    fill(web)
    text = part(get(web), "decisions")
    order = [text.index(words) for words in ("at 5", "2 → 5", "3 → 2", "1 → 3")]
    assert order == sorted(order)
    for words in ("by a person, with kubectl", "by the HPA", "Limited by its scale-up policies.", "CPU was not known",
                  "CPU 201 % of the request, target 50 %.", "+2 pods per 30 s", "Set by somebody else"):  # fmt: skip
        assert words in text, words


def test_what_was_before_the_dashboard_started_is_told_as_such(web: Any) -> None:
    fill(web)
    assert "told afterwards" not in part(get(web), "decisions")
    row = {
        "id": "old", "t": "2026-11-23T10:00:00Z", "before": 3, "after": 2, "by": "other", "manager": None, "sum": None,
        "state": "manual_scale", "confidence": "inferred", "sentence": "Somebody who is not recorded set it.",
        "hpa": {"namespace": "flask", "name": "guestbook", "uid": "u"}, "cpu_percent": None, "cpu_target": None,
    }  # fmt: skip
    web.views.put("decisions", "old", row)
    text = part(get(web), "decisions")
    assert "by somebody else, told afterwards" in text
    assert "Inferred: it was before this dashboard started." in text


def test_of_several_the_address_chooses_one(web: Any) -> None:
    fill(web)
    other = {**HPA, "uid": "u2", "namespace": "shop", "name": "web", "target": {"kind": "Deployment", "name": "web"}}
    web.views.put("hpas", "u2", other)
    web.views.put("why", "u2", {"state": "at_min", "sentence": "At its minimum of 2 replicas."})
    text = get(web)
    assert shown(text, "hpa-choices")
    assert "At its minimum" in text
    for address in ("shop/web", "u2"):
        chosen = get(web, f"/scaling?hpa={address}")
        assert "shop / web" in chosen
        assert "At its minimum of 2 replicas." in part(chosen, "now")
        assert "No change of the replicas has been seen yet" in part(chosen, "decisions")


@pytest.mark.parametrize(
    ("connection", "query", "words"),
    [
        ({"cluster": "syncing"}, "", "The cluster is being read"),
        ({"cluster": "live"}, "", "Nothing scales by itself yet"),
        ({"cluster": "live"}, "?hpa=shop/gone", "There is no autoscaler shop/gone"),
        ({"cluster": "live", "horizontalpodautoscalers": "forbidden"}, "", "The autoscalers may not be read"),
    ],
)
def test_without_one_it_says_why(web: Any, connection: dict[str, str], query: str, words: str) -> None:
    rule = {"sentence": "needs list and watch horizontalpodautoscalers", "yaml": "kind: ClusterRole"}
    for key, state in connection.items():
        found = rule if state == "forbidden" else None
        web.views.put("connection", key, {"state": state, "since": None, "detail": "", "rule": found})
    text = get(web, f"/scaling{query}")
    assert words in part(text, "absence")
    assert 'data-shown="nothing"' in text
    assert ("kind: ClusterRole" in part(text, "absence")) == ("horizontalpodautoscalers" in connection)


def test_names_that_mean_harm_stay_text(web: Any) -> None:
    evil = "<img src=x onerror=alert(1)>"
    fill(web, sentence=evil, evidence=[{"kind": "Event", "name": evil, "text": evil, "at": None}])
    assert "<img src=x" not in web.signed_in().get("/scaling").text
    assert "<img src=x" not in web.signed_in().get(f"/scaling?hpa={evil}").text


def test_what_if_begins_with_the_hpas_own_settings(web: Any) -> None:
    fill(web)
    text = part_of_form(get(web))
    for name, value in (("target", 50), ("min", 2), ("max", 8), ("window", 60)):
        assert re.search(rf'name="{name}"[^>]* value="{value}"', text), name


def part_of_form(text: str) -> str:
    return text[text.index('id="what-if"') : text.index("</section>", text.index('id="what-if"'))]


def test_what_if_is_worked_out_without_a_script_too(web: Any, recorded: Any) -> None:
    fill(web)
    run = recorded()
    typed = f"/scaling?hpa=uid-hpa&target=70&min=1&max=8&window=60&run={run}"
    form = part_of_form(get(web, typed))
    assert 'name="target"' in form
    assert 'value="70"' in form
    assert f'<option value="{run}" selected>' in form
    assert "With a target of 70 %" in form
    assert "would have been" in form
    wrong = part_of_form(get(web, typed.replace("target=70", "target=0")))
    assert "CPU target: 0 is outside 1 to 1000." in wrong


def test_the_same_is_there_for_programs(web: Any) -> None:
    fill(web)
    document = web.signed_in().get("/api/v1/scaling").json
    assert document["hpas"][0]["why"]["state"] == "rate_limited"
    assert [each["id"] for each in document["decisions"]] == ["d4", "d3", "d2", "d1"]
    assert web.signed_in().get("/api/v1/scaling?hpa=shop/web").json["hpas"] == []


def test_a_recorded_run_is_asked_what_if_also_when_nothing_scales_any_more(web: Any, recorded: Any) -> None:
    web.views.put("connection", "cluster", {"state": "live", "cluster": "local", "since": None, "detail": ""})
    assert not shown(get(web), "what-if")
    run = recorded()
    text = get(web)
    assert shown(text, "what-if")
    form = part_of_form(text)
    assert "the last 30 minutes, live" not in form
    assert f'<option value="{run}">' in form
