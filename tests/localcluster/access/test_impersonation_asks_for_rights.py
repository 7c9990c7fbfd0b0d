"""Whom the headers name, which rights being them takes, and which groups they then are in."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from localcluster.apiserver.access import impersonation
from localcluster.errors import ApiError


def headers(*pairs: tuple[str, str]) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict(pairs))


def asked(*pairs: tuple[str, str]) -> impersonation.Wanted:
    found = impersonation.wanted(headers(*pairs))
    assert found is not None
    return found


def test_nothing_is_asked_without_the_headers() -> None:
    assert impersonation.wanted(headers(("Accept", "*/*"))) is None


def test_every_part_of_an_identity_is_a_right_of_its_own() -> None:
    whole = asked(
        ("Impersonate-User", "jane"), ("impersonate-group", "staff"), ("Impersonate-Group", "dev"),
        ("Impersonate-Uid", "7"), ("Impersonate-Extra-Scopes", "read"), ("Impersonate-Extra-example.com%2fteam", "a"),
    )  # fmt: skip
    assert [(r.group, r.combined, r.name, r.verb) for r in impersonation.rights(whole)] == [
        ("", "users", "jane", "impersonate"),
        ("", "groups", "staff", "impersonate"),
        ("", "groups", "dev", "impersonate"),
        ("authentication.k8s.io", "userextras/scopes", "read", "impersonate"),
        ("authentication.k8s.io", "userextras/example.com/team", "a", "impersonate"),
        ("authentication.k8s.io", "uids", "7", "impersonate"),
    ]
    who = impersonation.impersonated(whole)
    assert (who.user, who.uid, who.groups) == ("jane", "7", ("staff", "dev", "system:authenticated"))
    assert who.extra == {"scopes": ("read",), "example.com/team": ("a",)}


def test_an_account_is_an_object_of_its_namespace() -> None:
    account = asked(("Impersonate-User", "system:serviceaccount:test:robot"))
    (right,) = impersonation.rights(account)
    assert (right.resource, right.namespace, right.name) == ("serviceaccounts", "test", "robot")
    assert impersonation.impersonated(account).groups == (
        "system:serviceaccounts", "system:serviceaccounts:test", "system:authenticated",
    )  # fmt: skip


def test_the_anonymous_user_is_not_authenticated() -> None:
    assert impersonation.impersonated(asked(("Impersonate-User", "system:anonymous"))).groups == (
        "system:unauthenticated",
    )


@pytest.mark.parametrize("header", ["Impersonate-Group", "Impersonate-Uid", "Impersonate-Extra-Scopes"])
def test_belonging_to_nobody_is_refused(header: str) -> None:
    with pytest.raises(ApiError) as caught:
        impersonation.wanted(headers((header, "x")))
    assert caught.value.code == 400
