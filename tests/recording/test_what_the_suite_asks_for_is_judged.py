"""A call that nobody has granted or declared fails a run of the tests; so does a declaration that no call needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.kube.requests import FIELD_MANAGER
from tests.in_cluster.rights import Call, Grant
from tests.recording.plugin import SuiteRecord
from tests.recording.requests import OURS, asked, logs_below, ungranted
from tests.recording.verdict import judged

LIST_PODS = Call("list", "", "pods", "flask", "")


def line(verb: str, *, agent: str = OURS, decision: str = "allow", code: int = 200, **about: str) -> str:
    """As the local cluster writes it."""
    event: dict[str, Any] = {
        "kind": "Event", "verb": verb, "userAgent": agent, "responseStatus": {"code": code},
        "annotations": {"authorization.k8s.io/decision": decision},
    }  # fmt: skip
    if about:
        event["objectRef"] = {"apiVersion": "v1", **about}
    return json.dumps(event, separators=(",", ":")) + "\n"


def read(folder: Path, *lines: str) -> set[Call]:
    place = folder / "popen-gw0" / "cluster"
    place.mkdir(parents=True)
    (place / "requests.log").write_text("".join(lines))
    return asked(logs_below(folder))


def test_the_dashboard_s_own_requests_are_read_and_nobody_else_s(tmp_path: Path) -> None:
    of_pods = {"resource": "pods", "namespace": "flask"}
    found = read(
        tmp_path, line("list", **of_pods), line("watch", agent="kubectl/v1.37.1", **of_pods), line("get"),
        line("delete", decision="forbid", code=403, **of_pods), line("get", **of_pods).rstrip("\n")[:-9],
    )  # fmt: skip
    assert found == {LIST_PODS}


def test_the_dashboard_is_known_by_the_name_that_it_sends() -> None:
    assert OURS == FIELD_MANAGER


def test_an_apply_that_makes_an_object_is_a_creation_too(tmp_path: Path) -> None:
    service = {"resource": "services", "namespace": "flask", "name": "guestbook"}
    made = Call("patch", "", "services", "flask", "guestbook")
    assert read(tmp_path, line("patch", code=201, **service)) == {
        made, Call("create", "", "services", "flask", "guestbook"),
    }  # fmt: skip


def test_a_creation_names_no_object_but_of_a_subresource(tmp_path: Path) -> None:
    found = read(
        tmp_path, line("create", code=201, resource="jobs", apiGroup="batch", namespace="load", name="swarm-1"),
        line("create", resource="services", subresource="proxy", namespace="flask", name="guestbook:8080"),
    )  # fmt: skip
    assert found == {
        Call("create", "batch", "jobs", "load", ""), Call("create", "", "services/proxy", "flask", "guestbook:8080"),
    }  # fmt: skip


def test_what_is_granted_is_fine_and_what_is_not_is_told() -> None:
    secret = Call("get", "", "secrets", "flask", "guestbook-database")
    left = ungranted({LIST_PODS, secret}, [Grant("list", "", "pods", "*")])
    assert left == {secret}
    assert judged(left, {}, is_whole=False).undeclared == ("get secrets guestbook-database in flask",)
    assert judged(left, {r"get secrets \S+ in flask": "a test says so"}, is_whole=False).is_good


def test_an_idle_declaration_is_told_only_where_every_test_ran() -> None:
    declared = {"list pods in flask": "a test says so", "list nodes": "another did once"}
    assert judged({LIST_PODS}, declared, is_whole=False).is_good
    verdict = judged({LIST_PODS}, declared, is_whole=True)
    assert verdict.idle == ("list nodes",)
    assert "  list nodes" in verdict.lines()


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, True),
        ({"markexpr": "cluster"}, True),
        ({"markexpr": "not browser"}, False),
        ({"keyword": "swarm"}, False),
        ({"deselect": ["tests/e2e"]}, False),
    ],
)
def test_a_run_is_whole_when_nothing_was_chosen_but_the_clusters(chosen: dict[str, Any], expected: bool) -> None:
    option = SimpleNamespace(**{"markexpr": "", **chosen})
    source = pytest.Config.ArgsSource
    for place, whole in ((source.TESTPATHS, expected), (source.ARGS, False)):
        assert SuiteRecord(SimpleNamespace(option=option, args_source=place)).is_whole() is whole  # type: ignore[arg-type]


def test_a_run_without_a_browser_is_not_whole() -> None:
    record = SuiteRecord(
        SimpleNamespace(option=SimpleNamespace(markexpr=""), args_source=pytest.Config.ArgsSource.TESTPATHS)  # type: ignore[arg-type]
    )
    record.pytest_runtest_logreport(SimpleNamespace(skipped=True, keywords={"browser": 1}))  # type: ignore[arg-type]
    assert not record.is_whole()


def test_a_run_fails_for_what_no_role_grants(tmp_path: Path) -> None:
    """One test that passes, in a process of its own, with a cluster that was asked for what nobody may."""
    (tmp_path / "asked.log").write_text(line("get", resource="secrets", namespace="kube-system", name="till"))
    (tmp_path / "test_it.py").write_text(
        "def test_it(tmp_path):\n    (tmp_path / 'requests.log').write_text(open('asked.log').read())\n"
    )
    (tmp_path / "conftest.py").write_text(
        "from tests.recording.plugin import SuiteRecord\n"
        "def pytest_configure(config):\n    config.pluginmanager.register(SuiteRecord(config))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "1", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "1 passed" in ended.stdout
    assert "  get secrets till in kube-system" in ended.stdout
    assert ended.returncode == 1
