"""On a running cluster: plans of the bundles as they come, and drift after what people do with kubectl."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboard.kube.client import KubeClient
from dashboard.kube.config import from_kubeconfig
from dashboard.stack.applying import secrets
from dashboard.stack.bundles.bundle import Bundle, ObjectRef, ref_of
from dashboard.stack.bundles.reading import read_all
from dashboard.stack.cluster import Locator
from dashboard.stack.planning.diff import changes
from dashboard.stack.planning.drift import ObjectDrift, drift_of
from dashboard.stack.planning.dry_run import in_order, plan_of
from dashboard.stack.planning.ownership import entries_of, field_of
from dashboard.stack.planning.removal import removal_of

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[4]
KUBECTL = Path(sys.executable).with_name("kubectl")
PATIENCE_S = 60


@dataclass(frozen=True)
class Cluster:
    """A running cluster, as its admin."""

    client: KubeClient
    kubeconfig: Path

    def kubectl(self, *arguments: str, editor: str = "") -> str:
        command = [str(KUBECTL), "--kubeconfig", str(self.kubeconfig), *arguments]
        environment = {**os.environ, "KUBE_EDITOR": editor, "HOME": str(self.kubeconfig.parent)}
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, env=environment)  # noqa: PLW1510
        assert done.returncode == 0, done.stderr
        return done.stdout

    def deploy(self, bundle: Bundle) -> None:
        """Applies everything in order, by force, without waiting."""
        locator = Locator(self.client)
        for _, manifest, secret in in_order(bundle):
            if secret:
                secrets.ensure(self.client, secret)
            else:
                self.client.apply(locator.path(manifest), manifest, force=True)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if not KUBECTL.exists():
        pytest.skip("kubectl is not installed")
    directory = tmp_path_factory.mktemp("planning")
    with (directory / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "localcluster", "up", "--port", "0", "--dir", directory / "cluster",
             "--exit-with-parent"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    client = None
    try:
        assert process.stdout.readline().startswith("ready "), (directory / "log").read_text()
        kubeconfig = directory / "cluster" / "kubeconfig"
        client = KubeClient(from_kubeconfig(str(kubeconfig)))
        yield Cluster(client, kubeconfig)
    finally:
        if client is not None:
            client.close()
        process.terminate()
        process.wait(PATIENCE_S)
        process.stdout.close()


@pytest.fixture(scope="module")
def bundles() -> tuple[Bundle, ...]:
    return read_all(ROOT / "manifests")


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.2)


def workload(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    labels = {"app": name}
    container = {"name": "app", "image": "busybox:1", "command": ["sh", "-c", "trap 'exit 0' TERM; sleep 3600 & wait"]}
    return {
        "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": "people", "labels": labels},
        "spec": {"selector": {"matchLabels": labels},
                 "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}, **spec},
    }  # fmt: skip


@pytest.fixture(scope="module")
def people() -> Bundle:
    """A Deployment that is autoscaled, one that is not, a StatefulSet, settings and a Service."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "scaled"}
    return Bundle("people", (
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "people", "labels": {"team": "people"}}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "people"},
         "data": {"app.conf": "one\ntwo\n", "mode": "calm"}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "people"},
         "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}},
        workload("StatefulSet", "db", serviceName="db", replicas=1),
        workload("Deployment", "web"),
        workload("Deployment", "scaled"),
        {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
         "metadata": {"name": "scaled", "namespace": "people"},
         "spec": {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 3}},
    ))  # fmt: skip


def of(drift: Any, kind: str, name: str) -> ObjectDrift:
    return next(each for each in drift.objects if (each.ref.kind, each.ref.name) == (kind, name))


def who(found: ObjectDrift) -> dict[str, str]:
    """field → manager, and each with its time."""
    assert all(owner.since for owner in found.owners if owner.subresource != "scale"), found
    return {owner.field: owner.manager for owner in found.owners}


def test_the_bundles_can_be_planned_before_anything_is_there(running, bundles):
    plan = plan_of(running.client, bundles)
    assert {each.verdict for each in plan.objects} == {"create"}, [each.sentence for each in plan.objects]
    assert plan.may_apply
    unchecked = {each.ref.namespace for each in plan.objects if not each.checked}
    assert unchecked == {"mongodb", "flask", "load"}
    assert len(plan.objects) == sum(len(bundle.objects) + len(bundle.secrets) for bundle in bundles)


def test_an_autoscaler_that_scales_causes_no_drift(running, people):
    running.deploy(people)
    path = "/apis/apps/v1/namespaces/people/deployments/scaled"
    until(lambda: running.client.get(path)["spec"]["replicas"] == 2, "the autoscaler's minimum")
    drift = drift_of(running.client, people)
    assert drift.is_clean, drift
    assert all(each.added == () for each in drift.objects), drift
    assert {each.verdict for each in plan_of(running.client, [people]).objects} == {"unchanged"}


