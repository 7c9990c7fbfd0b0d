"""Names and volumes come from the API; a denied read names its rule, and takes nothing else away."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.data.asking import Asking
from dashboard.data.belongings import CLAIMS, SERVICE, SLICES, VOLUMES, Belongings
from dashboard.data.members import Members
from dashboard.kube import errors
from dashboard.kube.rules import rule_of
from dashboard.store.views import Views

CLAIM = {
    "metadata": {"name": "data-mongo-1", "creationTimestamp": "2026-11-23T10:00:00Z"},
    "spec": {"resources": {"requests": {"storage": "1Gi"}}, "volumeName": "pv-7"},
    "status": {"phase": "Bound", "capacity": {"storage": "1Gi"}},
}
SLICE = {
    "metadata": {"name": "mongo-x7k2p"},
    "endpoints": [{"hostname": "mongo-1", "addresses": ["127.64.1.6"], "conditions": {"ready": True}}],
}


class Api:
    """What is there. Levers: `denied` and `away` paths, `gone` ones."""

    def __init__(self) -> None:
        self.denied: set[str] = set()
        self.away: set[str] = set()
        self.gone: set[str] = set()
        self.listed: list[str] = []
        self.lists: dict[str, list[dict[str, Any]]] = {
            SLICES: [SLICE], CLAIMS: [CLAIM],
            VOLUMES: [{"metadata": {"name": "pv-7"}, "spec": {"persistentVolumeReclaimPolicy": "Retain"}}],
        }  # fmt: skip

    def get(self, path: str) -> Any:
        self._look(path)
        return {"metadata": {"name": "mongo"}, "spec": {"clusterIP": "None", "publishNotReadyAddresses": True}}

    def list(self, path: str, *, query: Any = None) -> list[dict[str, Any]]:
        self._look(path)
        self.listed.append(path)
        return self.lists[path]

    def _look(self, path: str) -> None:
        if path in self.denied:
            error = errors.Forbidden(403, "Forbidden", f"{path} is forbidden")
            error.rule = rule_of("GET", path)
            raise error
        if path in self.away:
            raise errors.Unreachable("nobody answers")
        if path in self.gone:
            raise errors.NotFound(404, "NotFound", "not found")


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def look(world: Any, api: Api, clock: Any) -> Any:
    views = Views()
    refused: dict[str, Any] = {}
    members = Members(views, Asking(world.proxy_pod), lambda _uid, _role: None, lambda *_a, **_k: None, clock.now)
    belongings = Belongings(views, members, api.get, api.list, clock.now, refused.__setitem__)

    def once() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        views.replace("pods", {row["uid"]: row for row in world.rows()})
        members.tick()
        belongings.tick()
        return dict(views.get("data", "names") or {}), dict(views.get("data", "volumes") or {}), refused

    return once


def test_both_are_there(look: Any) -> None:
    names, volumes, refused = look()
    assert (names["state"], volumes["state"]) == ("live", "live")
    assert {row["name"]: row["verdict"] for row in names["rows"]}["mongo-1"] == "equal"
    assert (volumes["rows"][0]["reclaim"], volumes["rows"][0]["phase"]) == ("Retain", "Bound")
    assert refused == {"member names": None, "claims": None, "volumes": None}


def test_denied_slices_leave_the_other_steps_and_name_the_rule(look: Any, api: Api) -> None:
    api.denied = {SLICES}
    names, volumes, refused = look()
    assert names["state"] == "forbidden"
    assert "endpointslices" in names["rule"]["sentence"]
    steps = {each["id"]: each["value"] for each in names["rows"][1]["steps"]}
    assert (steps["record"], steps["address"], steps["service"]) == ("–", "127.64.1.6", "mongo")
    assert isinstance(refused["member names"], errors.Forbidden)
    assert volumes["state"] == "live"


def test_denied_claims_are_denied_and_not_none(look: Any, api: Api) -> None:
    api.denied = {CLAIMS}
    _, volumes, refused = look()
    assert (volumes["state"], volumes["rows"]) == ("forbidden", [])
    assert isinstance(refused["claims"], errors.Forbidden)


def test_denied_volumes_leave_the_claims(look: Any, api: Api) -> None:
    api.denied = {VOLUMES}
    _, volumes, refused = look()
    assert (volumes["state"], volumes["rows"][0]["reclaim"], volumes["rows"][0]["got"]) == ("live", "–", "1Gi")
    assert isinstance(refused["volumes"], errors.Forbidden)


def test_the_volumes_of_the_whole_cluster_are_listed_seldom(look: Any, api: Api, clock: Any) -> None:
    look()
    look()
    assert api.listed.count(VOLUMES) == 1
    clock.sleep(60)
    look()
    assert api.listed.count(VOLUMES) == 2
    api.lists[CLAIMS] = [{**CLAIM, "spec": {**CLAIM["spec"], "volumeName": "pv-8"}}]
    look()
    assert api.listed.count(VOLUMES) == 3


def test_an_api_that_is_away_is_down(look: Any, api: Api) -> None:
    api.away = {SERVICE, SLICES, CLAIMS}
    names, volumes, _ = look()
    assert (names["state"], volumes["state"]) == ("down", "down")


def test_a_missing_service_is_missing_and_no_failure(look: Any, api: Api) -> None:
    api.gone = {SERVICE}
    names, _, _ = look()
    assert (names["state"], names["service"]) == ("live", None)


def test_a_pod_made_anew_shows_its_former_address_beside(look: Any, world: Any) -> None:
    look()
    world.reborn("mongo-1", "127.64.1.9")
    names, _, _ = look()
    row = next(each for each in names["rows"] if each["name"] == "mongo-1")
    assert row["former"] == [{"address": "127.64.1.6", "until": "2026-11-23T12:00:00Z"}]
    assert (row["dns"], row["pod_ip"]) == ("mongo-1.mongo.mongodb.svc.cluster.local", "127.64.1.9")
