"""auth and create token, and how the API refuses what is not offered here."""

from __future__ import annotations

from typing import Any

import pytest

Kubectl = Any
pytestmark = pytest.mark.cluster


def test_whoami_tells_user_and_groups(shared: Kubectl) -> None:
    told = shared("auth", "whoami")
    assert "kubernetes-admin" in told
    assert "system:masters" in told


def test_can_i_answers_for_the_admin(shared: Kubectl) -> None:
    assert shared("auth", "can-i", "delete", "pods") == "yes\n"
    assert shared("auth", "can-i", "get", "/metrics") == "yes\n"
    assert "*.*" in shared("auth", "can-i", "--list")


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "cronjob", "c", "--image=busybox:1", "--schedule=* * * * *"),
        ("create", "ingress", "i", "--rule=example.org/=web:80"),
        ("create", "priorityclass", "p", "--value=1"),
        ("debug", "pod/web", "--image=busybox:1", "--profile=general"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_what_is_not_offered_is_told_as_the_api_tells_it(shared: Kubectl, arguments: tuple[str, ...]) -> None:
    told = shared(*arguments, fails=True)
    assert "could not find the requested resource" in told or "(NotFound)" in told


@pytest.mark.parametrize(
    "path",
    ["/apis/batch/v1/cronjobs", "/api/v1/namespaces/default/pods/x/nonsense", "/apis/policy/v1/nonsense", "/nonsense"],
)
def test_unknown_paths_are_not_found(shared: Kubectl, path: str) -> None:
    assert "(NotFound)" in shared("get", "--raw", path, fails=True)


def test_methods_that_make_no_sense_are_not_allowed(shared: Kubectl) -> None:
    body = '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"}}'
    assert "(MethodNotAllowed)" in shared("create", "--raw", "/api/v1/pods", "-f", "-", stdin=body, fails=True)


def test_discovery_lists_nothing_that_is_not_served(shared: Kubectl) -> None:
    for resource in shared("api-resources", "--verbs=list", "-o", "name").split():
        shared("get", resource, "--all-namespaces", "-o", "name")
    assert "cronjobs" not in shared("api-resources", "-o", "name")
