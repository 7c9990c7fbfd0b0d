"""Acting as somebody else: what the Impersonate headers ask for, and which rights that takes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from multidict import CIMultiDictProxy

from localcluster.apiserver.access.attributes import Attributes
from localcluster.apiserver.access.identity import (
    ANONYMOUS,
    UNAUTHENTICATED,
    Identity,
    account_groups,
    split_account,
    with_authenticated,
)
from localcluster.errors import ApiError, bad_request

_GROUP = "authentication.k8s.io"
_USER_HEADER, _UID_HEADER, _GROUP_HEADER = "Impersonate-User", "Impersonate-Uid", "Impersonate-Group"
_EXTRA_PREFIX = "impersonate-extra-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a request wants to be."""

    user: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def wanted(headers: CIMultiDictProxy[str]) -> Wanted | None:
    """What the headers ask for; None when they ask for nothing, 400 for a group or uid of no user."""
    extra: dict[str, tuple[str, ...]] = {}
    for name, value in headers.items():
        if name.lower().startswith(_EXTRA_PREFIX):
            key = unquote(name[len(_EXTRA_PREFIX) :].lower())
            extra[key] = (*extra.get(key, ()), value)
    user, uid = headers.get(_USER_HEADER, ""), headers.get(_UID_HEADER, "")
    groups = tuple(headers.getall(_GROUP_HEADER, ()))
    if user:
        return Wanted(user, uid, groups, extra)
    if uid or groups or extra:
        raise _without_user(uid, groups, extra)
    return None


def rights(asked: Wanted) -> Iterator[Attributes]:
    """Every right the caller must have to be all of that."""
    account = split_account(asked.user)
    if account is not None:
        yield Attributes("impersonate", "", "v1", "serviceaccounts", "", account[0], account[1])
    else:
        yield Attributes("impersonate", "", "v1", "users", name=asked.user)
    for group in asked.groups:
        yield Attributes("impersonate", "", "v1", "groups", name=group)
    for key, values in asked.extra.items():
        for value in values:
            yield Attributes("impersonate", _GROUP, "v1", "userextras", key, name=value)
    if asked.uid:
        yield Attributes("impersonate", _GROUP, "v1", "uids", name=asked.uid)


def impersonated(asked: Wanted) -> Identity:
    """The identity the request then has; an account without groups named gets those it would have."""
    account = split_account(asked.user)
    groups = asked.groups or (account_groups(account[0]) if account else ())
    unnamed = asked.user == ANONYMOUS.user
    groups = groups or (UNAUTHENTICATED,) if unnamed else with_authenticated(groups)
    return Identity(asked.user, groups, asked.uid, dict(asked.extra))


def _without_user(uid: str, groups: Iterable[str], extra: Iterable[str]) -> ApiError:
    named = [*([f"uid {uid}"] if uid else []), *(f"group {group}" for group in groups), *(f"extra {k}" for k in extra)]
    return bad_request(f"requested [{', '.join(named)}] without impersonating a user")
