"""Who may come in, which forms are understood, and what is told about the API itself."""

from __future__ import annotations

import asyncio
import io
import json
import ssl
from typing import Any

import pytest
import yaml

from localcluster.apiserver.assembly import Api
from localcluster.resources import SERVICE_ACCOUNTS

CONFIG_MAPS = "/api/v1/namespaces/test/configmaps"


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/version"])
async def test_anyone_may_ask_for_health_and_version(stranger: Any, path: str) -> None:
    assert (await stranger.call("GET", path))[0] == 200


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
async def test_health_tells_its_checks_on_request(http: Any, path: str) -> None:
    assert await http.call("GET", f"{path}/ping") == (200, "ok")
    assert await http.call("GET", f"{path}?verbose") == (200, f"[+]ping ok\n{path[1:]} check passed\n")
    assert (await http.call("GET", f"{path}/nosuch"))[0] == 404


async def test_a_request_that_is_none_is_told_in_one_line(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port, ssl=ssl._create_unverified_context())  # noqa: S323
    writer.write(b"GET /version HTTP/1.1\r\nno header: x\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.0 400 ")
    writer.close()
    (record,) = [each for each in caplog.records if "connections" in each.name]
    assert (record.levelname, record.exc_info) == ("INFO", None)
    assert "Invalid header token" in record.getMessage()


async def test_a_stranger_may_read_nothing_else(stranger: Any) -> None:
    status, body = await stranger.call("GET", "/api/v1/namespaces/test/pods")
    assert (status, body["message"]) == (
        403,
        (
            'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" '
            'in the namespace "test"'
        ),
    )
    assert (await stranger.call("GET", "/api"))[0] == 403


async def test_a_bad_token_is_unauthorized(stranger: Any) -> None:
    stranger.session.headers["Authorization"] = "Bearer nonsense"
    status, body = await stranger.call("GET", "/api/v1/pods")
    assert (status, body["reason"]) == (401, "Unauthorized")


async def test_a_service_accounts_token_works_until_the_account_is_gone(stranger: Any, api: Api) -> None:
    client = api.registry.client("system:test")
    await client.create(SERVICE_ACCOUNTS, {"metadata": {"name": "robot"}}, namespace="test")
    stranger.session.headers["Authorization"] = "Bearer " + api.tokens.issue("test", "robot").token
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    _, body = await stranger.call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review)
    assert body["status"]["userInfo"]["username"] == "system:serviceaccount:test:robot"
    await client.delete(SERVICE_ACCOUNTS, "robot", namespace="test")
    assert (await stranger.call("GET", "/api/v1/pods"))[0] == 401


async def test_a_body_too_large_is_refused(http: Any) -> None:
    body = json.dumps({"metadata": {"name": "a"}, "data": {"a": "x" * (3 * 1024 * 1024)}})
    large = io.BytesIO(body.encode())
    status, refusal = await http.call("POST", CONFIG_MAPS, large, content_type="application/json")
    assert (status, refusal["reason"]) == (413, "RequestEntityTooLarge")


async def test_yaml_goes_in_and_comes_out(http: Any) -> None:
    text = "metadata: {name: a}\ndata: {k: v}\n"
    status, answer = await http.call(
        "POST", CONFIG_MAPS, text, content_type="application/yaml", accept="application/yaml"
    )
    assert status == 201
    assert yaml.safe_load(answer)["data"] == {"k": "v"}


async def test_every_kind_of_the_table_is_listed_as_table_and_as_metadata(http: Any) -> None:
    groups = await http.get("/apis")
    versions = ["/api/v1", *(f"/apis/{group['versions'][0]['groupVersion']}" for group in groups["groups"])]
    for version in versions:
        for row in (await http.get(version))["resources"]:
            if "list" not in row["verbs"]:
                continue
            path = f"{version}/{row['name']}"
            assert (await http.get(path))["kind"] == f"{row['kind']}List"
            table = await http.get(path, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
            assert (table["kind"], [len(r["cells"]) for r in table["rows"]]) == (
                "Table", [len(table["columnDefinitions"])] * len(table["rows"]),
            )  # fmt: skip
            partial = await http.get(path, accept="application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")
            assert partial["kind"] == "PartialObjectMetadataList"


async def test_a_stored_apis_openapi_names_fields_and_patch_parameters(http: Any) -> None:
    root = await http.get("/openapi/v3")
    document = await http.get(root["paths"]["apis/apps/v1"]["serverRelativeURL"])
    patch = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert patch["x-kubernetes-group-version-kind"]["kind"] == "Deployment"
    assert "fieldValidation" in [parameter["name"] for parameter in patch["parameters"]]
    assert "io.k8s.api.apps.v1.Deployment" in document["components"]["schemas"]


async def test_access_reviews_say_yes_to_the_admin(http: Any) -> None:
    review = {"spec": {"resourceAttributes": {"verb": "delete", "resource": "pods"}}}
    _, body = await http.call("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    assert body["status"]["allowed"] is True


async def test_unknown_fields_are_warned_about_and_dropped(http: Any) -> None:
    status, body = await http.call("POST", CONFIG_MAPS, {"metadata": {"name": "a"}, "nope": 1})
    assert status == 201
    assert "nope" not in body


async def test_an_unknown_page_is_plainly_not_found(http: Any) -> None:
    assert await http.call("GET", "/nosuch") == (404, "404 page not found\n")
    assert (await http.call("GET", "/apis/metrics.k8s.io/v1beta1/pods"))[0] == 404
    status, body = await http.call("GET", "/api/v1/nosuches")
    assert (status, body["message"]) == (404, "the server could not find the requested resource")
