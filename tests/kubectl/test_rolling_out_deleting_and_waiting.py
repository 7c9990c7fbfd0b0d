"""rollout, delete and wait, against the controllers; cordon, taint and drain of the node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

Kubectl = Any
pytestmark = pytest.mark.cluster


@pytest.fixture
def rolled(kubectl: Kubectl, web: str) -> Kubectl:
    """A namespace with the Deployment `web` rolled out."""
    kubectl("create", "-f", "-", stdin=web)
    kubectl("rollout", "status", "deployment/web", "--timeout=90s")
    return kubectl


def _image(kubectl: Kubectl) -> str:
    found: str = kubectl.value("deployment/web", ".spec.template.spec.containers[0].image")
    return found


def test_rollout_status_history_and_undo(rolled: Kubectl) -> None:
    rolled("set", "image", "deployment/web", "main=busybox:2")
    rolled("annotate", "deployment/web", "kubernetes.io/change-cause=newer")
    assert "successfully rolled out" in rolled("rollout", "status", "deployment/web", "--timeout=90s")
    assert [row[:2] for row in rolled.lines("rollout", "history", "deployment/web")[2:4]] == [
        ["1", "<none>"],
        ["2", "newer"],
    ]
    assert "busybox:1" in rolled("rollout", "history", "deployment/web", "--revision=1")
    assert rolled("rollout", "undo", "deployment/web") == "deployment.apps/web rolled back\n"
    assert _image(rolled) == "busybox:1"
    rolled("rollout", "undo", "deployment/web", "--to-revision=2")
    assert _image(rolled) == "busybox:2"
    assert "unable to find specified revision 9" in rolled(
        "rollout", "undo", "deployment/web", "--to-revision=9", fails=True
    )


def test_rollout_pause_holds_and_resume_goes_on(rolled: Kubectl) -> None:
    assert rolled("rollout", "pause", "deployment/web") == "deployment.apps/web paused\n"
    rolled("set", "image", "deployment/web", "main=busybox:2")
    assert len(rolled.lines("get", "replicasets", "--no-headers")) == 1
    assert rolled("rollout", "resume", "deployment/web") == "deployment.apps/web resumed\n"
    assert "successfully rolled out" in rolled("rollout", "status", "deployment/web", "--timeout=90s")
    assert len(rolled.lines("get", "replicasets", "--no-headers")) == 2


def test_rollout_restart_makes_new_pods(rolled: Kubectl) -> None:
    before = set(rolled("get", "pods", "-o", "name").split())
    assert rolled("rollout", "restart", "deployment/web") == "deployment.apps/web restarted\n"
    rolled("rollout", "status", "deployment/web", "--timeout=90s")
    running = set(rolled("get", "pods", "-o", "name").split())
    assert len(running - before) == 2


def test_rollout_of_a_stateful_set(kubectl: Kubectl, web: str) -> None:
    body = web.replace("kind: Deployment", "kind: StatefulSet").replace(
        "  replicas: 2", "  serviceName: web\n  replicas: 1"
    )
    kubectl("create", "-f", "-", stdin=body)
    kubectl("rollout", "status", "statefulset/web", "--timeout=90s")
    kubectl("set", "image", "statefulset/web", "main=busybox:2")
    assert "roll out complete" in kubectl("rollout", "status", "statefulset/web", "--timeout=90s")
    assert [row[0] for row in kubectl.lines("rollout", "history", "statefulset/web")[2:4]] == ["1", "2"]
    kubectl("rollout", "undo", "statefulset/web")
    assert kubectl.value("statefulset/web", ".spec.template.spec.containers[0].image") == "busybox:1"


def test_delete_in_the_background_takes_dependents_along(rolled: Kubectl) -> None:
    assert 'deployment.apps "web" deleted' in rolled("delete", "deployment", "web", "--cascade=background")
    rolled("wait", "--for=delete", "replicaset,pod", "--all", "--timeout=90s")
    assert "No resources found" in rolled("get", "pods")


def test_delete_in_the_foreground_takes_dependents_first(rolled: Kubectl) -> None:
    rolled("delete", "deployment", "web", "--cascade=foreground", "--timeout=90s")
    assert rolled("get", "replicasets,pods", "-o", "name") == ""


def test_delete_may_leave_orphans(rolled: Kubectl) -> None:
    rolled("delete", "deployment", "web", "--cascade=orphan", "--timeout=90s")
    left = rolled.read("get", "replicasets")["items"]
    assert [item["metadata"].get("ownerReferences") for item in left] == [None]
    assert len(rolled.lines("get", "pods", "--no-headers")) == 2


def test_delete_by_force_does_not_wait(kubectl: Kubectl) -> None:
    kubectl("run", "deaf", "--image=busybox:1", "--", "sh", "-c", "trap '' TERM; while :; do sleep 0.2; done")
    kubectl("wait", "--for=condition=Ready", "pod/deaf", "--timeout=90s")
    told = kubectl("delete", "pod", "deaf", "--grace-period=0", "--force")
    assert 'pod "deaf" force deleted' in told
    assert "(NotFound)" in kubectl("get", "pod", "deaf", fails=True)


def test_delete_selects_and_may_only_pretend(kubectl: Kubectl) -> None:
    for name in ("a", "b", "c"):
        kubectl("create", "configmap", name)
    kubectl("label", "configmap", "a", "b", "of=us")
    assert "deleted" in kubectl("delete", "configmap", "c", "--dry-run=server")
    assert kubectl("delete", "configmap", "-l", "of=us").count("deleted") == 2
    assert "configmap/c" in kubectl("get", "configmaps", "-o", "name")
    assert "(NotFound)" in kubectl("delete", "configmap", "a", fails=True)
    assert kubectl("delete", "configmap", "a", "--ignore-not-found") == ""
    assert "deleted" in kubectl("delete", "configmap", "c", "--wait=false")


def test_wait_for_conditions_fields_and_ends(kubectl: Kubectl, quiet: str) -> None:
    kubectl("run", "p", "--image=busybox:1", "--", "sh", "-c", quiet)
    assert kubectl("wait", "--for=condition=Ready", "pod/p", "--timeout=90s") == "pod/p condition met\n"
    assert "condition met" in kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod/p", "--timeout=90s")
    assert "timed out waiting" in kubectl("wait", "--for=condition=Ready=false", "pod/p", "--timeout=1s", fails=True)
    kubectl("delete", "pod", "p", "--wait=false")
    kubectl("wait", "--for=delete", "pod/p", "--timeout=90s")
    assert "(NotFound)" in kubectl("wait", "--for=condition=Ready", "pod/p", "--timeout=1s", fails=True)


@pytest.fixture
def node(kubectl: Kubectl) -> Iterator[Kubectl]:
    """The node, free again afterwards."""
    yield kubectl
    kubectl("uncordon", "local")


def test_cordon_and_drain_keep_pods_away(node: Kubectl, quiet: str) -> None:
    node("run", "p", "--image=busybox:1", "--labels=drained=yes", "--", "sh", "-c", quiet)
    node("wait", "--for=condition=Ready", "pod/p", "--timeout=90s")
    assert node("cordon", "local") == "node/local cordoned\n"
    assert "Ready,SchedulingDisabled" in node("get", "node", "local")
    told = node("drain", "local", "--pod-selector=drained=yes", "--force", "--timeout=90s")
    assert "pod/p evicted" in told
    assert "node/local drained" in told
    node("run", "late", "--image=busybox:1", "--", "sleep", "1")
    told = node.until("FailedScheduling", "events", "--for=pod/late")
    assert "1 node(s) were unschedulable" in told


def test_taint_is_set_and_taken_away(kubectl: Kubectl) -> None:
    assert kubectl("taint", "nodes", "local", "test=yes:PreferNoSchedule") == "node/local tainted\n"
    assert "test=yes:PreferNoSchedule" in kubectl("describe", "node", "local")
    assert kubectl("taint", "nodes", "local", "test-") == "node/local untainted\n"
