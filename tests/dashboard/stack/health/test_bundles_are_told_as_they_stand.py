"""The view `bundles`: how each bundle stands, asked at intervals, never old news as if it were live."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret
from dashboard.stack.health.cause import Cause
from dashboard.stack.health.looking import Look
from dashboard.stack.health.reading import Hurried
from dashboard.stack.health.state import PERIOD_S, TICK_S, BundleStates
from dashboard.stack.health.verdict import Health
from dashboard.store.views import Views

NAMESPACE, CONFIG = "/api/v1/namespaces/golden-deploy", "/api/v1/namespaces/golden-deploy/configmaps/web"
WEB, SECRET = "/apis/apps/v1/namespaces/golden-deploy/deployments/web", f"{NAMESPACE}/secrets/web"
OBJECTS = (
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "golden-deploy"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "namespace": "golden-deploy"}},
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "golden-deploy"}},
)


@dataclass
class Revision:
    """As much of a record as is shown."""

    revision: str
    state: str = "applied"
    number: int = 3
    at: str = "2026-11-23T04:00:00Z"
    by: str = "somebody"
    options: tuple[str, ...] = ()


class Standing:
    """The states of one bundle, `shop`, on the cluster at hand."""

    def __init__(self, cluster: Any, clock: Any) -> None:
        self.cluster, self.clock, self.views = cluster, clock, Views()
        self.bundle = Bundle("shop", OBJECTS, (GeneratedSecret("golden-deploy", "web", generate={"password": 8}),))
        self.catalogue = SimpleNamespace(all=lambda: self.bundles)
        self.bundles = (self.bundle,)
        self.revision: Any = None
        self.states = BundleStates(self.catalogue, cluster, self.views, self._latest, clock.now, clock)

    def tick(self, seconds: float = TICK_S) -> Any:
        """Time passes, then it ticks; the row of `shop`."""
        self.clock.seconds += seconds
        self.states.tick()
        return self.views.get("bundles", "shop")

    def requests(self, seconds: float = TICK_S) -> int:
        """How many requests the next tick costs."""
        before = len(self.cluster.asked)
        self.tick(seconds)
        return len(self.cluster.asked) - before

    def _latest(self, bundle: str) -> Any:
        assert bundle == "shop"
        if isinstance(self.revision, Exception):
            raise self.revision
        return self.revision


@pytest.fixture
def shop(cluster: Any, clock: Any, fixture: Any) -> Standing:
    """All there, all well."""
    cluster.add(NAMESPACE, fixture("namespace-active"))
    cluster.add(CONFIG, {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "web"}})
    cluster.add(
        SECRET, {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "web"}, "data": {"password": "eA=="}}
    )
    cluster.add(WEB, fixture("deployment-rolled-out"))
    return Standing(cluster, clock)


def test_all_well(shop: Standing) -> None:
    row = shop.tick()

    assert (row["state"], row["ok"], row["total"]) == ("ok", 4, 4)
    assert row["sentence"] == "All 4 objects are well."
    assert row["objects"][2] == {
        "id": "Deployment.apps/golden-deploy/web", "kind": "Deployment", "namespace": "golden-deploy", "name": "web",
        "stage": "deployments", "state": "ok", "sentence": "",
    }  # fmt: skip
    assert "eA==" not in str(row)


def test_a_failed_object_is_told_with_its_cause(shop: Standing, fixture: Any) -> None:
    shop.cluster.add(WEB, fixture("deployment-quota-condition-only"))

    row = shop.tick()

    assert row["state"] == "failed"
    assert row["sentence"].startswith(
        "Deployment golden-deploy/web: Deployment web cannot create pods: ResourceQuota rq"
    )
    assert row["ok"] == 3


def test_one_on_its_way_makes_the_bundle_progress(shop: Standing, fixture: Any) -> None:
    shop.cluster.add(WEB, fixture("deployment-rolling-out"))

    row = shop.tick()

    assert (row["state"], row["sentence"]) == (
        "progressing", "Deployment golden-deploy/web: 2 of 3 replicas updated.",
    )  # fmt: skip


def test_a_paused_deployment_is_well_and_said(shop: Standing, fixture: Any) -> None:
    shop.cluster.add(WEB, fixture("deployment-paused"))

    row = shop.tick()

    assert (row["state"], row["ok"]) == ("ok", 4)
    assert "Deployment golden-deploy/web: is paused" in row["sentence"]


def test_what_is_missing_makes_it_partial(shop: Standing) -> None:
    del shop.cluster.objects[CONFIG]

    row = shop.tick()

    assert row["state"] == "partial"
    assert row["sentence"] == "ConfigMap golden-deploy/web is not there; deploy again to complete it."


def test_what_is_being_made_is_not_called_missing(shop: Standing) -> None:
    del shop.cluster.objects[CONFIG]
    shop.views.put("deploy", "current", {"state": "applying", "bundle": "shop", "bundles": ["shop"]})

    row = shop.tick()

    assert (row["state"], row["sentence"]) == ("progressing", "3 of 4 objects are well; it is being worked on.")


def test_what_a_teardown_leaves_does_not_count_as_deployed(shop: Standing) -> None:
    del shop.cluster.objects[CONFIG], shop.cluster.objects[WEB]

    row = shop.tick()

    assert row["state"] == "absent"
    assert row["sentence"] == "Not deployed; Namespace golden-deploy and Secret golden-deploy/web are kept."


def test_nothing_there_is_absent(cluster: Any, clock: Any) -> None:
    row = Standing(cluster, clock).tick()

    assert (row["state"], row["sentence"], row["ok"]) == ("absent", "Not deployed.", 0)


def test_a_kind_that_is_not_served_is_an_absent_object_that_may_come(shop: Standing) -> None:
    shop.bundles = (Bundle("shop", (*OBJECTS, {**OBJECTS[1], "apiVersion": "x.example/v1", "kind": "Tide"})),)

    row = shop.tick()

    assert row["state"] == "partial"
    assert "serves no Tide" in row["objects"][3]["sentence"]


def test_what_may_not_be_read_is_unknown_and_the_rest_is_told(shop: Standing) -> None:
    shop.cluster.forbid(SECRET)

    row = shop.tick()

    assert (row["state"], row["sentence"]) == ("ok", "All 3 objects are well. 1 may not be read.")
    assert row["objects"][3]["state"] == "unknown"


def test_nobody_answering_leaves_nothing_that_looks_live(shop: Standing) -> None:
    shop.tick()
    shop.cluster.break_down()

    row = shop.tick(PERIOD_S)

    assert (row["state"], row["ok"], row["revision"]) == ("unknown", None, None)
    assert {each["state"] for each in row["objects"]} == {"unknown"}
    assert "nothing runs there now" in row["sentence"]


def test_it_is_asked_for_again_as_soon_as_somebody_answers(shop: Standing) -> None:
    shop.cluster.break_down()
    shop.tick()
    shop.cluster.break_down(False)

    assert shop.tick()["state"] == "ok"


def test_a_doubted_connection_is_looked_at_every_tick(shop: Standing) -> None:
    shop.tick()
    shop.views.put("connection", "cluster", {"state": "stale"})

    assert shop.requests() > 0


def test_a_bundle_at_rest_is_asked_for_every_ten_seconds(shop: Standing) -> None:
    shop.tick()

    assert [shop.requests() for _ in range(6)] == [0, 0, 0, 0, 4, 0]


def test_a_bundle_that_is_being_applied_is_asked_for_every_tick_and_once_more_after(shop: Standing) -> None:
    shop.tick()
    shop.views.put("deploy", "current", {"state": "applying", "bundle": "shop", "bundles": ["shop"]})
    assert [shop.requests() for _ in range(2)] == [4, 4]

    shop.views.put("deploy", "current", {"state": "done", "bundle": "shop", "bundles": ["shop"]})

    assert [shop.requests() for _ in range(2)] == [4, 0]


def test_the_recorded_revision_is_compared_with_the_folder(shop: Standing) -> None:
    shop.revision = Revision(shop.bundle.revision)
    row = shop.tick()
    assert row["revision"] == {
        "number": 3, "revision": shop.bundle.revision, "at": "2026-11-23T04:00:00Z", "by": "somebody", "options": [],
        "state": "applied",
    }  # fmt: skip
    assert row["folder_changed"] is False

    shop.revision = Revision("0123456789ab")

    assert shop.tick(PERIOD_S)["folder_changed"] is True


@pytest.mark.parametrize("record", [None, Refused("no right", status=403)])
def test_without_a_readable_record_nothing_is_claimed_about_it(shop: Standing, record: Any) -> None:
    shop.revision = record

    row = shop.tick()

    assert (row["state"], row["revision"], row["folder_changed"]) == ("ok", None, None)


def test_a_removed_bundle_has_no_change_to_speak_of(shop: Standing) -> None:
    shop.revision = Revision("0123456789ab", state="removed")

    assert shop.tick()["folder_changed"] is None


def test_a_bundle_whose_folder_is_gone_goes(shop: Standing) -> None:
    shop.tick()
    shop.bundles = ()

    assert shop.tick() is None


def test_it_is_read_with_little_patience_so_that_silence_is_told_soon() -> None:
    waited: list[tuple[float, float]] = []

    class Client:
        def get(self, path: str, /, *, timeout: tuple[float, float]) -> Any:
            waited.append(timeout)

        def list(self, path: str, /, *, query: Any = None, timeout: tuple[float, float]) -> Any:
            waited.append(timeout)

    hurried = Hurried(Client())
    hurried.get("/api/v1")
    hurried.list("/api/v1/pods")

    assert all(sum(each) < PERIOD_S for each in waited)
    assert len(waited) == 2


def test_events_of_a_namespace_are_listed_once_however_many_objects_are_unwell(shop: Standing, fixture: Any) -> None:
    for name in ("web", "more"):
        shop.cluster.add(WEB.replace("/web", f"/{name}"), fixture("deployment-image-error"))
    shop.bundles = (
        Bundle("shop", (*OBJECTS, {**OBJECTS[2], "metadata": {"name": "more", "namespace": "golden-deploy"}})),
    )

    shop.tick()

    assert shop.cluster.asked.count(f"{NAMESPACE}/events") == 1


def test_a_cause_that_repeats_the_state_is_said_once() -> None:
    health = Health("progressing", "no endpoints")
    cause = Cause("apiservice", "APIService v1 is not available: no endpoints", "Look at its pods")
    assert Look(health, cause).sentence == "APIService v1 is not available: no endpoints. Look at its pods."


def test_secrets_that_are_not_ours_to_read_are_neither_asked_for_nor_missed(shop: Standing) -> None:
    shop.states.reads_secrets = False
    row = shop.tick()

    (secret,) = [each for each in row["objects"] if each["kind"] == "Secret"]
    assert secret["state"] == "unknown"
    assert secret["sentence"] == "is not read: Secrets are not for the dashboard's own account"
    assert "rule" not in secret
    assert (row["state"], row["ok"], row["total"]) == ("ok", 3, 3)
    assert row["sentence"] == "All 3 objects are well."
    assert SECRET not in shop.cluster.asked
