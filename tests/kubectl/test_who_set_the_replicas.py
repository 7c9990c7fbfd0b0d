"""What the dashboard reads from managedFields of who set the replicas, after kubectl's ways of doing so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashboard.kube import writers
from dashboard.kube.scalable_structs import Scalable
from dashboard.store import projections

Kubectl = Any
pytestmark = pytest.mark.cluster

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: main, image: "busybox:1"}]
"""


def who(kubectl: Kubectl) -> tuple[str, str]:
    """By whom, and in which words."""
    raw = kubectl("get", "deployment", "web", "-o", "json", "--show-managed-fields")
    found = projections.workload(msgspec.json.decode(raw, type=Scalable), kind="Deployment", hpa=None)["scaled_by"]
    manager, way = found["manager"], found["subresource"]
    return writers.by(manager, subresource=way), writers.told(manager, subresource=way)


def test_each_way_of_kubectl_is_a_persons(kubectl: Kubectl, tmp_path: Path) -> None:
    kubectl("apply", "-f", "-", stdin=WEB)
    assert who(kubectl) == ("person", "kubectl apply")

    kubectl("scale", "deployment/web", "--replicas=1")
    assert who(kubectl) == ("person", "kubectl scale")

    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/replicas: 1/replicas: 2/' \"$1\"\n")
    editor.chmod(0o755)
    kubectl.as_editor(editor)("edit", "deployment", "web")
    assert who(kubectl) == ("person", "kubectl edit")

    kubectl("patch", "deployment", "web", "-p", '{"spec":{"replicas":0}}')
    assert who(kubectl) == ("person", "kubectl patch")


def test_the_hpas_way_is_the_hpas_and_anothers_is_anothers(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=WEB)
    for manager, by in (("kube-controller-manager", "hpa"), ("keda-operator", "other")):
        size = 1 if by == "hpa" else 0
        patch = json.dumps({"spec": {"replicas": size}})
        way = ("--subresource=scale", "--type=merge", f"--field-manager={manager}")
        kubectl("patch", "deployment", "web", *way, "-p", patch)
        assert who(kubectl) == (by, manager)
