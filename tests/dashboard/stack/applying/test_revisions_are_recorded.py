"""Revisions: written before the first object, filled in on the way, five kept, never a Secret's data."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.applying import keeping
from dashboard.stack.bundles.bundle import Bundle

SHOP = "/api/v1/namespaces/shop"
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
CONFIG = "/api/v1/namespaces/shop/configmaps/web"
RECORDS = "/api/v1/namespaces/surgeboard/configmaps"


def config(value: str) -> dict[str, Any]:
    metadata = {"name": "web", "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": value}}


def versions(deploying: Any, objects: Any, *values: str) -> None:
    """Deploys one revision a value."""
    for value in values:
        deploying.put([objects[0], objects[1], config(value)])
        assert deploying.deploy()["error"] is None


def test_the_intent_is_written_before_the_first_object(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    deploying.deploy()

    paths = [path for _, path in cluster.requests]
    assert paths.index(f"{RECORDS}/revision.shop.1") < paths.index(SHOP)
    record = cluster.objects[f"{RECORDS}/revision.shop.1"]
    assert record["metadata"]["labels"]["surgeboard.dev/bundle"] == "shop"
    assert record["metadata"]["labels"]["surgeboard.dev/state"] == "applied"


def test_it_tells_who_when_what_and_with_which_uids(deploying: Any, cluster: Any, objects: Any) -> None:
    bundle = deploying.put(objects)
    deploying.deploy()

    revision = deploying.revisions.latest("shop")
    assert (revision.number, revision.revision, revision.by) == (1, bundle.revision, "operator")
    assert (revision.state, revision.at) == ("applied", "2027-01-15T08:00:00Z")
    uids = {each.ref.id: each.uid for each in revision.objects}
    assert uids["Deployment.apps/shop/web"] == cluster.objects[WEB]["metadata"]["uid"]
    assert None not in uids.values()
    json.dumps(revision.document())


def test_five_are_kept_and_numbers_go_on(deploying: Any, cluster: Any, objects: Any) -> None:
    versions(deploying, objects, *"abcdefg")

    assert [each.number for each in deploying.stack.history("shop")] == [7, 6, 5, 4, 3]
    assert f"{RECORDS}/revision.shop.2" not in cluster.objects


def test_a_failed_apply_is_recorded_with_its_reason_and_completed_under_the_same_number(
    deploying: Any, cluster: Any, objects: Any, time: Any
) -> None:
    cluster.becomes_healthy = False
    deploying.put(objects)
    deploying.deploy()
    failed = deploying.revisions.latest("shop")
    assert (failed.number, failed.state) == (1, "failed")
    assert "not ready" in failed.note

    cluster.becomes_healthy = True
    cluster._keep(WEB, cluster.objects[WEB])
    deploying.deploy()

    done = deploying.revisions.latest("shop")
    assert (done.number, done.state, done.note) == (1, "applied", None)


def test_what_a_person_changed_is_put_right_under_the_same_number(deploying: Any, cluster: Any, objects: Any) -> None:
    versions(deploying, objects, "a")
    cluster.delete(CONFIG, propagation_policy="Foreground")

    deploying.deploy()

    revision = deploying.revisions.latest("shop")
    assert revision.number == 1
    assert revision.uid_of(revision.objects[-1].ref) == cluster.objects[CONFIG]["metadata"]["uid"]


def test_rolling_back_applies_what_was_kept_as_a_new_revision(deploying: Any, cluster: Any, objects: Any) -> None:
    versions(deploying, objects, "a", "b")

    row = deploying.stack.run_roll_back("shop", 1, by="ada")

    assert (row["state"], row["action"]) == ("done", "roll back")
    assert cluster.objects[CONFIG]["data"] == {"a": "a"}
    newest = deploying.revisions.latest("shop")
    assert (newest.number, newest.rolled_back_from, newest.by) == (3, 1, "ada")
    assert newest.revision == deploying.revisions.get("shop", 1).revision
    assert any("Secrets and data stay as they are" in text for _, text in deploying.notes)


def test_rolling_an_own_stack_back_needs_no_second_word_for_objects_of_the_whole_cluster(
    deploying: Any, cluster: Any, objects: Any
) -> None:
    for value in "ab":
        held = (objects[0], objects[1], config(value))
        deploying.shelf.bundles["shop"] = Bundle("shop", held, own=True, cluster_scoped=True)
        assert deploying.deploy()["error"] is None

    assert deploying.stack.plan_back("shop", 1).may_apply
    assert deploying.stack.run_roll_back("shop", 1, by="operator")["error"] is None
    assert cluster.objects[CONFIG]["data"] == {"a": "a"}


def test_a_revision_that_is_not_kept_is_refused_with_those_that_are(deploying: Any, objects: Any) -> None:
    versions(deploying, objects, "a", "b")

    with pytest.raises(Refused, match="no revision 9; kept are 2, 1"):
        deploying.stack.roll_back("shop", 9, by="ada")


def test_rolling_back_leaves_secrets_as_they_are_and_says_so(deploying: Any, cluster: Any, objects: Any) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key", "namespace": "shop"}}
    first = {**secret, "data": {"key": base64.b64encode(b"first-value").decode()}}
    deploying.put([*objects, first])
    deploying.deploy()
    deploying.put([*objects, {**secret, "data": {"key": base64.b64encode(b"second-value").decode()}}])
    deploying.deploy()

    row = deploying.stack.run_roll_back("shop", 1, by="ada")

    step = next(each for each in row["steps"] if each["object"]["kind"] == "Secret")
    assert (step["result"], row["state"]) == ("kept", "done")
    assert "roll-back leaves it" in step["detail"]
    live = cluster.objects["/api/v1/namespaces/shop/secrets/key"]
    assert base64.b64decode(live["data"]["key"]) == b"second-value"
    records = str([live for path, live in cluster.objects.items() if path.startswith(RECORDS)])
    assert first["data"]["key"] not in records
    assert "Secret/shop/key" in records


def test_a_large_bundle_is_kept_compressed_and_a_huge_one_not_at_all(
    deploying: Any, cluster: Any, objects: Any
) -> None:
    versions(deploying, objects, "x" * keeping.PLAIN_BYTES, "small")
    assert "bundle.gz" in cluster.objects[f"{RECORDS}/revision.shop.1"]["binaryData"]
    assert deploying.stack.run_roll_back("shop", 1, by="ada")["state"] == "done"

    random = base64.b85encode(bytes(range(256)) * 2).decode()
    noise = "".join(str(hash((random, each))) for each in range(90_000))
    versions(deploying, objects, noise, "small again")

    huge = deploying.revisions.get("shop", 4)
    assert "too large" in huge.note
    with pytest.raises(Refused, match="too large"):
        deploying.stack.roll_back("shop", 4, by="ada")


def test_it_is_told_when_the_record_itself_cannot_be_finished(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    cluster.on_write = lambda _, path: cluster.refuse(
        f"{RECORDS}/revision.shop.1", errors.Unavailable(503, "", "etcd is away")
    ) if path == WEB else None  # fmt: skip

    row = deploying.deploy()

    assert row["state"] == "failed"
    assert "etcd is away" in row["error"]
    cluster.refusals.clear()
    assert deploying.deploy()["state"] == "done"


def test_another_value_of_a_secret_is_applied_though_the_revision_is_the_same(
    deploying: Any, cluster: Any, objects: Any
) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key", "namespace": "shop"}}
    for value in (b"first", b"second"):
        deploying.put([*objects, {**secret, "data": {"key": base64.b64encode(value).decode()}}])
        assert deploying.deploy()["error"] is None

    live = cluster.objects["/api/v1/namespaces/shop/secrets/key"]
    assert base64.b64decode(live["data"]["key"]) == b"second"
    assert deploying.revisions.latest("shop").number == 1


def test_a_record_names_its_secrets_with_their_keys_also_after_a_roll_back(
    deploying: Any, cluster: Any, objects: Any
) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key", "namespace": "shop"}}
    for value in "ab":
        deploying.put([*objects, {**secret, "data": {"one": "YQ=="}, "stringData": {"two": "b"}}, config(value)])
        assert deploying.deploy()["error"] is None

    def told() -> Any:
        latest = deploying.revisions.latest("shop")
        found = deploying.revisions.secrets_of(latest, deploying.revisions.bundle_of(latest))
        return {ref.id: keys for ref, keys in found.items()}

    assert told() == {"Secret/shop/key": ["one", "two"]}
    assert deploying.stack.run_roll_back("shop", 1, by="ada")["error"] is None
    assert told() == {"Secret/shop/key": None}


def test_no_value_of_a_secret_is_kept_whichever_way_it_is_written(objects: Any) -> None:
    copy = {"kubectl.kubernetes.io/last-applied-configuration": '{"data": {"key": "canary"}}', "why": "to be kept"}
    secret = {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop", "annotations": copy},
        "data": {"key": "canary"}, "stringData": {"more": "canary"},
    }  # fmt: skip
    kept = keeping.packed(Bundle("shop", (*objects, secret)))
    text = json.dumps(kept.content)
    assert "canary" not in text
    assert "to be kept" in text
    assert kept.left_out == ("Secret/shop/s",)
