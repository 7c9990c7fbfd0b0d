"""A form is read, checked, handed to the actions with the person's name; what they refuse is said in place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.load.request import SwarmRequest

SWARM = {"users": "60", "spawn_rate": "10", "minutes": "3", "profile": "steps", "workers": "2"}


def test_deploy_takes_the_ticked_bundles_in_their_order(web: Any, htmx: Any) -> None:
    answer = web.signed_in().post("/deploy", headers=htmx(), data={"bundle": ["flask", "metrics-server", "mongodb"]})
    assert answer.status_code == 200
    assert web.actions.asked == [("deploy", (("metrics-server", "mongodb", "flask"), "operator"))]
    triggered = json.loads(answer.headers["HX-Trigger"])
    assert triggered["toast"]["text"] == "Deploying metrics-server, mongodb and flask."
    assert "deploy-started" in triggered


def test_a_swarm_is_asked_for_in_minutes_or_in_seconds(web: Any, htmx: Any) -> None:
    client = web.signed_in()
    client.post("/load/plan", headers=htmx(), data=SWARM)
    client.post("/load/plan", headers=htmx(), data={**SWARM, "minutes": "", "duration_s": "90"})
    wanted = SwarmRequest(users=60, spawn_rate=10, duration_s=180, profile="steps", workers=2)
    assert web.actions.asked[0] == ("plan_swarm", (wanted, "operator"))
    assert web.actions.asked[1][1][0].duration_s == 90


def test_the_number_of_users_is_changed(web: Any, htmx: Any) -> None:
    answer = web.signed_in().post("/swarm/users", headers=htmx(), data={"users": "80", "spawn_rate": "5"})
    assert web.actions.asked == [("set_swarm_users", (80, 5, "operator"))]
    assert "swarm-changed" in json.loads(answer.headers["HX-Trigger"])


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("users", "", "Load users: a number from 1 to 500 is needed."),
        ("users", "501", "Load users: 501 is outside 1 to 500."),
        ("users", "many", "Load users: &#39;many&#39; is not a whole number."),
        ("users", "1e2", "Load users: &#39;1e2&#39; is not a whole number."),
        ("users", "-1", "Load users: -1 is outside 1 to 500."),
        ("users", "١٢", "is not a whole number."),
        ("users", "9" * 40, "is not a whole number."),
        ("spawn_rate", "51", "New users per second: 51 is outside 1 to 50."),
        ("minutes", "16", "Minutes: 16 is outside 1 to 15."),
        ("duration_s", "901", "Seconds: 901 is outside 10 to 900."),
        ("workers", "51", "Workers: 51 is outside 1 to 50."),
        ("profile", "tsunami", "Choose a profile: steady, steps, spike, double wave, soak, ceiling."),
        ("target", "http://victim.example", "The target must be one of the listed Services."),
    ],
)
def test_a_wrong_field_is_named_in_a_sentence(web: Any, htmx: Any, field: str, value: str, sentence: str) -> None:
    headers = htmx(**{"HX-Target": "swarm-refusal"})
    answer = web.signed_in().post("/load/plan", headers=headers, data={**SWARM, field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert web.actions.asked == []


def test_teardown_wants_the_name_typed(web: Any, htmx: Any) -> None:
    client = web.signed_in()
    answer = client.post("/teardown", headers=htmx(), data={"bundle": "flask", "confirm": "flsk"})
    assert answer.status_code == 422
    assert web.actions.asked == []
    client.post("/teardown", headers=htmx(), data={"bundle": "flask", "confirm": " flask ", "seal": "5" * 64})
    assert web.actions.asked == [("teardown", ("flask", "operator"))]


@pytest.mark.parametrize("data", [{}, {"bundle": "everything"}])
def test_deploy_refuses_bundles_it_does_not_know(web: Any, htmx: Any, data: dict[str, str]) -> None:
    assert web.signed_in().post("/deploy", headers=htmx(), data=data).status_code == 422


def test_a_refusal_goes_into_the_form_that_has_a_place_for_it(web: Any, htmx: Any) -> None:
    web.actions.refuse = Refused("A swarm <is> running already. Stop it first.", status=409)
    headers = htmx(**{"HX-Target": "swarm-refusal"})
    answer = web.signed_in().post("/load/plan", headers=headers, data=SWARM)
    assert answer.status_code == 409
    assert "A swarm &lt;is&gt; running already." in answer.text
    assert "HX-Trigger" not in answer.headers


def test_a_refusal_of_a_bare_button_becomes_a_toast(web: Any, htmx: Any) -> None:
    web.actions.refuse = Refused("There is no swarm to stop.", status=409)
    answer = web.signed_in().post("/swarm/stop", headers=htmx(**{"HX-Target": "stop-swarm"}))
    assert answer.status_code == 409
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert (toast["tone"], "There is no swarm to stop." in toast["text"]) == ("bad", True)
    assert answer.headers["HX-Reswap"] == "none"


def test_a_program_gets_a_sentence_in_json(web: Any) -> None:
    headers = {"X-Requested-With": "script", "Origin": "http://127.0.0.1:8080", "Accept": "application/json"}
    client = web.signed_in()
    assert client.post("/swarm/stop", headers=headers).json == {"message": "Stopping the swarm."}
    web.actions.refuse = Refused("There is no swarm to stop.", status=409)
    assert client.post("/swarm/stop", headers=headers).json["message"] == "There is no swarm to stop."
