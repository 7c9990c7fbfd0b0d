"""Secrets wherever a dashboard could come upon one, and everything that it says, writes and keeps: none is in it."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.cluster

NAMES = ("file", "encoded", "live", "annotation", "refused", "header", "uri", "log", "traceback")
PAGES = (
    "/", "/deploy", "/deploy/shop", "/deploy/shop/drift", "/deploy/broken", "/deploy/plan?bundle=shop",
    "/deploy/plan?bundle=broken", "/deploy/shop/history/1", "/deploy/shop/teardown", "/deploy/progress",
    "/present", "/share", "/load", "/scaling", "/data", "/limits", "/story", "/runs", "/api/v1/state", "/metrics",
    "/readyz",
    "/story.csv", "/story.json", "/api/v1/story", "/api/v1/deploy/bundles", "/api/v1/deploy/plan?bundle=shop",
)  # fmt: skip

SHOP = """
apiVersion: v1
kind: Namespace
metadata: {{name: shop}}
---
apiVersion: v1
kind: Secret
metadata: {{name: given, namespace: shop}}
stringData: {{password: {file}, log: {log}, traceback: {traceback}}}
data: {{other: {encoded_64}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: till, namespace: shop, labels: {{app: till}}}}
spec:
  progressDeadlineSeconds: 20
  selector: {{matchLabels: {{app: till}}}}
  template:
    metadata: {{labels: {{app: till}}}}
    spec:
      containers:
        - name: app
          image: python:3.12-slim
          command: [python3, -c]
          env:
            - {{name: LOG, valueFrom: {{secretKeyRef: {{name: given, key: log}}}}}}
            - {{name: TRACEBACK, valueFrom: {{secretKeyRef: {{name: given, key: traceback}}}}}}
          args:
            - |
              import os
              print("password=" + os.environ["LOG"], flush=True)
              raise SystemExit("Authorization: Bearer " + os.environ["TRACEBACK"])
