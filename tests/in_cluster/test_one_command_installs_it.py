"""`kubectl apply -k manifests/dashboard` on an empty cluster, the way in by port-forward, and a person who signs in."""

from __future__ import annotations

import contextlib
import http.cookiejar
import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.cluster
BUNDLE = Path(__file__).parents[2] / "manifests" / "dashboard"
SAID = "localhost:8080"


class Browser:
    """Follows no redirect and keeps its cookie, as much of a browser as signing in takes.

    Whatever port is free on this machine, it says the one that the documentation names.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar, _Stays())

    def get(self, path: str) -> tuple[int, str]:
        return self._send(path)

    def post(self, path: str, **form: Any) -> tuple[int, str]:
        return self._send(path, urllib.parse.urlencode(form, doseq=True).encode())

    def row(self, view: str, key: str = "current") -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.get("/api/v1/state")[1])["views"].get(view, {}).get(key, {})
        return found

    def _send(self, path: str, body: bytes | None = None) -> tuple[int, str]:
        own = {"Host": SAID, "Origin": f"http://{SAID}", "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
        address = f"http://127.0.0.1:{self._port}{path}"
        request = urllib.request.Request(address, data=body, headers=own if body else {"Host": SAID})
        try:
            with self._opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@pytest.fixture(scope="module")
def installed(site: Any) -> Any:
    """The cluster once the one command has been given and the dashboard is ready."""
    site.kubectl("apply", "-k", str(BUNDLE))
    try:
        site.kubectl("-n", "surgeboard", "rollout", "status", "deployment/surgeboard", "--timeout=180s")
    except AssertionError:
        told = (
            site.kubectl("-n", "surgeboard", "describe", "pods"),
            site.kubectl("-n", "surgeboard", "logs", "deployment/surgeboard", "--tail=40"),
        )
        pytest.fail("\n".join(told))
    return site


@contextlib.contextmanager
def forwarded(installed: Any) -> Iterator[int]:
    """A port of this machine, as kubectl forwards it; it ends with the pod."""
    command = [*installed.command("-n", "surgeboard", "port-forward", "svc/surgeboard"), ":8080"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as forward:
        assert forward.stdout is not None
        found = re.match(r"Forwarding from 127\.0\.0\.1:(\d+) ", forward.stdout.readline())
        assert found is not None
        try:
            yield int(found[1])
        finally:
            forward.terminate()


@pytest.fixture(scope="module")
def port(installed: Any) -> Iterator[int]:
    with forwarded(installed) as found:
        yield found


@pytest.fixture
def browser(port: int) -> Browser:
    return Browser(port)


@pytest.mark.parametrize("overlay", ["", "overlays/node-port", "overlays/ingress", "overlays/oidc-proxy"])
def test_pod_security_and_admission_have_nothing_against_it(installed: Any, render: Any, overlay: str) -> None:
    """Tried by the API server, which warns of what the namespace's level would refuse.

    Without what has no pods: it serves no Ingress, and the quota for a node port is not raised by a trial. What was
    applied just so is contested by nobody, so that `surgeboard deploy dashboard` goes on from it.
    """
    objects = [each for each in render(BUNDLE / overlay) if each["kind"] not in ("Ingress", "Service")]
    force = f"--force-conflicts={'true' if overlay else 'false'}"
    done = subprocess.run(
        installed.command("apply", "--server-side", force, "--dry-run=server", "-f", "-"),
        input=yaml.safe_dump_all(objects), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "deployment.apps/surgeboard" in done.stdout
    assert "Warning" not in done.stdout


@pytest.mark.parametrize("namespace", ["surgeboard", "surgeboard-records", "mongodb", "flask", "load"])
def test_a_privileged_pod_is_refused_in_each_of_its_namespaces(installed: Any, namespace: str) -> None:
    command = installed.command("-n", namespace, "run", "bad", "--image=busybox", "--privileged", "--dry-run=server")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert 'violates PodSecurity "restricted:v1.36"' in done.stderr


def test_it_serves_and_asks_who_is_there(browser: Browser) -> None:
    assert browser.get("/healthz") == (200, "ok\n")
    assert browser.get("/readyz")[0] == 200
    status, page = browser.get("/")
    assert status == 401
    assert 'name="token"' in page
    assert browser.get("/api/v1/state")[0] == 401


def test_a_stranger_s_token_is_not_taken(browser: Browser, installed: Any) -> None:
    assert browser.post("/sign-in", token="nonsense")[0] == 403
    installed.kubectl("create", "serviceaccount", "stranger")
    token = installed.kubectl("create", "token", "stranger").strip()
    assert browser.post("/sign-in", token=token)[0] == 403
    assert browser.get("/api/v1/state")[0] == 401


def test_a_viewer_sees_the_cluster_and_changes_nothing(
    browser: Browser, installed: Any, wait: Callable[..., Any]
) -> None:
    assert browser.post("/sign-in", token=installed.token("surgeboard-viewer"))[0] == 303
    wait(lambda: browser.row("connection", "cluster").get("state") == "live", seconds=30, what="it sees the cluster")
    assert not [
        key for key, row in json.loads(browser.get("/api/v1/state")[1])["views"]["connection"].items()
        if row["state"] == "forbidden" and key != "metrics"
    ]  # fmt: skip
    assert browser.post("/deploy", bundle=["load"])[0] == 403


def test_who_may_look_at_the_app_sees_nothing_of_other_namespaces(
    browser: Browser, installed: Any, wait: Callable[..., Any]
) -> None:
    installed.kubectl("create", "namespace", "payroll")
    installed.kubectl("-n", "payroll", "create", "quota", "budget", "--hard=pods=1")
    installed.kubectl("-n", "payroll", "create", "deployment", "salaries", "--image=nowhere.example/x:1")
    installed.kubectl("-n", "flask", "create", "deployment", "witness", "--image=nowhere.example/x:1")
    assert browser.post("/sign-in", token=installed.token("surgeboard-viewer"))[0] == 303
    wait(lambda: "witness" in browser.get("/api/v1/state")[1], seconds=60, what="what came later is there")
    told = browser.get("/api/v1/state")[1] + browser.get("/api/v1/limits")[1] + browser.get("/api/v1/story")[1]
    assert not re.search("payroll|salaries", told)
    views = json.loads(browser.get("/api/v1/state")[1])["views"]
    shown = {str(row["namespace"]) for view in ("pods", "workloads") for row in views.get(view, {}).values()}
    assert shown <= {"flask", "mongodb", "load", "kube-system"}
    assert set(views["namespaces"]) == {"flask", "mongodb", "load", "kube-system"}


def test_an_operator_deploys_from_inside_of_the_cluster_in_their_own_name(
    browser: Browser, installed: Any, wait: Callable[..., Any]
) -> None:
    assert browser.post("/sign-in", token=installed.token("surgeboard-operator"))[0] == 303
    assert browser.post("/deploy", bundle=["load"])[0] == 200
    over = ("done", "failed", "cancelled")
    wait(lambda: browser.row("deploy").get("state") in over, seconds=120, what=lambda: browser.row("deploy"))
    assert (browser.row("deploy")["state"], browser.row("deploy")["error"]) == ("done", None)

    lines = [json.loads(line) for line in (installed.folder / "cluster" / "audit.log").read_text().splitlines()]
    ours = {line["user"]["username"] for line in lines if line.get("userAgent") == "surgeboard"}
    assert ours == {"system:serviceaccount:surgeboard:surgeboard-operator"}


def test_it_does_not_offer_to_deploy_or_remove_itself(browser: Browser, installed: Any) -> None:
    assert browser.post("/sign-in", token=installed.token("surgeboard-operator"))[0] == 303
    assert "/deploy/flask" in browser.get("/deploy")[1]
    assert "/deploy/dashboard" not in browser.get("/deploy")[1]
    assert browser.get("/deploy/dashboard")[0] == 404
    assert browser.post("/deploy", bundle=["dashboard"])[0] in (404, 422)
    assert browser.post("/teardown", bundle="dashboard", confirm="dashboard")[0] in (404, 422)


@pytest.mark.parametrize(
    ("verb", "what"),
    [("create", "deployments.apps"), ("patch", "deployments.apps"), ("delete", "pods"), ("get", "secrets"),
     ("create", "serviceaccounts/token"), ("create", "pods/exec"), ("impersonate", "users")],
)  # fmt: skip
@pytest.mark.parametrize("namespace", ["surgeboard", "mongodb", "flask", "kube-system"])
def test_the_key_in_the_pod_opens_nothing(installed: Any, namespace: str, verb: str, what: str) -> None:
    account = "system:serviceaccount:surgeboard:surgeboard"
    command = installed.command("auth", "can-i", verb, what, "-n", namespace, "--as", account)
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == "no\n"


@pytest.mark.parametrize("verb", ["create", "patch", "delete"])
@pytest.mark.parametrize("what", ["configmaps", "leases.coordination.k8s.io", "secrets", "pods"])
@pytest.mark.parametrize("account", ["surgeboard-viewer", "surgeboard-operator"])
def test_nobody_s_token_changes_anything_beside_the_dashboard(
    installed: Any, account: str, what: str, verb: str
) -> None:
    command = installed.command(
        "auth", "can-i", verb, what, "-n", "surgeboard", "--as", f"system:serviceaccount:surgeboard:{account}"
    )
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == "no\n"


def test_runs_and_story_are_kept_on_the_volume(installed: Any) -> None:
    found = installed.kubectl(
        "-n", "surgeboard", "exec", "deployment/surgeboard", "--", "sh", "-c", "ls $SURGEBOARD_DATA_DIR; id -u"
    ).split()
    assert {"runs.db", "story.db"} <= set(found)
    assert found[-1] == "10001"


def test_read_only_it_lets_people_look_and_takes_no_change(installed: Any, wait: Callable[..., Any]) -> None:
    """Of whoever may do everything; the last of all, as the dashboard is another one from then on."""
    installed.kubectl("-n", "surgeboard", "set", "env", "deployment/surgeboard", "SURGEBOARD_READ_ONLY=true")
    installed.kubectl("-n", "surgeboard", "rollout", "status", "deployment/surgeboard", "--timeout=180s")
    log = installed.folder / "cluster" / "audit.log"
    before = len(log.read_text().splitlines())
    with forwarded(installed) as port:
        browser = Browser(port)
        assert "This dashboard is read-only: whoever signs in looks on" in browser.get("/")[1]
        assert browser.post("/sign-in", token=installed.token("surgeboard-operator"))[0] == 303
        wait(lambda: browser.row("connection", "cluster").get("state") == "live", seconds=30, what="it is live")
        told = json.loads(browser.get("/api/v1/me")[1])
        assert (told["read_only"], told["capabilities"]) == (True, ["look", "view"])
        assert browser.get("/deploy/load")[0] == 200
        for path in ("/deploy", "/teardown", "/load/plan", "/swarm/start", "/swarm/stop", "/share"):
            assert browser.post(path, bundle="load", confirm="load")[0] == 405, path
    lines = [json.loads(line) for line in log.read_text().splitlines()[before:]]
    assert [each["requestURI"] for each in lines if each.get("userAgent") == "surgeboard"] == []
