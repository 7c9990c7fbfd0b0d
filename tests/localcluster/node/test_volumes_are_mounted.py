"""Volumes of every kind appear in containers with the right contents, owners and life."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from localcluster.client import Client, Object
from localcluster.controllers.clock import SystemClock
from localcluster.errors import not_found
from localcluster.node.volumes import Volumes
from localcluster.resources import PERSISTENT_VOLUME_CLAIMS, Resource


async def output(cluster: Any, name: str, script: str, *, pod: dict[str, Any], **container: Any) -> list[str]:
    """What a pod that runs `script` once has written."""
    await cluster.shell(name, script, pod={"restartPolicy": "Never", **pod}, **container)
    ended = await cluster.until(name, lambda pod: pod["status"]["phase"] in {"Succeeded", "Failed"})
    text = await cluster.log(name)
    assert ended["status"]["phase"] == "Succeeded", text
    return str(text).splitlines()


async def test_config_maps_and_secrets_are_files(cluster: Any) -> None:
    """Items and modes are honoured; nothing can be written there."""
    await cluster.config_map("cm", {"a.txt": "A", "b.txt": "B"})
    await cluster.secret("keys", {"key": "S"})
    volumes = [
        {"name": "cm", "configMap": {"name": "cm", "items": [{"key": "b.txt", "path": "deep/b"}]}},
        {"name": "keys", "secret": {"secretName": "keys", "defaultMode": 0o400}},
        {"name": "whole", "configMap": {"name": "cm"}},
    ]
    mounts = [
        {"name": "cm", "mountPath": "/cm"},
        {"name": "keys", "mountPath": "/keys"},
        {"name": "whole", "mountPath": "/etc/one.txt", "subPath": "a.txt"},
    ]
    script = (
        "ls /cm; cat /cm/deep/b; echo; stat -L -c %a /keys/key; cat /etc/one.txt; echo; "
        "touch /cm/x 2>/dev/null || echo kept"
    )
    lines = await output(cluster, "files", script, pod={"volumes": volumes}, volumeMounts=mounts)
    assert lines == ["deep", "B", "400", "A", "kept"]


async def test_the_service_account_is_projected(cluster: Any) -> None:
    sources = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
        {"configMap": {"name": "ca", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
    ]
    await cluster.config_map("ca", {"ca.crt": "the authority"})
    where = "/var/run/secrets/kubernetes.io/serviceaccount"
    lines = await output(
        cluster, "account", f"cd {where} && for f in token ca.crt namespace; do cat $f; echo; done",
        pod={"volumes": [{"name": "api", "projected": {"sources": sources}}]},
        volumeMounts=[{"name": "api", "mountPath": where, "readOnly": True}],
    )  # fmt: skip
    assert lines == ["token of test/default", "the authority", "test"]


async def test_containers_share_an_empty_dir(cluster: Any) -> None:
    """What an init container has written, the container reads; the user may write although the root is read-only."""
    mounts = [{"name": "shared", "mountPath": "/shared"}]
    init = {
        "name": "first",
        "image": "busybox",
        "command": ["sh", "-c", "echo left > /shared/x"],
        "volumeMounts": mounts,
    }
    security = {"readOnlyRootFilesystem": True}
    script = "cat /shared/x; touch /shared/y && echo written; touch /y 2>/dev/null || echo refused"
    lines = await output(
        cluster, "sharing", script, volumeMounts=mounts, securityContext=security,
        pod={"volumes": [{"name": "shared", "emptyDir": {}}], "initContainers": [init]},
    )  # fmt: skip
    assert lines == ["left", "written", "refused"]


async def test_a_claim_outlives_its_pod(cluster: Any) -> None:
    body = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": {}}
    await cluster.client.create(PERSISTENT_VOLUME_CLAIMS, body, namespace="test")
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    mounts = [{"name": "data", "mountPath": "/data"}]
    script = "cat /data/x 2>/dev/null; echo kept > /data/x"
    assert await output(cluster, "writer", script, pod={"volumes": volumes}, volumeMounts=mounts) == []
    await cluster.delete("writer")
    assert await output(cluster, "reader", script, pod={"volumes": volumes}, volumeMounts=mounts) == ["kept"]


async def test_a_host_path_is_refused(cluster: Any) -> None:
    await cluster.shell("host", "true", pod={"volumes": [{"name": "root", "hostPath": {"path": "/"}}]})
    event = await cluster.event("host", "FailedMount")
    assert "volumes of type hostPath are refused" in event["message"]


@pytest.mark.usefixtures("as_root")
async def test_users_and_groups_are_those_asked_for(cluster: Any) -> None:
    """runAsUser, runAsGroup and fsGroup, no capabilities, and a Secret readable by the fsGroup alone."""
    await cluster.secret("keys", {"key": "S"})
    volumes = [{"name": "keys", "secret": {"secretName": "keys", "defaultMode": 0o400}}, {"name": "d", "emptyDir": {}}]
    mounts = [{"name": "keys", "mountPath": "/keys"}, {"name": "d", "mountPath": "/d"}]
    lines = await output(
        cluster, "user", "id; cat /keys/key; echo; touch /d/x; stat -c %u:%g /d/x; grep CapBnd /proc/self/status",
        pod={
            "volumes": volumes,
            "securityContext": {"runAsUser": 1234, "runAsGroup": 1235, "fsGroup": 1236, "runAsNonRoot": True},
        },
        volumeMounts=mounts,
        securityContext={"capabilities": {"drop": ["ALL"]}, "allowPrivilegeEscalation": False},
    )  # fmt: skip
    assert lines == [
        "uid=1234(app) gid=1235(app) groups=1235(app),1236", "S", "1234:1236", "CapBnd:\t0000000000000000",
    ]  # fmt: skip


async def test_a_volume_that_lost_its_source_does_not_keep_others_from_being_refreshed(tmp_path: Path) -> None:
    """A ConfigMap that was deleted keeps its files, and the labels after it follow the pod."""
    client, clock = Sourced({"going": {"a": "1"}}), SystemClock()
    volumes = Volumes(
        directory=tmp_path, claims=tmp_path / "claims", client=cast(Client, client), clock=clock,
        token_issuer=_no_token, enforce_owner=False, allocatable={},
    )  # fmt: skip
    item = {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}
    pod: Object = {
        "metadata": {"name": "p", "namespace": "test", "labels": {"tier": "old"}},
        "spec": {
            "containers": [],
            "volumes": [
                {"name": "going", "configMap": {"name": "going"}},
                {"name": "labels", "downwardAPI": {"items": [item]}},
            ],
        },
    }
    await volumes.prepare(pod)
    client.data.clear()
    await volumes.refresh({**pod, "metadata": {**pod["metadata"], "labels": {"tier": "new"}}})
    assert (tmp_path / "going" / "a").read_text() == "1"
    assert (tmp_path / "labels" / "labels").read_text() == 'tier="new"'


class Sourced:
    """ConfigMaps by name, and nothing else."""

    def __init__(self, data: dict[str, dict[str, str]]) -> None:
        self.data = data

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Object:
        if name not in self.data:
            raise not_found(resource=resource.plural, group=resource.group, name=name)
        return {"data": self.data[name]}


async def _no_token(
    namespace: str, service_account: str, *, pod: Object, expiration_seconds: int, audience: str
) -> str:
    raise AssertionError(f"nobody asked for a token of {namespace}/{service_account}")
