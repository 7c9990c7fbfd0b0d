"""Every resource and subresource that discovery names is answered by more than "no such resource"."""

from __future__ import annotations

from typing import Any

_METHODS = {"get": "GET", "create": "POST", "update": "PUT"}
_NO_SUCH_RESOURCE = "the server could not find the requested resource"


async def _listed(http: Any) -> list[tuple[str, dict[str, Any]]]:
    """(path of the group version, row) of everything that is listed."""
    groups = (await http.get("/apis"))["groups"]
    paths = ["/api/v1", *(f"/apis/{version['groupVersion']}" for group in groups for version in group["versions"])]
    return [(path, row) for path in paths for row in (await http.get(path))["resources"]]


async def test_subresources_are_served(http: Any) -> None:
    for path, row in await _listed(http):
        name, _, below = row["name"].partition("/")
        if not below:
            continue
        place = "/namespaces/test" if row["namespaced"] else ""
        verb = next(verb for verb in _METHODS if verb in row["verbs"])
        body = None if verb == "get" else {"kind": row["kind"], "metadata": {"name": "nobody"}}
        _, answer = await http.call(_METHODS[verb], f"{path}{place}/{name}/nobody/{below}", body)
        assert answer["message"] != _NO_SUCH_RESOURCE, row["name"]


async def test_resources_can_be_listed(http: Any) -> None:
    for path, row in await _listed(http):
        if "list" in row["verbs"]:
            status, answer = await http.call("GET", f"{path}/{row['name']}")
            assert (status, answer["kind"]) == (200, f"{row['kind']}List")


async def test_what_is_not_listed_is_not_served(http: Any) -> None:
    for path in (
        "/api/v1/nodes/x/proxy",
        "/api/v1/namespaces/test/pods/x/ephemeralcontainers",
        "/apis/batch/v1/cronjobs",
    ):
        status, answer = await http.call("GET", path)
        assert (status, answer["message"]) == (404, _NO_SUCH_RESOURCE)
