"""kubectl with a kind that a CustomResourceDefinition adds: every command as with the kinds that were there before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.cluster

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd], categories: [all]}
  versions:
    - name: v1
      served: true
      storage: true
      subresources:
        status: {}
        scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
      additionalPrinterColumns:
        - {name: Size, type: string, jsonPath: .spec.size}
        - {name: Replicas, type: integer, jsonPath: .spec.replicas}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              description: What the widget shall be.
              properties:
                size: {type: string, enum: [S, M, L], description: How large it is.}
                replicas: {type: integer, minimum: 0, default: 1}
            status:
              type: object
              x-kubernetes-preserve-unknown-fields: true
"""
WIDGET = """\
apiVersion: example.com/v1
kind: Widget
metadata: {name: one}
spec: {size: M}
"""


@pytest.fixture(scope="module")
def defined(cluster: Any) -> Iterator[None]:
    cluster("apply", "-f", "-", stdin=DEFINITION)
    cluster("wait", "--for=condition=Established", "crd/widgets.example.com")
    yield
    cluster("delete", "crd", "widgets.example.com", "--ignore-not-found")
    # kubectl believes for ten minutes that widgets belong to `get all`, and fails that for other tests.
    shutil.rmtree(cluster.home / ".kube" / "cache")


@pytest.fixture
def one(kubectl: Any, defined: None) -> Any:
    """kubectl in a namespace with the Widget `one`."""
    assert kubectl("apply", "-f", "-", stdin=WIDGET) == "widget.example.com/one created\n"
    return kubectl


def test_a_definition_is_listed(cluster: Any, defined: None) -> None:
    assert cluster.lines("get", "crd")[0] == ["NAME", "CREATED", "AT"]
    assert "widgets.example.com" in cluster("get", "crd", "-o", "name")
    rows = cluster.lines("api-resources", "--api-group=example.com")
    assert rows[1] == ["widgets", "wd", "example.com/v1", "true", "Widget"]
    assert "example.com/v1\n" in cluster("api-versions")


def test_a_definition_and_its_object_take_two_passes(cluster: Any, kubectl: Any, tmp_path: Path) -> None:
    """kubectl looks all kinds up before it sends anything. What it remembers of them others need not see."""
    kubectl = replace(kubectl, home=tmp_path)
    file = tmp_path / "both.yaml"
    both = (
        f"{DEFINITION}---\n{WIDGET}".replace("widgets", "gadgets").replace("Widget", "Gadget").replace("[wd]", "[gd]")
    )
    file.write_text(both)
    assert "ensure CRDs are installed first" in kubectl("apply", "-f", file, fails=True)
    assert "gadget.example.com/one created" in kubectl("apply", "-f", file)
    assert kubectl("apply", "-f", file).splitlines() == [
        "customresourcedefinition.apiextensions.k8s.io/gadgets.example.com unchanged",
        "gadget.example.com/one unchanged",
    ]
    cluster("delete", "crd", "gadgets.example.com")
    assert "(NotFound)" in kubectl("get", "gadgets", fails=True)


def test_get_shows_the_columns_of_the_definition(one: Any) -> None:
    assert one.lines("get", "wd") == [["NAME", "SIZE", "REPLICAS"], ["one", "M", "1"]]
    assert "widget.example.com/one" in one("get", "all")


def test_explain_and_describe_know_the_fields(one: Any) -> None:
    assert "How large it is." in one("explain", "widgets.spec.size")
    assert "replicas\t<integer>" in one("explain", "widgets.spec")
    described = one("describe", "widget", "one")
    assert "Kind:         Widget" in described
    assert "Size:      M" in described


def test_unknown_and_wrong_fields_are_refused(one: Any) -> None:
    refused = one("apply", "-f", "-", stdin=WIDGET.replace("size: M", "sizze: M"), fails=True)
    assert 'strict decoding error: unknown field "spec.sizze"' in refused
    refused = one("apply", "-f", "-", stdin=WIDGET.replace("size: M", "size: XL"), fails=True)
    assert 'spec.size: Unsupported value: "XL": supported values: "S", "M", "L"' in refused


