"""The users' own story: nothing scales, since no figures come. The page says so by itself, and one button mends it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.cluster

STACK = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: python:3.12-slim
          command: [python, -c, "import time; time.sleep(600)"]
          resources: {requests: {cpu: 100m}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 2
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
"""

PATIENCE_S = 90


def links(dashboard: Any) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in dashboard.row("pipeline", "metrics").get("links", [])}


def test_figures_come_after_one_confirmation(lab: Any, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(STACK)
    lab.kubectl("apply", "-f", str(tmp_path / "stack.yaml"))
    dashboard = lab.dashboard()

    words = "the server could not find the requested resource (get pods.metrics.k8s.io)"
    dashboard.until(
        lambda: words in str(links(dashboard).get("hpa", {}).get("cause")), seconds=PATIENCE_S, what="the HPA's words"
    )
    row = dashboard.row("pipeline", "metrics")
    assert (row["fault"], row["repair"]["needed"]) == ("api_service", True)
    assert row["sentence"] == (
        "HPA default/web gets no figures, because nothing serves the metrics API: metrics-server is not there."
    )
    assert links(dashboard)["api_service"]["cause"].endswith('"v1beta1.metrics.k8s.io" not found')

    page = dashboard.page("/scaling/repair")
    expected = re.search(r'name="expect" value="([^"]+)"', page)
    assert expected
    form = {"bundle": "metrics-server", "expect": expected[1], "options_of": "metrics-server", "then": "repair"}
    assert dashboard.post("/deploy", **form) == 200
    assert dashboard.until_deployed()["state"] == "done"

    def is_well() -> bool:
        return {each["state"] for each in links(dashboard).values()} == {"ok"}

    dashboard.until(is_well, seconds=PATIENCE_S, what="every link is ok")
    (server,) = [each for each in lab.objects("deployments") if each["metadata"]["name"] == "metrics-server"]
    arguments = server["spec"]["template"]["spec"]["containers"][0]["args"]
    assert "--kubelet-insecure-tls" not in arguments, "the local cluster's kubelet has a certificate that is checked"
