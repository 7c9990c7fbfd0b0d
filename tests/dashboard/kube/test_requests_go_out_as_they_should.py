"""What the client sends, how it tells failures, and that a write says who writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.kube import logs
from dashboard.kube.client import KubeClient
from dashboard.kube.config import from_kubeconfig
from dashboard.kube.errors import AlreadyExists, Conflict, Expired, Forbidden, NotFound, Unavailable, Unreachable

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a b", "namespace": "demo"}}
PATH = "/api/v1/namespaces/demo/configmaps/a%20b"


def test_a_request_carries_the_credential_of_the_context(api: Any, client: KubeClient) -> None:
    client.get("/api/v1/namespaces/kube-system")
    assert api.heads[-1]["authorization"] == "Bearer t0ken"
    assert api.heads[-1]["user-agent"] == "surgeboard"
    assert client.cluster.name == "fake"


def test_a_token_that_changed_is_read_again(api: Any, client: KubeClient, kubeconfig: Path) -> None:
    kubeconfig.write_text(kubeconfig.read_text().replace("t0ken", "fresh"))
    client.reload()
    client.get("/api/v1/namespaces/kube-system")
    assert api.heads[-1]["authorization"] == "Bearer fresh"


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (403, "Forbidden", Forbidden),
        (404, "NotFound", NotFound),
        (409, "Conflict", Conflict),
        (409, "AlreadyExists", AlreadyExists),
        (410, "Expired", Expired),
        (503, "ServiceUnavailable", Unavailable),
    ],
)
def test_a_refusal_is_an_exception_with_the_server_s_words(
    api: Any, client: KubeClient, status: int, reason: str, kind: type[Exception]
) -> None:
    api.answers["/x"] = (status, {"kind": "Status", "code": status, "reason": reason, "message": "because"})
    with pytest.raises(kind, match="because") as caught:
        client.get("/x")
    assert caught.value.status == status  # type: ignore[attr-defined]


def test_a_refusal_that_is_no_status_is_told_by_its_text(api: Any, client: KubeClient) -> None:
    """So answers a server that does not know the group at all."""
    api.answers["/apis/metrics.k8s.io/v1beta1/pods"] = (404, b"404 page not found\n")
    with pytest.raises(NotFound, match="404 page not found"):
        client.get("/apis/metrics.k8s.io/v1beta1/pods")


def test_nobody_there_is_unreachable(tmp_path: Path, kubeconfig: Path, api: Any) -> None:
    document = json.loads(kubeconfig.read_text())
    document["clusters"][0]["cluster"]["server"] = "http://127.0.0.1:9"
    kubeconfig.write_text(json.dumps(document))
    client = KubeClient(from_kubeconfig(str(kubeconfig)))
    with pytest.raises(Unreachable):
        client.get("/api")
    client.close()


def test_a_kubeconfig_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="nowhere"):
        from_kubeconfig(str(tmp_path / "nowhere"))


def test_apply_names_its_field_manager_and_is_strict(api: Any, client: KubeClient) -> None:
    api.answers[PATH] = (200, {**CONFIG_MAP, "metadata": {"name": "a b", "uid": "u", "resourceVersion": "1"}})
    client.apply(PATH, CONFIG_MAP, dry_run=True)
    method, path, query = api.requests[-1]
    assert (method, path) == ("PATCH", PATH)
    assert query == {"fieldManager": "surgeboard", "fieldValidation": "Strict", "dryRun": "All"}
    assert api.heads[-1]["content-type"] == "application/apply-patch+yaml"
    assert json.loads(api.bodies[-1]) == CONFIG_MAP


def test_apply_forces_nothing_unless_told(api: Any, client: KubeClient) -> None:
    api.answers[PATH] = (201, CONFIG_MAP)
    client.apply(PATH, CONFIG_MAP)
    assert "force" not in api.requests[-1][2]
    client.apply(PATH, CONFIG_MAP, force=True)
    assert api.requests[-1][2]["force"] == "true"


def test_only_the_very_object_is_deleted(api: Any, client: KubeClient) -> None:
    api.answers[PATH] = (200, {"kind": "Status", "status": "Success"})
    client.delete(PATH, uid="u-1")
    assert api.requests[-1][0] == "DELETE"
    assert json.loads(api.bodies[-1])["preconditions"] == {"uid": "u-1"}


def test_a_log_is_lines_also_without_a_last_newline(api: Any, client: KubeClient) -> None:
    api.answers["/api/v1/namespaces/demo/pods/web/log"] = (200, b"one\ntwo")
    assert logs.tail(client, "demo", "web", "main", previous=True) == ["one", "two"]
    assert api.requests[-1][2]["previous"] == "true"
    assert list(logs.follow(client, "demo", "web", "main")) == ["one", "two"]
