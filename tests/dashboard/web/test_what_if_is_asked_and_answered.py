"""GET /scaling/what-if: a fragment, a document, and a sentence for whatever cannot be asked."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest

HPA = {
    "uid": "h1", "namespace": "flask", "name": "guestbook", "target": {"kind": "Deployment", "name": "guestbook"},
    "min": 1, "max": 8, "cpu_target": 50, "cpu_percent": 40, "current": 1, "desired": 1, "conditions": [],
    "behavior": {"up": {"stabilization_s": 0, "select": "Max",
                        "policies": [{"type": "Pods", "value": 2, "period_s": 15}]},
                 "down": {"stabilization_s": 60}},
}  # fmt: skip
ASKED = {"hpa": "h1", "target": "50", "min": "1", "max": "8", "window": "60"}
JSON = {"Accept": "application/json"}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def asked(web: Any) -> Any:
    """Asks with the settings as they are, but for what is given; three minutes of samples are there."""
    web.views.put("hpas", "h1", HPA)
    web.views.put("app", "guestbook", {"namespace": "flask", "name": "guestbook"})
    for second in range(180):
        busy = second >= 30
        sample = {
            "t": 1_795_000_000_000 + 1000 * second, "users": 60 if busy else 0, "cpu_target": 50,
            "cpu_percent": 120.0 + second // 15 if busy else 3.0, "replicas": 3 if second >= 60 else 1,
            "ready": 3 if second >= 64 else 1,
        }  # fmt: skip
        web.views.put("samples", str(sample["t"]), sample)
    client = web.signed_in()

    def ask(headers: Any = JSON, without: str = "", **given: str) -> Any:
        fields = {name: value for name, value in {**ASKED, **given}.items() if name != without}
        return client.get("/scaling/what-if", query_string=fields, headers=headers)

    return ask


class Points(HTMLParser):
    """The points of the fragment's chart."""

    found: Any = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        named = dict(attrs)
        if "data-points" in named:
            self.found = json.loads(named["data-points"])


