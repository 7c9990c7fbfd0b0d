"""An option changes one manifest and nothing else; what was chosen is recorded, and later deploys keep it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.bundles import reading
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.bundles.options import options_of, with_options
from dashboard.stack.health.state import BundleStates
from dashboard.store.views import Views

NAME, FLAG, OPTION = "metrics-server", "--kubelet-insecure-tls", "kubelet_insecure_tls"
BUNDLES = Path(__file__).parents[4] / "manifests"
SERVER = "/apis/apps/v1/namespaces/kube-system/deployments/metrics-server"
CHOSEN = {NAME: [OPTION]}


def arguments(bundle: Bundle) -> list[str]:
    (found,) = [each for each in bundle.objects if each["kind"] == "Deployment"]
    return list(found["spec"]["template"]["spec"]["containers"][0]["args"])


@pytest.fixture
def shelf(deploying: Any, cluster: Any) -> Any:
    """The bundle metrics-server as far as the cluster in memory knows its kinds."""
    cluster.objects["/api/v1/namespaces/kube-system"] = {"metadata": {"name": "kube-system", "uid": "k"}}
    ours = reading.read(BUNDLES / NAME)
    deploying.put([each for each in ours.objects if each["kind"] in ("Deployment", "Service")], name=NAME)
    return deploying


def running(cluster: Any) -> list[str]:
    return list(cluster.objects[SERVER]["spec"]["template"]["spec"]["containers"][0]["args"])


def test_the_committed_manifest_checks_certificates() -> None:
    assert FLAG not in arguments(reading.read(BUNDLES / NAME))


def test_it_adds_one_argument_and_changes_nothing_else() -> None:
    plain = reading.read(BUNDLES / NAME)

    chosen = with_options(plain, [OPTION])

    assert arguments(chosen) == [*arguments(plain), FLAG]
    assert [each for each in chosen.objects if each["kind"] != "Deployment"] == [
        each for each in plain.objects if each["kind"] != "Deployment"
    ]
    assert chosen.revision != plain.revision
    assert with_options(plain, []).revision == plain.revision
    assert FLAG not in arguments(plain), "the bundle itself stays as it was read"
    assert with_options(chosen, [OPTION]) == chosen


def test_every_option_explains_itself() -> None:
    for each in options_of(NAME):
        assert "false figures" in each.text
        assert "development" in each.text


def test_what_a_bundle_does_not_offer_is_refused(shelf: Any) -> None:
    with pytest.raises(Refused, match="has no option speed; there are kubelet_insecure_tls"):
        with_options(reading.read(BUNDLES / NAME), ["speed"])
    with pytest.raises(Refused, match="which is not to be deployed"):
        shelf.deploy(NAME, options={"flask": [OPTION]})
    with pytest.raises(Refused, match="holds no Deployment kube-system/metrics-server"):
        with_options(Bundle(NAME, ()), [OPTION])


def test_it_is_kept_by_later_deploys_until_it_is_taken_back(shelf: Any, cluster: Any) -> None:
    assert shelf.deploy(NAME, options=CHOSEN)["error"] is None
    assert running(cluster)[-1] == FLAG
    assert shelf.revisions.latest(NAME).options == (OPTION,)

    assert shelf.deploy(NAME)["error"] is None
    assert running(cluster)[-1] == FLAG
    assert len(shelf.revisions.history(NAME)) == 1, "nothing has changed, so nothing is recorded"
    assert shelf.stack.drift(NAME).is_clean

    assert shelf.deploy(NAME, options={NAME: []})["error"] is None
    assert FLAG not in running(cluster)
    assert shelf.revisions.latest(NAME).options == ()


def test_a_roll_back_brings_it_back(shelf: Any, cluster: Any) -> None:
    shelf.deploy(NAME, options=CHOSEN)
    shelf.deploy(NAME, options={NAME: []})

    assert shelf.stack.run_roll_back(NAME, 1, by="operator")["error"] is None

    assert running(cluster)[-1] == FLAG
    assert shelf.revisions.latest(NAME).options == (OPTION,)


def test_after_a_teardown_nothing_is_chosen_any_more(shelf: Any, cluster: Any) -> None:
    shelf.deploy(NAME, options=CHOSEN)
    shelf.remove(NAME)
    assert shelf.deploy(NAME)["error"] is None
    assert FLAG not in running(cluster)


def test_the_plan_shows_it_and_what_was_seen_is_what_is_applied(shelf: Any) -> None:
    shelf.deploy(NAME)
    plan = shelf.stack.plan([NAME], options=CHOSEN)
    assert plan.document()["options"] == {NAME: [OPTION]}
    (change,) = [row for each in plan.objects for row in each.changes]
    assert FLAG in change.after

    with pytest.raises(Refused, match="has changed since it was planned"):
        shelf.deploy(NAME, expect=plan.revisions)
    assert shelf.deploy(NAME, expect=plan.revisions, options=CHOSEN)["error"] is None


def test_the_folder_is_compared_with_the_option_that_was_chosen(shelf: Any, cluster: Any, time: Any) -> None:
    shelf.deploy(NAME, options=CHOSEN)
    views = Views()
    states = BundleStates(shelf.shelf, cluster, views, shelf.revisions.latest, time.now, time.clock)

    states.tick()

    row = views.get("bundles", NAME)
    assert (row["folder_changed"], row["revision"]["options"]) == (False, [OPTION])


def test_the_story_and_the_audit_can_name_it(shelf: Any) -> None:
    shelf.deploy(NAME, options=CHOSEN)
    assert any(f"metrics-server with {FLAG}" in text for _, text in shelf.notes)
