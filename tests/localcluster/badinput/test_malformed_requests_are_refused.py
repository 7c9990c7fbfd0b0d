"""Paths, queries, headers and bytes that make no sense get a refusal in time, and change nothing."""

from __future__ import annotations

import base64
import json
import urllib.parse
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcluster.resources import CONFIG_MAPS, CONTROLLER_REVISIONS, PODS, STORED

BOUNDED = settings(
    max_examples=250, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
SEGMENTS = st.sampled_from(
    [
        "", "..", ".", "%2e%2e", "%2F", "%00", "%ff", "%E4%BD%A0", "a" * 300, "*", "namespaces", "pods", "test", "x",
        "status", "scale", "log", "proxy", "token", "exec", "eviction", "binding", "finalize", "watch", "apps", "v1",
        "v2", "v1beta1", "openapi", "version", "~", "a%20b", "%", "%zz", "{", "\\", "http:", "1", "-", "kubernetes:443",
    ]
)  # fmt: skip
SELECTORS = st.sampled_from(
    [
        "", "a", "a==b,c!=d", "a in (b,c)", "a notin (", "a in b", "==", "=", ",,", "a=b=c", "a>1", "a<x", "()", "!",
        "a in ()", "ä=b", "a=\u0000", "x" * 5000, "a=" * 500, "metadata.name=x", "spec.x=1", "metadata.name", "\\,",
        "in in (in)", "notin", "a,b,!c", "status.phase!=Running",
    ]
)  # fmt: skip
KEYS = [
    "limit", "continue", "resourceVersion", "resourceVersionMatch", "allowWatchBookmarks", "sendInitialEvents",
    "dryRun", "fieldManager", "fieldValidation", "force", "gracePeriodSeconds", "propagationPolicy", "pretty",
    "orphanDependents", "includeObject", "tailLines", "sinceSeconds", "limitBytes", "previous", "container", "command",
]  # fmt: skip
VALUES = st.sampled_from(
    [
        "", "0", "1", "-1", "true", "abc", "1e9", "99999999999999999999", "9223372036854775807",
        "\u0000", "null", "NaN", "1.5", "All",
        "x" * 3000, "é", "e30", "bnVsbA", "W10", "Exact", "NotOlderThan", "Strict", "Foreground",
        "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0",
    ]
)  # fmt: skip
HEADERS: dict[str, list[str]] = {
    "Accept": ["", "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=", "text/html", ";;;", ",,,",
               "application/json;q=x", "application/vnd.kubernetes.protobuf", "a" * 5000, "application/yaml"],
    "Content-Type": ["", "text/plain", "application/json; charset=latin-1", "application/vnd.kubernetes.protobuf", ";",
                     "multipart/form-data", "application/yaml", "x" * 3000],
    "Authorization": ["Bearer", "Bearer x", "Bearer a.b.c", "Basic eA==", "Bearer " + "a" * 5000],
    "Impersonate-User": ["x", "", "system:serviceaccount:a:b"], "Impersonate-Group": ["g"],
    "Impersonate-Extra-%zz": ["a"], "User-Agent": ["", "/", "x" * 3000], "Content-Encoding": ["gzip", "br", "x"],
    "If-Match": ["*"], "Range": ["bytes=0-"], "Upgrade": ["websocket", "SPDY/3.1", "h2c"],
}  # fmt: skip
BODIES = st.sampled_from(
    [
        b"", b"{}", b"[]", b"null", b"x", b"\xff\xfe", b'{"kind":', b'"text"', b'{"gracePeriodSeconds":"x"}',
        b'{"preconditions":[1]}', b'{"dryRun":"All"}', b'{"propagationPolicy":5}', b'{"gracePeriodSeconds":1e30}',
        b'{"metadata":{"name":5}}', b'{"spec":{"replicas":"x"}}', b'{"spec":{"token":[]}}', b'{"target":[]}',
        b'{"spec":{"resourceAttributes":true}}', b"k8s\x00", b"k8s\x00\xff\xff", b"\x1f\x8b\x08",
    ]
)  # fmt: skip
YAMLS = [
    "a: &a [*a]", "? [a, b]\n: 1", "a: 2020-01-01", "!!set {a, b}", "!!python/object:os.system x", "a: !!binary YQ==",
    "1: 2", "? {a: b}\n: c", "a: .nan", "--- 1\n--- 2", "%YAML 9", "\x00", "yes: no", "<<: [1]", "a: !<x> b", "'", "{",
    "a: !!timestamp 2001-13-45", "a: !!float x", "a: " + "[" * 5000, "- " * 5000, "a: " + "{b: " * 5000,
]  # fmt: skip
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + step)}: &{chr(98 + step)} [{','.join(['*' + chr(97 + step)] * 9)}]\n" for step in range(9)
)


@st.composite
def queries(draw: st.DrawFn) -> str:
    pairs = [(draw(st.sampled_from(KEYS)), draw(VALUES)) for _ in range(draw(st.integers(0, 2)))]
    pairs += [(key, draw(SELECTORS)) for key in draw(st.sampled_from([[], ["labelSelector"], ["fieldSelector"]]))]
    return "?" + urllib.parse.urlencode(pairs) if pairs else ""


