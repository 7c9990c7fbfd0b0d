"""Access control where requests meet it: certificates, tokens, roles, impersonation, reviews, the audit log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from localcluster.apiserver.assembly import Api, ApiSettings, assemble
from localcluster.certificates import Authority
from localcluster.resources import NAMESPACES, SERVICE_ACCOUNTS

RBAC = "/apis/rbac.authorization.k8s.io/v1"
ROLES, BINDINGS = f"{RBAC}/namespaces/test/roles", f"{RBAC}/namespaces/test/rolebindings"
PODS, CONFIG_MAPS = "/api/v1/namespaces/test/pods", "/api/v1/namespaces/test/configmaps"
REVIEWS = "/apis/authorization.k8s.io/v1"
ROBOT = {"kind": "ServiceAccount", "name": "robot", "namespace": "test"}
APPLY = "application/apply-patch+yaml"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    built = assemble(ApiSettings(audit_file=tmp_path / "audit.log"))
    await built.start()
    client = built.registry.client("system:test")
    await client.create(NAMESPACES, {"metadata": {"name": "test"}})
    await client.create(SERVICE_ACCOUNTS, {"metadata": {"name": "robot"}}, namespace="test")
    yield built
    await built.stop()


@pytest.fixture
def robot(stranger: Any, api: Api) -> Any:
    """The API as the ServiceAccount `robot` sees it."""
    stranger.session.headers["Authorization"] = "Bearer " + api.tokens.issue("test", "robot").token
    return stranger


@pytest.fixture
def may(http: Any) -> Callable[..., Any]:
    """Gives the robot rights in its namespace, or by `everywhere` in the cluster."""

    async def grant(name: str, *rules: dict[str, Any], everywhere: bool = False) -> None:
        kind = "ClusterRole" if everywhere else "Role"
        roles, bindings = (f"{RBAC}/clusterroles", f"{RBAC}/clusterrolebindings") if everywhere else (ROLES, BINDINGS)
        binding = {"metadata": {"name": name}, "roleRef": {"kind": kind, "name": name}, "subjects": [ROBOT]}
        for path, body in ((roles, {"metadata": {"name": name}, "rules": list(rules)}), (bindings, binding)):
            status, answer = await http.call("POST", path, body)
            assert status == 201, answer

    return grant


def rule(verbs: str, resources: str, group: str = "") -> dict[str, Any]:
    return {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split()}


async def test_anyone_reads_health_and_nothing_below_it(stranger: Any) -> None:
    for path, code in (("/version", 200), ("/livez", 200), ("/livez/ping", 403), ("/openapi/v3", 403)):
        assert (await stranger.call("GET", path))[0] == code
    status, body = await stranger.call("GET", "/apis")
    assert (status, body["message"], body["details"]) == (
        403, 'forbidden: User "system:anonymous" cannot get path "/apis"', {},
    )  # fmt: skip


async def test_who_is_known_may_discover_and_ask_about_themselves(robot: Any) -> None:
    await robot.get("/apis")
    await robot.get("/openapi/v3")
    keys = await robot.get((await robot.get("/.well-known/openid-configuration"))["jwks_uri"].partition(robot.url)[2])
    assert keys["keys"][0]["alg"] == "ES256"
    status, body = await robot.call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    assert (status, body["status"]["userInfo"]["username"]) == (201, "system:serviceaccount:test:robot")


async def test_rights_come_with_a_binding_and_go_with_it(robot: Any, http: Any, may: Any) -> None:
    assert (await robot.call("GET", PODS))[0] == 403
    await may("reader", rule("get list", "pods"))
    assert (await robot.call("GET", PODS))[0] == 200
    assert (await robot.call("GET", f"{PODS}?watch=true&timeoutSeconds=1"))[0] == 403
    assert (await robot.call("GET", "/api/v1/pods"))[0] == 403
    assert (await robot.call("GET", f"{PODS}/none"))[0] == 404
    assert (await robot.call("GET", f"{PODS}/none/log"))[0] == 403
    await http.call("DELETE", f"{BINDINGS}/reader")
    assert (await robot.call("GET", PODS))[0] == 403


async def test_what_is_forbidden_is_not_told_to_be_missing(robot: Any) -> None:
    for path in (f"{PODS}/none", "/api/v1/nosuches", "/nosuch", "/apis/nosuch.example/v1/things"):
        assert (await robot.call("GET", path))[0] == 403


async def test_a_certificate_tells_user_and_groups(api: Api, client_of: Any) -> None:
    pair = api.authority.client(user="jane", groups=["staff", "dev"])
    async with client_of(pair) as jane:
        _, body = await jane.call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
        info = body["status"]["userInfo"]
        assert (info["username"], info["groups"]) == ("jane", ["staff", "dev", "system:authenticated"])
        assert info["extra"]["authentication.kubernetes.io/credential-id"][0].startswith("X509SHA256=")
        assert (await jane.call("GET", PODS))[0] == 403


async def test_a_certificate_of_others_opens_nothing(client_of: Any) -> None:
    async with client_of(Authority("others").client(user="kubernetes-admin", groups=["system:masters"])) as forger:
        with pytest.raises(aiohttp.ClientError):
            await forger.call("GET", PODS)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_a_bad_token_is_unauthorized_even_for_open_paths(stranger: Any, scheme: str) -> None:
    stranger.session.headers["Authorization"] = f"{scheme} nonsense"
    assert await stranger.call("GET", "/version") == (
        401,
        {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "Unauthorized",
            "reason": "Unauthorized", "code": 401,
        },
    )  # fmt: skip


async def test_roles_and_bindings_cannot_be_used_to_climb(robot: Any, http: Any, may: Any) -> None:
    """By no way of writing: create, replace, patch, apply, apply that creates."""
    group = "rbac.authorization.k8s.io"
    await may("keeper", rule("create update patch get", "roles rolebindings", group), rule("get", "pods"))
    small, large = [rule("get", "pods")], [rule("get", "pods secrets")]
    assert (await robot.call("POST", ROLES, {"metadata": {"name": "own"}, "rules": small}))[0] == 201
    status, body = await robot.call("POST", ROLES, {"metadata": {"name": "more"}, "rules": large})
    assert status == 403
    assert '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}' in body["message"]
    current = await robot.get(f"{ROLES}/own")
    applied = {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": {"name": "more"}, "rules": large}
    mine = {**applied, "metadata": {"name": "own"}}
    for method, path, sent, form in (
        ("PUT", f"{ROLES}/own", {**current, "rules": large}, "application/json"),
        ("PATCH", f"{ROLES}/own", {"rules": large}, "application/merge-patch+json"),
        ("PATCH", f"{ROLES}/own?fieldManager=robot&force=true", mine, APPLY),
        ("PATCH", f"{ROLES}/more?fieldManager=robot", applied, APPLY),
    ):
        assert (await robot.call(method, path, json.dumps(sent), content_type=form))[0] == 403, method
    climb = {"metadata": {"name": "up"}, "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}, "subjects": []}
    status, body = await robot.call("POST", BINDINGS, climb)
    assert (status, "is attempting to grant RBAC permissions not currently held" in body["message"]) == (403, True)
    assert (await http.get(f"{ROLES}/own"))["rules"] == small


async def test_applying_what_is_not_there_takes_the_right_to_create(robot: Any, http: Any, may: Any) -> None:
    await may("patcher", rule("patch", "configmaps"))
    body = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    status, refusal = await robot.call("PATCH", f"{CONFIG_MAPS}/a?fieldManager=r", body, content_type=APPLY)
    assert (status, "cannot create resource" in refusal["message"]) == (403, True)
    await http.call("POST", CONFIG_MAPS, {"metadata": {"name": "a"}})
    assert (await robot.call("PATCH", f"{CONFIG_MAPS}/a?fieldManager=r", body, content_type=APPLY))[0] == 200


async def test_acting_as_others_takes_the_right_to(robot: Any, may: Any) -> None:
    robot.session.headers["Impersonate-User"] = "jane"
    status, body = await robot.call("GET", PODS)
    assert status == 403
    assert body["message"] == (
        'users "jane" is forbidden: User "system:serviceaccount:test:robot" cannot impersonate resource "users" '
        'in API group "" at the cluster scope'
    )
    await may("actor", {**rule("impersonate", "users"), "resourceNames": ["jane"]}, everywhere=True)
    status, body = await robot.call("GET", PODS)
    assert (status, body["message"].partition(":")[2][:12]) == (403, ' User "jane"')
    robot.session.headers["Impersonate-Group"] = "system:masters"
    assert 'groups "system:masters" is forbidden' in (await robot.call("GET", PODS))[1]["message"]


async def test_opening_a_channel_takes_the_right_to_create_it(robot: Any, may: Any) -> None:
    await may("looker", rule("get", "pods/exec"))
    status, body = await robot.call("GET", f"{PODS}/none/exec?command=ls&stdout=true")
    assert (status, 'cannot create resource "pods/exec"' in body["message"]) == (403, True)


@pytest.mark.parametrize(
    ("path", "spec", "text"),
    [
        ("subjectaccessreviews", {"user": "jane"}, "spec.resourceAttributes: Invalid value: null: exactly one of"),
        ("subjectaccessreviews", {"resourceAttributes": {"verb": "get"}}, 'spec.user: Invalid value: "": at least one'),
        ("selfsubjectaccessreviews", {}, "spec.resourceAttributes: Invalid value: null: exactly one of"),
        ("namespaces/test/localsubjectaccessreviews",
         {"user": "jane", "resourceAttributes": {"namespace": "other", "verb": "get"}}, "must match"),
    ],
)  # fmt: skip
async def test_a_review_that_asks_nothing_clear_is_invalid(http: Any, path: str, spec: Any, text: str) -> None:
    status, body = await http.call("POST", f"{REVIEWS}/{path}", {"spec": spec})
    assert (status, text in body["message"]) == (422, True), body["message"]


async def test_reviews_answer_as_requests_are_judged(http: Any, robot: Any, may: Any) -> None:
    await may("reader", rule("list", "pods"))
    asked = {"namespace": "test", "verb": "list", "resource": "pods"}
    spec = {"user": "system:serviceaccount:test:robot", "resourceAttributes": asked}
    path = f"{REVIEWS}/namespaces/test/localsubjectaccessreviews"
    _, body = await http.call("POST", path, {"metadata": {"namespace": "test"}, "spec": spec})
    assert body["status"]["reason"] == (
        'RBAC: allowed by RoleBinding "reader/test" of Role "reader" to ServiceAccount "robot/test"'
    )
    plain = {"nonResourceAttributes": {"verb": "get", "path": "/metrics"}}
    _, body = await robot.call("POST", f"{REVIEWS}/selfsubjectaccessreviews", {"spec": plain})
    assert body["status"] == {"allowed": False}
    _, body = await http.call("POST", f"{REVIEWS}/selfsubjectaccessreviews", {"spec": plain})
    assert body["status"] == {"allowed": True}
    token = {"token": robot.session.headers["Authorization"].split()[1], "audiences": ["other"]}
    _, body = await http.call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {"spec": token})
    assert "is invalid for the target audiences" in body["status"]["error"]


async def test_a_token_is_requested_under_its_account(http: Any, stranger: Any) -> None:
    path = "/api/v1/namespaces/test/serviceaccounts/robot/token"
    status, body = await http.call("POST", path, {"spec": {"expirationSeconds": 600}})
    assert (status, body["spec"]["expirationSeconds"], body["metadata"]["name"]) == (201, 600, "robot")
    stranger.session.headers["Authorization"] = "Bearer " + body["status"]["token"]
    assert (await stranger.call("GET", "/api"))[0] == 200
    for sent, code in (({"spec": {"expirationSeconds": "long"}}, 400), ({"spec": {"expirationSeconds": 1}}, 422)):
        assert (await http.call("POST", path, sent))[0] == code
    assert (await http.call("POST", path.replace("robot", "gone"), {}))[0] == 404
    assert (await http.call("GET", path))[0] == 405


async def test_the_default_roles_are_those_of_kubernetes(http: Any) -> None:
    found = {body["metadata"]["name"]: body for body in (await http.get(f"{RBAC}/clusterroles"))["items"]}
    assert {"cluster-admin", "admin", "edit", "view", "system:discovery", "system:public-info-viewer",
            "system:basic-user", "system:auth-delegator"} <= found.keys()  # fmt: skip
    for name, verb, resource, expected in (
        ("view", "list", "pods", True), ("view", "get", "secrets", False), ("view", "create", "pods", False),
        ("edit", "create", "pods", True), ("edit", "get", "secrets", True), ("edit", "create", "roles", False),
        ("admin", "create", "roles", True), ("admin", "create", "pods", True), ("admin", "delete", "namespaces", False),
    ):  # fmt: skip
        rules = found[name]["rules"]
        assert any(verb in r["verbs"] and resource in r.get("resources", []) for r in rules) is expected, (name, verb)


async def test_aggregated_roles_gather_what_is_labelled_for_them(http: Any, robot: Any) -> None:
    binding = {"metadata": {"name": "v"}, "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": [ROBOT]}
    assert (await http.call("POST", BINDINGS, binding))[0] == 201
    labels = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    more = {"metadata": {"name": "more", "labels": labels}, "rules": [rule("list", "secrets")]}
    assert (await http.call("POST", f"{RBAC}/clusterroles", more))[0] == 201
    secrets = "/api/v1/namespaces/test/secrets"
    async with asyncio.timeout(10):
        while (await robot.call("GET", secrets))[0] != 200:  # noqa: ASYNC110 - what a user sees is waited for
            await asyncio.sleep(0.02)
        await http.call("DELETE", f"{RBAC}/clusterroles/more")
        while (await robot.call("GET", secrets))[0] != 403:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_changes_are_audited_with_their_authors(http: Any, robot: Any, tmp_path: Path) -> None:
    secret = {"metadata": {"name": "s"}, "stringData": {"password": "sesame"}}
    await http.call("POST", "/api/v1/namespaces/test/secrets", secret)
    await http.get(PODS)
    robot.session.headers["User-Agent"] = "robot/1"
    await robot.call("DELETE", f"{CONFIG_MAPS}/a?token=sesame")
    text = (tmp_path / "audit.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(e["user"]["username"], e["verb"], e["objectRef"]["name"], e["responseStatus"]["code"]) for e in lines] == [
        ("kubernetes-admin", "create", "s", 201),
        ("system:serviceaccount:test:robot", "delete", "a", 403),
    ]
    assert (lines[1]["userAgent"], lines[1]["annotations"]["authorization.k8s.io/decision"]) == ("robot/1", "forbid")
    assert "sesame" not in text
