"""What stands in the way of many objects is one sentence; who may not deploy at all reads one line of it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from dashboard.access.capabilities import Capability

THEIRS = (
    "metrics-server holds objects of the whole cluster (ClusterRole), which your account may not write. "
    "An administrator applies it: kubectl apply -k manifests/metrics-server."
)
LINE = "This needs an account that may deploy."


def lacking(number: int) -> str:
    who = f"ConfigMap flask/c{number}: pia may not patch configmaps."
    return f"{who} Ask for a role that allows it, or sign in as someone who may."


@pytest.fixture
def many(web: Any) -> Any:
    """Three objects with the same sentence, three with one each, and three rights that are missing."""
    document = copy.deepcopy(web.actions.documents["plans"]["blocked"])
    model = next(each for each in document["objects"] if each["verdict"] == "forbidden")
    said = [THEIRS] * 3 + [lacking(number) for number in range(3)]
    document["objects"] += [
        {**model, "sentence": each, "name": f"o{at}", "id": f"ConfigMap/flask/o{at}"} for at, each in enumerate(said)
    ]
    finding = {"check": "rights", "state": "missing", "subject": "x", "blocks": True}
    document["findings"] = [each for each in document["findings"] if each["check"] != "rights"] + [
        {**finding, "sentence": f"You may not patch things{at}.", "remedy": f"Ask for a Role {at}."} for at in range(3)
    ]
    document["findings"].append({**finding, "sentence": THEIRS, "remedy": None})
    web.actions.documents["plans"]["many"] = document
    web.actions.planned = "many"
    return web


@pytest.mark.parametrize("path", ["/deploy/plan?bundle=flask", "/scaling/repair?plan=yes"])
def test_a_sentence_of_many_objects_is_said_once(many: Any, path: str) -> None:
    text = many.signed_in().get(path).text
    assert text.count(THEIRS) == 1
    assert all(text.count(lacking(number)) == 1 for number in range(3))
    assert text.count("Ask for a Role") == 3
    assert LINE not in text


@pytest.mark.parametrize("path", ["/deploy/plan?bundle=flask", "/scaling/repair?plan=yes"])
def test_who_may_not_deploy_reads_one_line(many: Any, path: str) -> None:
    text = many.signed_in(Capability.LOADTEST).get(path).text
    assert text.count(LINE) == 1
    assert "Ask for a" not in text.replace("Ask for the verb", "")
    assert "administrator" not in text
    assert "Node port 30080 is taken" in text, "what is missing for everybody stays"
    assert "field is immutable" in text


def test_where_no_right_is_missing_nobody_is_told_of_one(web: Any) -> None:
    web.actions.planned = "fresh"
    assert LINE not in web.signed_in(Capability.LOADTEST).get("/deploy/plan?bundle=flask").text
