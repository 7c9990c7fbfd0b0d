"""apply, diff, edit, replace, patch, label, annotate, scale and set."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

Kubectl = Any
pytestmark = pytest.mark.cluster

NOTES = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: first, labels: {set: notes}}
data: {a: "1"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: second, labels: {set: notes}}
"""


@pytest.fixture
def idle(kubectl: Kubectl, web: str) -> Kubectl:
    """A namespace with the Deployment `web`, applied, that wants no pods."""
    kubectl("apply", "-f", "-", stdin=web.replace("replicas: 2", "replicas: 0"))
    return kubectl


@pytest.fixture
def editor(tmp_path: Path) -> Path:
    script = tmp_path / "editor"
    script.write_text("#!/bin/sh\nsed -i 's/replicas: 0/replicas: 1/; s/paused: nonsense//' \"$1\"\n")
    script.chmod(0o755)
    return script


def test_apply_merges_three_ways(idle: Kubectl, web: str) -> None:
    idle("annotate", "deployment", "web", "by=hand")
    changed = web.replace("replicas: 2", "replicas: 0").replace("busybox:1", "busybox:2").replace("name: http, ", "")
    assert idle("apply", "-f", "-", stdin=changed) == "deployment.apps/web configured\n"
    assert idle("apply", "-f", "-", stdin=changed) == "deployment.apps/web unchanged\n"
    container = idle.read("get", "deployment", "web")["spec"]["template"]["spec"]["containers"][0]
    assert (container["image"], "name" in container["ports"][0]) == ("busybox:2", False)
    assert idle.value("deployment/web", ".metadata.annotations.by") == "hand"
    assert "busybox:2" in idle("apply", "view-last-applied", "deployment/web")


def test_apply_refuses_fields_that_are_not_there(kubectl: Kubectl, web: str) -> None:
    wrong = web.replace("replicas", "replica")
    assert 'unknown field "spec.replica"' in kubectl("apply", "-f", "-", stdin=wrong, fails=True)
    assert 'Warning: unknown field "spec.replica"' in kubectl("apply", "--validate=warn", "-f", "-", stdin=wrong)


def test_apply_on_the_server_tells_conflicts(idle: Kubectl, web: str) -> None:
    assert "serverside-applied" in idle("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=web)
    idle("scale", "deployment/web", "--replicas=0")
    refusal = idle("apply", "--server-side", "-f", "-", stdin=web, fails=True)
    assert 'conflict with "kubectl" with subresource "scale"' in refusal
    assert ".spec.replicas" in refusal


def test_apply_takes_a_kustomization(kubectl: Kubectl, tmp_path: Path, web: str) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [web.yaml]\nnamePrefix: my-\n")
    (tmp_path / "web.yaml").write_text(web.replace("replicas: 2", "replicas: 0"))
    assert kubectl("apply", "-k", tmp_path) == "deployment.apps/my-web created\n"
    assert kubectl("diff", "-k", tmp_path) == ""
    assert kubectl("delete", "-k", tmp_path).startswith('deployment.apps "my-web" deleted')


def test_apply_prunes_what_is_no_longer_there(kubectl: Kubectl) -> None:
    prune = ("apply", "--prune", "--prune-allowlist=core/v1/ConfigMap", "-l", "set=notes", "-f", "-")
    assert "configmap/second created" in kubectl(*prune, stdin=NOTES)
    assert "configmap/second pruned" in kubectl(*prune, stdin=NOTES.partition("---")[0])
    assert kubectl.lines("get", "configmaps", "-l", "set=notes", "--no-headers")[0][0] == "first"


def test_apply_refuses_to_prune_kinds_that_are_not_served(kubectl: Kubectl) -> None:
    refusal = kubectl("apply", "--prune", "-l", "set=notes", "-f", "-", stdin=NOTES, fails=True)
    assert 'no matches for kind "Endpoints"' in refusal


def test_apply_prunes_by_apply_set(kubectl: Kubectl) -> None:
    by_set = replace(kubectl, environment={"KUBECTL_APPLYSET": "true"})
    prune = ("apply", "--prune", "--applyset=configmaps/set", "-f", "-")
    assert "configmap/second created" in by_set(*prune, stdin=NOTES)
    assert "configmap/second pruned" in by_set(*prune, stdin=NOTES.partition("---")[0])


def test_apply_takes_lists_and_checks_their_items(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=NOTES)
    listed = kubectl("get", "configmaps", "-l", "set=notes", "-o", "yaml")
    assert kubectl("replace", "-f", "-", stdin=listed).count("replaced") == 2
    wrong = listed.replace("  metadata:\n", "  datum: {}\n  metadata:\n", 1)
    assert 'unknown field "datum"' in kubectl("apply", "-f", "-", stdin=wrong, fails=True)


def test_diff_shows_what_apply_would_change(idle: Kubectl, web: str) -> None:
    assert "+  replicas: 2\n" in idle("diff", "-f", "-", stdin=web, fails=1)
    assert "+  replicas: 2\n" in idle("diff", "--server-side", "--force-conflicts", "-f", "-", stdin=web, fails=1)
    assert idle.value("deployment/web", ".spec.replicas") == "0"


def test_edit_sends_what_the_editor_leaves(idle: Kubectl, editor: Path) -> None:
    assert idle.as_editor(editor)("edit", "deployment", "web") == "deployment.apps/web edited\n"
    assert idle.value("deployment/web", ".spec.replicas") == "1"
    assert "no changes made" in idle.as_editor(editor)("edit", "deployment", "web")


def test_edit_tells_what_the_editor_got_wrong(idle: Kubectl, tmp_path: Path) -> None:
    script = tmp_path / "wrong"
    for wrong, told in (("nonsense", "cannot unmarshal string into Go struct field"), ("-4", "is invalid")):
        script.write_text(f"#!/bin/sh\nsed -i 's/^  replicas: .*/  replicas: {wrong}/' \"$1\"\n")
        script.chmod(0o755)
        assert told in idle.as_editor(script)("edit", "deployment", "web", fails=True)
    assert idle.value("deployment/web", ".spec.replicas") == "0"


def test_replace_needs_the_version_it_replaces(idle: Kubectl, tmp_path: Path) -> None:
    body = idle.read("get", "deployment", "web")
    file = tmp_path / "web.json"
    body["spec"]["minReadySeconds"] = 3
    file.write_text(json.dumps(body))
    assert idle("replace", "-f", file) == "deployment.apps/web replaced\n"
    assert "the object has been modified" in idle("replace", "-f", file, fails=True)
    del body["metadata"]["resourceVersion"]
    file.write_text(json.dumps(body))
    assert "deployment.apps/web replaced" in idle("replace", "--force", "-f", file)
    assert idle.value("deployment/web", ".metadata.uid") != body["metadata"]["uid"]


@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        ("strategic", '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"busybox:9"}]}}}}'),
        ("merge", '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"busybox:9"}]}}}}'),
        ("json", '[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"busybox:9"}]'),
    ],
    ids=["strategic", "merge", "json"],
)
def test_patch_of_every_type(idle: Kubectl, kind: str, patch: str) -> None:
    assert idle("patch", "deployment", "web", "--type", kind, "-p", patch) == "deployment.apps/web patched\n"
    container = idle.read("get", "deployment", "web")["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "busybox:9"
    assert ("command" in container) == (kind != "merge")


def test_patch_of_subresources(idle: Kubectl) -> None:
    idle("patch", "deployment", "web", "--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":1}}')
    assert idle.value("deployment/web", ".spec.replicas") == "1"
    told = idle("get", "deployment", "web", "--subresource=scale", "-o", "jsonpath={.kind} {.spec.replicas}")
    assert told == "Scale 1"