def test_what_people_do_with_kubectl_is_told_with_field_manager_and_time(running, people, tmp_path):
    running.deploy(people)
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/mode: calm/mode: angry/" "$1"\n')
    editor.chmod(0o700)
    running.kubectl("-n", "people", "edit", "configmap", "settings", editor=str(editor))
    running.kubectl("-n", "people", "set", "image", "deployment/web", "app=alpine:3")
    running.kubectl("-n", "people", "scale", "statefulset/db", "--replicas=2")
    running.kubectl("-n", "people", "scale", "deployment/scaled", "--replicas=3")
    running.kubectl("label", "namespace", "people", "team=others", "--overwrite")
    running.kubectl("-n", "people", "annotate", "deployment/scaled", "who=me")
    running.kubectl("-n", "people", "patch", "service", "web", "-p", '{"spec":{"ports":[{"port":80,"targetPort":9}]}}')
    running.kubectl("-n", "people", "delete", "hpa", "scaled")

    drift = drift_of(running.client, people)
    assert who(of(drift, "ConfigMap", "settings")) == {"data.mode": "kubectl-edit"}
    assert who(of(drift, "Deployment", "web")) == {"spec.template.spec.containers[app].image": "kubectl-set"}
    assert who(of(drift, "StatefulSet", "db")) == {"spec.replicas": "kubectl"}
    assert who(of(drift, "Namespace", "people")) == {"metadata.labels.team": "kubectl-label"}
    assert who(of(drift, "Service", "web")) == {"spec.ports[80/TCP].targetPort": "kubectl-patch"}
    assert of(drift, "HorizontalPodAutoscaler", "scaled").state == "missing"
    scaled = of(drift, "Deployment", "scaled")
    assert scaled.state == "as applied"
    assert {owner.field: owner.manager for owner in scaled.added} == {
        "metadata.annotations.who": "kubectl-annotate", "spec.replicas": "kubectl",
    }  # fmt: skip
    assert "Scaled by kubectl" in (scaled.sentence or "")


def test_what_people_changed_is_a_conflict_until_it_is_taken_over(running, people):
    plan = plan_of(running.client, [people])
    conflicts = {each.ref.name for each in plan.objects if each.verdict == "conflict"}
    assert conflicts == {"settings", "web", "db", "people"}
    assert not plan.may_apply
    ids = frozenset(ref_of(each).id for each in people.objects)
    taken = plan_of(running.client, [people], take_over=ids)
    assert taken.may_apply
    assert {each.verdict for each in taken.objects} == {"change", "create", "unchanged"}


def test_applying_again_ends_the_drift(running, people):
    running.deploy(people)
    drift = drift_of(running.client, people)
    assert drift.is_clean, drift


def test_a_teardown_counts_what_others_have_put_there(running, people):
    running.kubectl("-n", "people", "create", "configmap", "of-somebody")
    running.kubectl("-n", "people", "create", "deployment", "of-somebody", "--image=busybox:1", "--replicas=0")
    removal = removal_of(running.client, people, None)
    assert removal.goes[0].ref.kind == "HorizontalPodAutoscaler"
    assert removal.goes[-1].ref == ObjectRef("v1", "ConfigMap", "people", "settings")
    (space,) = removal.stays
    assert dict(space.takes) == {"ConfigMap": 1, "Deployment": 1}
    assert space.tickable


def test_a_quota_that_is_full_is_told(running, people):
    running.kubectl("-n", "people", "create", "quota", "full", "--hard=count/configmaps=1")
    path = "/api/v1/namespaces/people/resourcequotas/full"
    until(lambda: "used" in running.client.get(path).get("status", {}), "the quota's use")
    one_more = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "more", "namespace": "people"}}
    (found,) = plan_of(running.client, [Bundle("more", (one_more,))]).objects
    assert found.verdict == "forbidden"
    assert "exceeded quota: full" in (found.sentence or "")
    assert (found.sentence or "").endswith("Raise the ResourceQuota, or ask for less.")


def test_the_bundles_are_unchanged_once_they_are_applied(running, bundles):
    for bundle in bundles:
        running.deploy(bundle)
    plan = plan_of(running.client, bundles)
    assert {str(each.ref): each.changes for each in plan.objects if each.verdict != "unchanged"} == {}
    assert all(drift_of(running.client, bundle).is_clean for bundle in bundles)


def test_fields_are_called_the_same_by_the_diff_and_by_their_owners(running, bundles):
    """Whatever a bundle asks for is owned by this product in the live object, under the very name the diff gives it."""
    locator = Locator(running.client)
    for manifest in (each for bundle in bundles for each in bundle.objects):
        live = running.client.get(locator.path(manifest))
        (ours,) = [each for each in entries_of(live) if each.is_ours]
        unowned = [row.path for row in changes(None, manifest) if not ours.owns(field_of(row.path))]
        assert unowned == [], ref_of(manifest)
