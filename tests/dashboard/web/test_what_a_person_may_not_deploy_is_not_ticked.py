"""One click deploys what the person may deploy: what only an administrator may apply is left out, with the reason."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dashboard.access.capabilities import Capability

ADVICE = "An administrator applies it: kubectl apply -k manifests/metrics-server."
LIVE = {"state": "live", "cluster": "local", "since": None, "detail": ""}
OURS = ["metrics-server", "mongodb", "flask", "load"]


def page(web: Any, *, row: dict[str, Any] | None = None, most: Capability | None = None) -> str:
    web.views.put("connection", "cluster", LIVE)
    web.views.put("bundles", "metrics-server", {"state": "absent", "revision": None} if row is None else row)
    return str(web.signed_in(most).get("/").text)


def ticked(text: str) -> list[str]:
    return re.findall(r'name="bundle" value="([^"]+)" checked>', text)


def asked(web: Any) -> int:
    return [name for name, _ in web.actions.asked].count("may_write_roles")


def test_who_may_write_roles_gets_all_of_it(web: Any) -> None:
    text = page(web)
    assert ticked(text) == OURS
    assert "Left out" not in text


def test_who_may_not_gets_the_rest_and_reads_who_does_it(web: Any) -> None:
    web.actions.writes_roles = False
    text = page(web)
    assert ticked(text) == OURS[1:]
    assert asked(web) == 1
    said = re.findall(r"Left out: ([^<]*)<", text)
    assert len(said) == 2, "in the first run and beside the tick"
    assert all(ADVICE in each and "ClusterRole" in each and "Untick" not in each for each in said)


def test_what_holds_but_a_namespace_of_its_own_is_theirs_to_deploy(web: Any) -> None:
    """Their namespaces come with the dashboard in a cluster."""
    web.actions.writes_roles = False
    for name in OURS[1:]:
        web.views.put("bundles", name, {"state": "absent", "revision": None})
    assert ticked(page(web)) == OURS[1:]


def test_where_the_metrics_api_is_registered_and_does_not_answer_an_administrator_is_needed(web: Any) -> None:
    web.actions.writes_roles = False
    links = [{"id": "api_service", "state": "ok"}, {"id": "available", "state": "broken"}]
    web.views.put("pipeline", "metrics", {"links": links})
    text = page(web)
    assert ADVICE in text
    assert "has a metrics API already" not in text


def test_a_stack_of_ones_own_is_ticked_by_oneself_alone(web: Any) -> None:
    web.actions.own = {"load"}
    assert ticked(page(web)) == ["metrics-server", "mongodb", "flask"]


def test_where_the_metrics_api_is_served_it_is_not_needed(web: Any) -> None:
    web.actions.writes_roles = False
    links = [{"id": "api_service", "state": "ok"}, {"id": "available", "state": "ok"}]
    web.views.put("pipeline", "metrics", {"links": links})
    text = page(web)
    assert ticked(text) == OURS[1:]
    assert "Left out: The cluster has a metrics API already" in text
    assert ADVICE not in text


@pytest.mark.parametrize(
    "row", [{"state": "ok", "revision": {"number": 1}}, {"state": "unknown", "revision": None}, {}]
)
def test_the_cluster_is_not_asked_where_the_bundle_stands_or_nothing_is_known(web: Any, row: dict[str, Any]) -> None:
    web.actions.writes_roles = False
    assert ticked(page(web, row=row)) == OURS
    assert asked(web) == 0


def test_nor_for_somebody_who_may_not_deploy_at_all(web: Any) -> None:
    page(web, most=Capability.LOADTEST)
    assert asked(web) == 0


def test_nor_while_it_does_not_answer(web: Any) -> None:
    page(web)
    web.actions.asked.clear()
    web.views.put("connection", "cluster", {**LIVE, "state": "lost"})
    web.signed_in().get("/")
    assert asked(web) == 0


def test_what_the_cluster_does_not_tell_leaves_nothing_out(web: Any) -> None:
    web.actions.writes_roles = None
    assert ticked(page(web)) == OURS


def test_the_administrators_command_is_in_the_first_block_of_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs/in-cluster.md").read_text(encoding="utf-8")
    assert "kubectl apply -k manifests/metrics-server" in page.split("```")[1]
