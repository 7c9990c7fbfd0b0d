"""The image `mongo` starts a real mongod that listens on the pod's address and finds its peers by name."""

from __future__ import annotations

from typing import Any

import pymongo
import pytest

from localcluster.node.images import find_mongod


@pytest.mark.skipif(find_mongod() is None, reason="no mongod on this machine")
async def test_a_member_starts_as_a_user_of_its_own_and_answers(cluster: Any) -> None:
    """With a read-only root, a data volume and a limit; it ends by itself when told to."""
    args = ["--replSet", "rs0", "--bind_ip", "0.0.0.0", "--dbpath", "/data/db", "--wiredTigerCacheSizeGB", "0.25"]
    mongod = {
        "name": "mongod",
        "image": "docker.io/library/mongo:8.0",
        "command": ["mongod"],
        "args": args,
        "ports": [{"name": "mongodb", "containerPort": 27017}],
        "volumeMounts": [{"name": "data", "mountPath": "/data/db"}, {"name": "tmp", "mountPath": "/tmp"}],
        "securityContext": {"readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False},
        "readinessProbe": {"tcpSocket": {"port": "mongodb"}, "periodSeconds": 2},
        "resources": {"limits": {"memory": "600Mi"}},
    }
    user = {} if not cluster.enforces_users else {"runAsUser": 999, "runAsGroup": 999, "fsGroup": 999}
    await cluster.run(
        "mongo-0", containers=[mongod], securityContext=user, terminationGracePeriodSeconds=20,
        volumes=[{"name": "data", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}],
    )  # fmt: skip
    pod = await cluster.until("mongo-0", ready)
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
        pod["status"]["podIP"], 27017, directConnection=True, serverSelectionTimeoutMS=10_000
    )
    with client:
        assert client.admin.command("buildInfo")["ok"] == 1
        options = client.admin.command("getCmdLineOpts")["parsed"]["net"]
        assert options["compression"]["compressors"] == "disabled"
        assert options["bindIp"] == pod["status"]["podIP"]
    used = {usage.container: usage.usage for usage in cluster.agent.usage()}
    assert used["mongod"].working_set > 20 << 20
    await cluster.delete("mongo-0")


def ready(pod: Any) -> bool:
    conditions = {c["type"]: c["status"] for c in pod["status"].get("conditions", [])}
    return conditions.get("Ready") == "True"