"""
BROKEN = """
apiVersion: v1
kind: Secret
metadata: {{name: refused, namespace: shop}}
data: {{token: "not base64 {refused}"}}
"""


class Planted:
    """The canaries, the dashboard among them, and everything that came out of it."""

    def __init__(self, lab: Any, folder: Path) -> None:
        self.canaries = {name: f"c4n4ry{secrets.token_hex(8)}" for name in NAMES}
        self._write(folder / "stacks" / "shop", SHOP)
        self._write(folder / "stacks" / "broken", BROKEN)
        (folder / "stacks" / "shop" / "generated-secrets.yaml").write_text(
            "secrets:\n  - {name: made, namespace: shop, generate: {key: 32}}\n"
        )
        self.data_dir = folder / "data"
        self.data_dir.mkdir()
        self._lab = lab
        self.dashboard = lab.dashboard(data_dir=self.data_dir)

    def _write(self, folder: Path, text: str) -> None:
        folder.mkdir(parents=True)
        told = {**self.canaries, "encoded_64": base64.b64encode(self.canaries["encoded"].encode()).decode()}
        (folder / "all.yaml").write_text(text.format(**told))

    def happen(self) -> None:
        """A deploy that fails, a change by hand, events with credentials, a plan that the API refuses."""
        self.dashboard.post("/deploy", bundle=["shop"])
        self.dashboard.until(
            lambda: self.dashboard.row("deploy")["state"] in ("failed", "done"), seconds=240, what="the deploy's end"
        )
        self.kubectl_apply(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "applied", "namespace": "shop"},
             "stringData": {"password": self.canaries["annotation"]}}
        )  # fmt: skip
        patch = json.dumps({"stringData": {"password": self.canaries["live"]}})
        self._lab.kubectl("-n", "shop", "patch", "secret", "given", "-p", patch)
        self.event("refused: Authorization: Bearer " + self.canaries["header"], "one")
        self.event(f"cannot reach mongodb://guestbook:{self.canaries['uri']}@mongo-0.mongo/", "two")
        (made,) = (each for each in self._lab.objects("secrets") if each["metadata"]["name"] == "made")
        self.canaries["made"] = base64.b64decode(made["data"]["key"]).decode()
        self.dashboard.post("/deploy", bundle=["broken"])
        self.dashboard.until(
            lambda: "cannot reach" in json.dumps(self.dashboard.rows("story")),
            seconds=60,
            what="the events in the story",
        )
        self._own()

    def _is_told(self) -> bool:
        return "cannot reach" in json.dumps(self.dashboard.rows("story"))

    def _own(self) -> None:
        jars = [each.cookiejar for each in self.dashboard._opener.handlers if hasattr(each, "cookiejar")]
        self.canaries["session"] = next(cookie.value for jar in jars for cookie in jar)
        link = (self.data_dir / "sign-in-url").read_text().strip()
        self.canaries["link"] = link.partition("token=")[2]
        user = yaml.safe_load(self._lab.kubeconfig.read_text())["users"][0]["user"]
        self.canaries["kubeconfig"] = user.get("token") or user["client-key-data"]

    def kubectl_apply(self, document: Any) -> None:
        program = str(Path(sys.executable).with_name("kubectl"))
        command = [program, "--kubeconfig", str(self._lab.kubeconfig), "apply", "-f", "-"]
        subprocess.run(command, input=json.dumps(document), text=True, check=True, capture_output=True)

    def event(self, message: str, name: str) -> None:
        """An Event of the Deployment, as a controller of somebody's own would write it."""
        at = self._lab.objects("deployments")[0]["metadata"]["creationTimestamp"]
        (till,) = (each for each in self._lab.objects("deployments") if each["metadata"]["name"] == "till")
        about = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "till", "namespace": "shop"}
        self.kubectl_apply(
            {"apiVersion": "v1", "kind": "Event", "metadata": {"name": f"till.{name}", "namespace": "shop"},
             "involvedObject": {**about, "uid": till["metadata"]["uid"]}, "reason": "Failed", "message": message,
             "type": "Warning", "firstTimestamp": at, "lastTimestamp": at, "count": 1, "source": {"component": "x"}}
        )  # fmt: skip

    def said(self) -> Iterator[tuple[str, bytes]]:
        """Where something may be read, and what is there."""
        for path in PAGES:
            yield path, self.read(path)
        for step in self.dashboard.row("deploy")["steps"]:
            about = step["object"]
            where = f"/deploy/shop/object?id={about['kind']}/{about['namespace']}/{about['name']}"
            yield where, self.read(where)
        for file in sorted(each for each in self.data_dir.rglob("*") if each.is_file()):
            if file.name != "sign-in-url":  # its link is there for whoever may read the file
                yield str(file.relative_to(self.data_dir)), file.read_bytes()
        kept = self._lab.kubectl("-n", "surgeboard-records", "get", "configmaps", "-o", "json")
        yield "records in the cluster", kept.encode()

    def read(self, path: str) -> bytes:
        try:
            with self.dashboard._opener.open(f"http://127.0.0.1:{self.dashboard.port}{path}", timeout=60) as answer:
                return bytes(answer.read()) + str(answer.headers).encode()
        except urllib.error.HTTPError as error:
            with error:
                if error.code not in (404, 409, 422):
                    raise
                return error.read()


@pytest.fixture(scope="module")
def planted(lab: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    folder = tmp_path_factory.mktemp("planted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SURGEBOARD_STACKS_DIR", str(folder / "stacks"))
        patch.setenv("SURGEBOARD_STACKS_CLUSTER_SCOPED", "true")
        patch.setenv("SURGEBOARD_LOG_LEVEL", "DEBUG")
        (folder / "stacks").mkdir()
        made = Planted(lab, folder)
    made.happen()
    yield made
    made.dashboard.close()


def test_none_of_a_dozen_secrets_is_in_anything_it_says_writes_or_keeps(planted: Planted) -> None:
    assert len(planted.canaries) >= 12
    everything = dict(planted.said())
    found = [
        (name, where)
        for name, canary in planted.canaries.items()
        for form in {canary, base64.b64encode(canary.encode()).decode()}
        for where, content in everything.items()
        if form.encode() in content
    ]
    assert found == []
    # And it was there to be found: what stands around the secrets is told.
    assert b"cannot reach mongodb://" in everything["/api/v1/state"]
    assert b"given" in everything["/deploy/shop/drift"]
    assert b"dashboard.log" not in everything
    assert everything["dashboard.log"]
