"""One line a change: who, as whom, what, with which answer, and never what was sent."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from localcluster.apiserver.access.attributes import Attributes
from localcluster.apiserver.access.audit import AuditFile, AuditLogs, Visit, changes
from localcluster.apiserver.access.identity import Identity
from localcluster.apiserver.access.rbac import Decision
from localcluster.settings import LOG_REQUESTS, parse

NOW = datetime(2026, 11, 23, 5, 0, 0, 123456, tzinfo=UTC)
ADMIN, JANE = Identity("admin", ("system:masters",)), Identity("jane")


def visit(asked: Attributes, who: Identity = ADMIN) -> Visit:
    return Visit(asked, NOW, "kubectl/v1", "127.0.0.1", ADMIN, who, Decision(allowed=True, reason="because"))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Attributes("create", resource="pods"), True),
        (Attributes("delete", resource="pods"), True),
        (Attributes("deletecollection", resource="pods"), True),
        (Attributes("patch", resource="deployments", group="apps", subresource="scale"), True),
        (Attributes("create", resource="serviceaccounts", subresource="token"), True),
        (Attributes("get", resource="pods", subresource="exec"), True),
        (Attributes("get", resource="pods"), False),
        (Attributes("list", resource="pods"), False),
        (Attributes("watch", resource="pods"), False),
        (Attributes("get", path="/version"), False),
        (Attributes("create", resource="subjectaccessreviews", group="authorization.k8s.io"), False),
        (Attributes("create", resource="tokenreviews", group="authentication.k8s.io"), False),
    ],
)
def test_reading_and_asking_is_not_logged(asked: Attributes, expected: bool) -> None:
    assert changes(asked) is expected


def test_a_line_is_an_audit_event(tmp_path: Path) -> None:
    log = AuditFile(tmp_path / "audit.log", now=lambda: NOW)
    asked = Attributes(
        "create", "apps", "v1", "deployments", "", "test", "", "/apis/apps/v1/namespaces/test/deployments"
    )
    seen = visit(asked, who=JANE)
    seen.created = {"name": "web", "namespace": "test", "uid": "7", "annotations": {"secret": "sesame"}}
    log.record(seen, code=201)
    line = (tmp_path / "audit.log").read_text()
    event = json.loads(line)
    assert event.pop("auditID")
    assert event == {
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "stage": "ResponseComplete",
        "requestURI": "/apis/apps/v1/namespaces/test/deployments", "verb": "create",
        "user": {"username": "admin", "groups": ["system:masters"]},
        "impersonatedUser": {"username": "jane", "groups": []},
        "sourceIPs": ["127.0.0.1"], "userAgent": "kubectl/v1",
        "objectRef": {"resource": "deployments", "namespace": "test", "name": "web", "uid": "7", "apiGroup": "apps",
                      "apiVersion": "v1"},
        "responseStatus": {"code": 201},
        "requestReceivedTimestamp": "2026-11-23T05:00:00.123456Z", "stageTimestamp": "2026-11-23T05:00:00.123456Z",
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "because"},
    }  # fmt: skip
    assert "sesame" not in line
    assert stat.S_IMODE((tmp_path / "audit.log").stat().st_mode) == 0o600


def test_what_a_proxied_program_was_asked_is_its_own(tmp_path: Path) -> None:
    log = AuditFile(tmp_path / "audit.log", now=lambda: NOW)
    path = "/api/v1/namespaces/load/services/swarm/proxy/stop/token-of-somebody"
    log.record(visit(Attributes("create", "", "v1", "services", "proxy", "load", "swarm", path)), code=200)
    event = json.loads((tmp_path / "audit.log").read_text())
    assert event["requestURI"] == "/api/v1/namespaces/load/services/swarm/proxy/"


def test_a_full_file_is_put_aside(tmp_path: Path) -> None:
    log = AuditFile(tmp_path / "audit.log", now=lambda: NOW, most_bytes=1000)
    for _ in range(5):
        log.record(visit(Attributes("delete", resource="pods", name="a")), code=200)
    assert (tmp_path / "audit.log.1").stat().st_size >= 1000
    assert (tmp_path / "audit.log").stat().st_size < 1000


def test_a_second_file_may_hold_what_only_reads(tmp_path: Path) -> None:
    changed, all_of_it = tmp_path / "audit.log", tmp_path / "requests.log"
    logs = AuditLogs([AuditFile(changed, now=lambda: NOW), AuditFile(all_of_it, now=lambda: NOW, reads=True)])
    for verb in ("list", "watch", "delete"):
        logs.record(visit(Attributes(verb, resource="pods")), code=200)
    assert [json.loads(line)["verb"] for line in changed.read_text().splitlines()] == ["delete"]
    assert [json.loads(line)["verb"] for line in all_of_it.read_text().splitlines()] == ["list", "watch", "delete"]


@pytest.mark.parametrize(("words", "environment", "expected"), [
    ([], "", None), ([], "1", "requests.log"), (["--log-requests"], "", "requests.log"), ([], "0", None),
])  # fmt: skip
def test_requests_are_written_down_when_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], environment: str, expected: str | None
) -> None:
    monkeypatch.setenv(LOG_REQUESTS, environment)
    found = parse(["up", "--dir", str(tmp_path), *words]).requests_file
    assert found == (tmp_path / expected if expected else None)


def test_a_file_that_cannot_be_written_is_told_and_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = AuditFile(tmp_path / "missing" / "audit.log", now=lambda: NOW)
    log.record(visit(Attributes("delete", resource="pods", name="a")), code=200)
    assert "the audit log cannot be written" in caplog.text