def test_scale_patch_label_and_edit(one: Any, tmp_path: Path) -> None:
    one("scale", "wd/one", "--replicas=3")
    assert one.value("wd/one", ".spec.replicas") == "3"
    one("patch", "wd", "one", "--type=merge", "-p", '{"spec":{"size":"L"}}')
    one("patch", "wd", "one", "--type=json", "-p", '[{"op":"replace","path":"/spec/replicas","value":2}]')
    one("label", "wd", "one", "a=b")
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/size: L/size: S/' \"$1\"\n")
    editor.chmod(0o755)
    one.as_editor(editor)("edit", "wd", "one")
    assert one.value("wd/one", ".spec") == '{"replicas":2,"size":"S"}'
    assert one("get", "wd", "-l", "a=b", "-o", "name") == "widget.example.com/one\n"
    assert "is not supported" in one("patch", "wd", "one", "--type=strategic", "-p", "{}", fails=True)


def test_status_is_waited_for(one: Any) -> None:
    status = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}'
    one("patch", "wd", "one", "--subresource=status", "--type=merge", "-p", status)
    one("wait", "--for=condition=Ready", "wd/one", "--timeout=90s")


def test_server_side_apply_finds_conflicts(one: Any) -> None:
    one("apply", "--server-side", "--field-manager=a", "--force-conflicts", "-f", "-", stdin=WIDGET)
    other = WIDGET.replace("size: M", "size: L")
    refused = one("apply", "--server-side", "--field-manager=b", "-f", "-", stdin=other, fails=True)
    assert 'conflict with "a"' in refused
    assert ".spec.size" in refused


def test_quotas_count_them(one: Any) -> None:
    one("create", "quota", "few", "--hard=count/widgets.example.com=1")
    one("wait", "quota/few", "--for=jsonpath={.status.used.count/widgets\\.example\\.com}=1", "--timeout=90s")
    refused = one("create", "-f", "-", stdin=WIDGET.replace("one", "two"), fails=True)
    assert "exceeded quota: few" in refused
    one("delete", "wd", "one")
    one("wait", "quota/few", "--for=jsonpath={.status.used.count/widgets\\.example\\.com}=0", "--timeout=90s")


def test_what_they_own_goes_with_them(one: Any) -> None:
    uid = one.value("wd/one", ".metadata.uid")
    one("create", "configmap", "owned")
    owner = f'[{{"apiVersion":"example.com/v1","kind":"Widget","name":"one","uid":"{uid}"}}]'
    one("patch", "configmap", "owned", "--type=merge", "-p", f'{{"metadata":{{"ownerReferences":{owner}}}}}')
    one("delete", "wd", "one")
    one("wait", "--for=delete", "configmap/owned", "--timeout=90s")


def test_rights_are_by_resource_and_group(one: Any) -> None:
    user = "--as=somebody"
    assert one("auth", "can-i", "list", "widgets.example.com", user, fails=True) == "no\n"
    one("create", "role", "reader", "--verb=list", "--resource=widgets.example.com")
    one("create", "rolebinding", "reader", "--role=reader", "--user=somebody")
    assert one("auth", "can-i", "list", "widgets.example.com", user) == "yes\n"
    assert one.lines("get", "wd", user)[1] == ["one", "M", "1"]


def test_namespaces_take_them_along(cluster: Any, defined: None) -> None:
    cluster("create", "namespace", "with-widgets")
    cluster("apply", "-n", "with-widgets", "-f", "-", stdin=WIDGET)
    cluster("delete", "namespace", "with-widgets", "--timeout=90s")
    cluster("create", "namespace", "with-widgets")
    assert "No resources found" in cluster("get", "wd", "-n", "with-widgets")
    cluster("delete", "namespace", "with-widgets", "--wait=false")
