"""One rule against one question, and rules against rules: the tables of role-based access control."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.access import rules
from localcluster.apiserver.access.attributes import Attributes, of_request
from localcluster.apiserver.http.paths import parse


def rule(verbs: str, resources: str = "", *, group: str = "", names: str = "", urls: str = "") -> dict[str, Any]:
    if urls:
        return {"verbs": verbs.split(), "nonResourceURLs": urls.split()}
    body = {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split()}
    return {**body, "resourceNames": names.split()} if names else body


def about(verb: str, resource: str, *, group: str = "", name: str = "") -> Attributes:
    plural, _, subresource = resource.partition("/")
    return Attributes(verb, group, "v1", plural, subresource, "test", name)


@pytest.mark.parametrize(
    ("held", "asked", "allowed"),
    [
        (rule("get list", "pods"), about("list", "pods"), True),
        (rule("get list", "pods"), about("watch", "pods"), False),
        (rule("*", "pods"), about("anything", "pods"), True),
        (rule("get", "pods"), about("get", "pods/log"), False),
        (rule("get", "pods/log"), about("get", "pods/log"), True),
        (rule("get", "pods/log"), about("get", "pods"), False),
        (rule("get", "*/scale"), about("get", "deployments/scale"), True),
        (rule("get", "*/scale"), about("get", "deployments/status"), False),
        (rule("get", "*"), about("get", "deployments/status"), True),
        (rule("get", "deployments"), about("get", "deployments", group="apps"), False),
        (rule("get", "deployments", group="*"), about("get", "deployments", group="apps"), True),
        (rule("get", "pods", names="one"), about("get", "pods", name="one"), True),
        (rule("get", "pods", names="one"), about("get", "pods", name="two"), False),
        (rule("list create", "pods", names="one"), about("list", "pods"), False),
        (rule("list create", "pods", names="one"), about("create", "pods"), False),
        (rule("get", urls="/healthz"), Attributes("get", path="/healthz"), True),
        (rule("get", urls="/healthz"), Attributes("get", path="/healthz/ping"), False),
        (rule("get", urls="/healthz/*"), Attributes("get", path="/healthz/ping"), True),
        (rule("get", urls="/api*"), Attributes("get", path="/apis"), True),
        (rule("get", urls="*"), Attributes("post", path="/healthz"), False),
        (rule("*", urls="*"), about("get", "pods"), False),
        (rule("*", "*", group="*"), Attributes("get", path="/healthz"), False),
    ],
)
def test_a_rule_allows_what_it_names(held: dict[str, Any], asked: Attributes, allowed: bool) -> None:
    assert rules.allows(held, asked) is allowed


@pytest.mark.parametrize(
    ("held", "wanted", "missing"),
    [
        ([rule("get list", "pods")], [rule("get", "pods")], []),
        ([rule("get", "pods"), rule("list", "pods")], [rule("get list", "pods")], []),
        ([rule("get", "pods")], [rule("get list", "pods secrets")],
         ['{APIGroups:[""], Resources:["pods"], Verbs:["list"]}',
          '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}']),
        ([rule("get", "*")], [rule("get", "pods/log")], []),
        ([rule("get", "*/log")], [rule("get", "pods/log")], []),
        ([rule("get", "pods", names="a")], [rule("get", "pods", names="a b")],
         ['{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}']),
        ([rule("get", "pods", names="a")], [rule("get", "pods")],
         ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}']),
        ([rule("get", "pods")], [rule("get", "pods", names="a")], []),
        ([rule("get", urls="/api/*")], [rule("get", urls="/api/x /apis")],
         ['{NonResourceURLs:["/apis"], Verbs:["get"]}']),
        ([rule("get", "pods", group="apps")], [rule("get", "pods")],
         ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}']),
        ([rule("*", "pods")], [rule("*", "pods")], []),
        ([rule("get", "pods")], [rule("*", "pods")], ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}']),
        (list(rules.EVERYTHING), [rule("get", "pods"), rule("get", urls="/x")], []),
    ],
)  # fmt: skip
def test_what_is_not_held_is_told_part_by_part(
    held: list[dict[str, Any]], wanted: list[dict[str, Any]], missing: list[str]
) -> None:
    assert [rules.described(part) for part in rules.compact(rules.uncovered(held, wanted))] == missing


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "/api/v1/pods", {}, ("list", "pods", "", "", "")),
        ("GET", "/api/v1/namespaces/a/pods", {"watch": "true"}, ("watch", "pods", "", "a", "")),
        ("GET", "/api/v1/namespaces/a/pods", {"watch": "0"}, ("list", "pods", "", "a", "")),
        ("HEAD", "/api/v1/namespaces/a/pods/p", {}, ("get", "pods", "", "a", "p")),
        ("GET", "/api/v1/namespaces/a/pods", {"fieldSelector": "metadata.name=p"}, ("list", "pods", "", "a", "p")),
        ("GET", "/api/v1/namespaces/a", {}, ("get", "namespaces", "", "a", "a")),
        ("PUT", "/api/v1/namespaces/a/finalize", {}, ("update", "namespaces", "finalize", "a", "a")),
        ("DELETE", "/api/v1/namespaces/a/pods", {}, ("deletecollection", "pods", "", "a", "")),
        ("POST", "/api/v1/namespaces/a/pods/p/eviction", {}, ("create", "pods", "eviction", "a", "p")),
        ("PATCH", "/apis/apps/v1/namespaces/a/deployments/d/scale", {}, ("patch", "deployments", "scale", "a", "d")),
        ("GET", "/api/v1", {}, ("get", "", "", "", "")),
        ("POST", "/nosuch", {}, ("post", "", "", "", "")),
    ],
)  # fmt: skip
def test_a_request_asks_in_the_words_of_rules(
    method: str, path: str, query: dict[str, str], expected: tuple[str, ...]
) -> None:
    asked = of_request(method, path=path, query=query, target=parse(path))
    assert (asked.verb, asked.resource, asked.subresource, asked.namespace, asked.name) == expected
    assert asked.path == path