def test_a_program_gets_every_second_with_a_sentence(asked: Any) -> None:
    answer = asked(target="70", max="2")

    assert answer.status_code == 200
    document = answer.get_json()
    assert len(document["points"]) == 180
    assert set(document["points"][0]) == {"t", "would", "was", "cpu_would", "cpu_was"}
    assert document["sentence"].startswith(
        "With a target of 70 % and a maximum of 2 it would have peaked at 2 replicas"
    )
    assert document["settings"] == {"target": 70, "min": 1, "max": 2, "window": 60}
    assert document["before"] == {"target": 50, "min": 1, "max": 8, "window": 60}
    assert document["hpa"] == {"namespace": "flask", "name": "guestbook", "uid": "h1"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_page_gets_a_fragment_with_text_table_and_points(asked: Any, htmx: Any) -> None:
    answer = asked(headers=htmx(), target="70")

    text = answer.get_data(as_text=True)
    assert "<html" not in text
    assert "it would have peaked" in text
    assert "<table" in text
    points = Points()
    points.feed(text)
    assert 2 <= len(points.found) < 180
    assert points.found[0]["t"] == 1_795_000_000_000
    assert points.found[-1]["t"] == 1_795_000_179_000


def test_what_a_person_did_meanwhile_is_told(asked: Any, web: Any) -> None:
    row = {"t": "2026-11-18T11:07:30.000Z", "hpa": {"uid": "h1"}, "by": "person"}
    assert not any("by others" in each for each in asked().get_json()["caveats"])
    web.views.put("decisions", "d", row)
    web.views.put("decisions", "long ago", {**row, "t": "2020-01-01T00:00:00.000Z"})

    assert any("by others than the HPA once in this time" in each for each in asked().get_json()["caveats"])


def test_an_hpa_may_be_named_by_namespace_and_name(asked: Any) -> None:
    assert asked(hpa="flask/guestbook").get_json()["hpa"]["uid"] == "h1"


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"hpa": "gone"}, 404, "There is no HPA 'gone'"),
        ({"hpa": ""}, 422, "Say which HPA"),
        ({"target": "0"}, 422, "CPU target: 0 is outside 1 to 1000"),
        ({"target": "NaN"}, 422, "CPU target: 'NaN' is not a whole number"),
        ({"target": "inf"}, 422, "not a whole number"),
        ({"target": "-5"}, 422, "outside"),
        ({"target": "50.5"}, 422, "not a whole number"),
        ({"target": "1e9"}, 422, "not a whole number"),
        ({"target": "1000000000"}, 422, "CPU target"),
        ({"max": "999999999999999999999"}, 422, "Most replicas"),
        ({"min": "5", "max": "4"}, 422, "Least replicas: 5 is more than the most, 4"),
        ({"min": "0"}, 422, "Least replicas: 0 is outside"),
        ({"window": "3601"}, 422, "Scale-down window: 3601 is outside 0 to 3600"),
        ({"window": "-1"}, 422, "outside"),
        ({"target": HOSTILE}, 422, "not a whole number"),
        ({"hpa": HOSTILE}, 404, "There is no HPA"),
        ({"run": "nonsense"}, 404, "There is no such run"),
        ({"run": HOSTILE}, 404, "There is no such run"),
        ({"run": "\0"}, 404, "There is no such run"),
        ({"tolerance": "1"}, 422, "is not a field of this form"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(
    asked: Any, htmx: Any, given: dict[str, str], status: int, words: str
) -> None:
    answer = asked(**given)
    assert (answer.status_code, words in answer.get_json()["message"]) == (status, True), answer.get_json()

    fragment = asked(headers=htmx(), **given)
    assert fragment.status_code == status
    assert HOSTILE not in fragment.get_data(as_text=True)
    assert "refusal" in fragment.get_data(as_text=True)


@pytest.mark.parametrize("field", ["target", "min", "max", "window"])
def test_nothing_may_be_missing(asked: Any, field: str) -> None:
    answer = asked(without=field)

    assert answer.status_code == 422
    assert "a number from" in answer.get_json()["message"]


def test_another_hpa_than_the_measured_one_is_refused(asked: Any, web: Any) -> None:
    web.views.put("hpas", "h2", {**HPA, "uid": "h2", "name": "shop", "target": {"kind": "Deployment", "name": "shop"}})

    answer = asked(hpa="h2")

    assert answer.status_code == 409
    assert "flask/shop is not measured every second" in answer.get_json()["message"]


def test_a_recorded_run_is_worked_on_by_the_same_words(asked: Any, recorded: Any) -> None:
    run_id = recorded()

    document = asked(run=run_id, max="3").get_json()

    assert document["run"] == run_id
    assert "a maximum of 3" in document["sentence"]
    assert any("A run keeps no scaling policies" in each for each in document["caveats"])


def test_a_run_of_an_hpa_that_is_gone_is_worked_on_too(asked: Any, recorded: Any, web: Any) -> None:
    run_id = recorded()
    web.views.remove("hpas", "h1")

    answer = asked(run=run_id, without="hpa")

    assert answer.status_code == 200
    assert answer.get_json()["hpa"]["name"] == "guestbook"


def test_a_run_of_another_hpa_is_refused(asked: Any, recorded: Any) -> None:
    run_id = recorded(scaled={"workload": None, "hpa": {"namespace": "shop", "name": "web", "min": 1, "max": 2}})

    assert asked(run=run_id).status_code == 409


def test_autoscalers_that_may_not_be_read_are_not_said_to_be_gone(asked: Any, web: Any) -> None:
    web.views.put("connection", "horizontalpodautoscalers", {"state": "forbidden"})

    answer = asked(hpa="h7")

    assert answer.status_code == 403
    assert "may not be read" in answer.get_json()["message"]


def test_without_samples_it_says_so(web: Any) -> None:
    web.views.put("hpas", "h1", HPA)
    answer = web.signed_in().get("/scaling/what-if", query_string=ASKED, headers=JSON)

    assert answer.status_code == 200
    assert answer.get_json()["points"] == []
    assert "nothing to work with" in answer.get_json()["sentence"]


def test_nothing_is_written(asked: Any, web: Any, recorded: Any) -> None:
    run_id = recorded()
    before, files = web.views.snapshot(), web.archive.path.read_bytes()
    asked(target="10")
    asked(run=run_id, target="10")

    assert web.views.snapshot() == before
    assert web.archive.path.read_bytes() == files
    assert web.actions.asked == []


def by(web: Any, *metrics: tuple[str, str, dict[str, Any]], name: str = "guestbook") -> None:
    found = [
        {"type": type_, "name": of, "container": None, "object": None, "target": target, "current": None}
        for type_, of, target in metrics
    ]  # fmt: skip
    web.views.put("hpas", "h1", {**HPA, "metrics": found, "target": {"kind": "Deployment", "name": name}})


def test_an_hpa_that_does_not_scale_by_cpu_is_not_imagined_and_has_no_sliders(asked: Any, web: Any) -> None:
    by(web, ("Resource", "memory", {"average_value": "20Mi", "utilization": None}), ("External", "queue", {}))
    answer = asked()
    assert answer.status_code == 409
    assert "does not scale by CPU in percent of the request but by memory and queue (external)" in answer.text
    page = web.signed_in().get("/scaling?hpa=flask/guestbook").text
    assert "does not scale by CPU in percent of the request but by memory and queue (external)" in page
    assert 'class="what-if-body" hidden' in page
    by(web, ("Resource", "cpu", {"utilization": 50}), ("Resource", "memory", {"average_value": "20Mi"}))
    assert asked().status_code == 200


def test_an_hpa_that_is_not_measured_says_so_at_once_and_offers_its_own_runs_only(asked: Any, web: Any) -> None:
    by(web, ("Resource", "cpu", {"utilization": 50}), name="other")
    page = web.signed_in().get("/scaling?hpa=flask/guestbook").text
    assert "is not measured every second, only what scales flask/guestbook is" in page
    assert "the last 30 minutes, live" not in page
    assert "no run of it is recorded" in page
    assert 'hx-trigger="input' in page  # and nothing is asked before somebody asks
    assert " data-live" not in page