@BOUNDED
@given(
    segments=st.lists(SEGMENTS, min_size=1, max_size=8), query=queries(), body=BODIES,
    root=st.sampled_from(["/", "/api/", "/api/v1/", "/api/v1/namespaces/test/", "/apis/apps/v1/namespaces/test/"]),
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
)  # fmt: skip
def test_paths_and_queries(server: Any, segments: list[str], query: str, body: bytes, root: str, method: str) -> None:
    sent = None if method in ("GET", "OPTIONS") else body
    server.refused(method, root + "/".join(segments) + query, sent, {"Content-Type": "application/json"})


@BOUNDED
@given(
    resource=st.sampled_from(STORED), names=st.sets(st.sampled_from(sorted(HEADERS)), max_size=3), body=BODIES,
    query=queries(), place=st.sampled_from(["", "/x", "/x/status", "/x/scale"]), data=st.data(),
    method=st.sampled_from(["GET", "GET", "POST", "PUT", "PATCH"]),
)  # fmt: skip
def test_headers_and_bodies(
    server: Any, path_of: Any, resource: Any, names: set[str], body: bytes, query: str, place: str, data: Any,
    method: str,
) -> None:  # fmt: skip
    headers = {name: data.draw(st.sampled_from(HEADERS[name])) for name in sorted(names)}
    server.refused(method, path_of(resource) + place + query, None if method == "GET" else body, headers)


def token(revision: object, start: object = "/a") -> str:
    document = json.dumps({"v": "meta.k8s.io/v1", "rv": revision, "start": start})
    return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("limit=99999999999999999999", 400, "value out of range"),
        ("limit=1_0", 400, "invalid syntax"),
        ("limit=%D9%A3", 400, "invalid syntax"),
        ("timeoutSeconds=abc", 400, "invalid syntax"),
        ("watch=1&timeoutSeconds=" + "9" * 400, 400, "value out of range"),
        ("resourceVersion=" + "9" * 5000, 400, "value out of range"),
        ("resourceVersion=" + "9" * 19, 504, "Too large resource version"),
        ("watch=1&resourceVersion=" + "9" * 5000, 400, "value out of range"),
        ("continue=" + token(10**30), 400, "incorrect encoded start resourceVersion"),
        ("continue=" + token(True), 400, "incorrect encoded start resourceVersion"),
        ("continue=" + token(10**12), 504, "Too large resource version"),
        ("continue=" + token(-5), 410, "too old"),
        ("continue=" + token(1, ""), 400, "incorrect encoded start key"),
        ("continue=" + token(1, [5]), 400, "incorrect encoded start key"),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
def test_numbers_and_tokens_out_of_range(server: Any, path_of: Any, query: str, status: int, words: str) -> None:
    found, text = server.call("GET", f"{path_of(CONFIG_MAPS)}?{query}")
    assert found == status, text
    assert words in json.loads(text)["message"]


@pytest.mark.parametrize("protocol", ["websocket", "SPDY/3.1", "h2c"])
def test_an_upgrade_nobody_offers_does_not_silence_the_connection(server: Any, path_of: Any, protocol: str) -> None:
    headers = {"Connection": "Upgrade", "Upgrade": protocol, "Content-Type": "application/json"}
    server.hang_up()
    for _ in range(2):
        assert server.refused("DELETE", path_of(PODS) + "/nosuch", b"{}", headers) == 404
        assert server.call("GET", path_of(PODS))[0] == 200


@pytest.mark.parametrize("text", [*YAMLS, BOMB], ids=lambda text: text[:12].encode("unicode_escape").decode())
def test_yaml_that_json_cannot_say(server: Any, path_of: Any, text: str) -> None:
    path = path_of(CONTROLLER_REVISIONS) + "/x?fieldManager=f"
    head = "apiVersion: apps/v1\nkind: ControllerRevision\nmetadata: {name: x}\nrevision: 1\ndata:\n  "
    nested = head + text.replace("\n", "\n  ")
    for body in (text, nested):
        server.refused("PATCH", path, body.encode(), {"Content-Type": "application/apply-patch+yaml"})


@pytest.mark.parametrize("depth", [150, 199, 255, 1000, 100_000])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_bodies_that_are_too_deep(server: Any, path_of: Any, depth: int, opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    value = opening * depth + b"1" + closing * depth
    body = b'{"metadata":{"name":"deep"},"revision":1,"data":' + value + b"}"
    status = server.refused("POST", path_of(CONTROLLER_REVISIONS), body, {"Content-Type": "application/json"})
    assert status == (201 if depth == 150 and opening != b"[" else 400)
    server.call("DELETE", path_of(CONTROLLER_REVISIONS) + "/deep")
    server.refused("PATCH", path_of(PODS) + "/x", value, {"Content-Type": "application/merge-patch+json"})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_bodies_over_three_mebibytes(server: Any, path_of: Any, method: str) -> None:
    body = b'{"metadata":{"name":"big"},"data":{"a":"' + b"x" * (3 * 1024 * 1024) + b'"}}'
    place = "" if method == "POST" else "/kube-root-ca.crt"
    content_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
    before = server.state()
    status, text = server.call(method, path_of(CONFIG_MAPS) + place, body, {"Content-Type": content_type})
    assert (status, json.loads(text)["reason"]) == (413, "RequestEntityTooLarge")
    assert server.state() == before
