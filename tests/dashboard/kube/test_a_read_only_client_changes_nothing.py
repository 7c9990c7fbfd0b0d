"""Reads, reviews and dry runs go out; a change does not, in nobody's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.kube.client import KubeClient
from dashboard.kube.config import from_kubeconfig
from dashboard.kube.credential import Credential, acting_as, writing_as
from dashboard.kube.errors import Forbidden
from dashboard.kube.read_only import ReadOnlyClient

MAPS = "/api/v1/namespaces/demo/configmaps"
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
CHANGES: list[Callable[[KubeClient], Any]] = [
    lambda client: client.create(MAPS, {}),
    lambda client: client.apply(f"{MAPS}/a", {}),
    lambda client: client.patch(f"{MAPS}/a", {}),
    lambda client: client.delete(f"{MAPS}/a"),
    lambda client: client.request("PUT", f"{MAPS}/a", body={}),
    lambda client: client.proxy_service("load", "swarm", 8090, "/stop", "POST"),
    lambda client: client.proxy_pod("load", "swarm-1", 8090, "/users", "PUT"),
]


@pytest.fixture
def reader(kubeconfig: Path) -> ReadOnlyClient:
    return ReadOnlyClient(from_kubeconfig(str(kubeconfig)))


@pytest.mark.parametrize("name", [acting_as, writing_as], ids=["asks", "lends a name"])
@pytest.mark.parametrize("person", [None, Credential("ada", lambda: "hers")], ids=["nobody", "a person"])
@pytest.mark.parametrize("change", CHANGES)
def test_no_change_is_sent(api: Any, reader: ReadOnlyClient, change: Any, person: Any, name: Any) -> None:
    with name(person), pytest.raises(Forbidden, match="read-only"):
        change(reader)
    assert api.heads == []


def test_what_leaves_nothing_behind_is_sent(api: Any, reader: ReadOnlyClient) -> None:
    for path in (MAPS, f"{MAPS}/a", REVIEWS):
        api.answers[path] = (200, {})
    reader.get(f"{MAPS}/a")
    reader.create(MAPS, {}, dry_run=True)
    reader.apply(f"{MAPS}/a", {}, dry_run=True)
    reader.request("POST", REVIEWS, body={})
    assert len(api.heads) == 4