def test_label_and_annotate_set_change_and_remove(idle: Kubectl) -> None:
    assert idle("label", "deployment", "web", "tier=front") == "deployment.apps/web labeled\n"
    assert "already has a value" in idle("label", "deployment", "web", "tier=back", fails=True)
    idle("label", "deployment", "web", "tier=back", "--overwrite")
    assert "tier=back" in idle("label", "deployment", "web", "--list")
    assert idle("label", "deployment", "web", "tier-") == "deployment.apps/web unlabeled\n"
    assert idle("annotate", "deployments", "--all", "note=hello") == "deployment.apps/web annotated\n"
    assert idle.value("deployment/web", ".metadata.annotations.note") == "hello"


def test_scale_heeds_its_condition(idle: Kubectl) -> None:
    assert "Expected replicas to be 7" in idle(
        "scale", "deploy/web", "--replicas=1", "--current-replicas=7", fails=True
    )
    assert idle("scale", "deploy/web", "--replicas=1", "--current-replicas=0") == "deployment.apps/web scaled\n"
    idle("wait", "--for=jsonpath={.status.readyReplicas}=1", "deployment/web", "--timeout=90s")


def test_set_changes_the_pod_template(idle: Kubectl) -> None:
    assert idle("set", "image", "deploy/web", "main=busybox:3") == "deployment.apps/web image updated\n"
    assert idle("set", "env", "deploy/web", "A=b") == "deployment.apps/web env updated\n"
    told = idle("set", "resources", "deploy/web", "--limits=cpu=100m", "--requests=cpu=20m")
    assert told == "deployment.apps/web resource requirements updated\n"
    idle("set", "serviceaccount", "deploy/web", "default")
    container = idle.read("get", "deployment", "web")["spec"]["template"]["spec"]["containers"][0]
    assert (container["image"], container["env"]) == ("busybox:3", [{"name": "A", "value": "b"}])
    assert container["resources"]["limits"] == {"cpu": "100m"}
    assert "A=b" in idle("set", "env", "deploy/web", "--list")


def test_set_selector_and_subject(kubectl: Kubectl) -> None:
    kubectl("create", "service", "clusterip", "s", "--tcp=80")
    kubectl("set", "selector", "service", "s", "app=other")
    assert kubectl.value("service/s", ".spec.selector.app") == "other"
    kubectl("create", "role", "r", "--verb=get", "--resource=pods")
    kubectl("create", "rolebinding", "b", "--role=r", "--user=joe")
    kubectl("set", "subject", "rolebinding", "b", "--user=ann")
    assert kubectl.value("rolebinding/b", ".subjects[*].name") == "joe ann"
