"""Asks the cluster who a token is of, and what somebody may: TokenReview, SubjectAccessReview, SelfSubjectAccessReview.

The first two are asked by the dashboard's own account, the third with the person's token. Nothing is cached here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from dashboard.kube.credential import Credential, acting_as
from dashboard.kube.errors import Garbled
from dashboard.kube.rules import Rule

TOKENS = "/apis/authentication.k8s.io/v1/tokenreviews"
ACCESS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
SELF = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
PATIENCE = (3.0, 7.0)
"""Seconds to connect and to answer: a person waits for it at the door."""
NOBODY = frozenset({"system:anonymous"})
NO_GROUP = "system:unauthenticated"


class Client(Protocol):
    """The part of KubeClient that is used."""

    def request(self, method: str, path: str, *, body: Any = ..., timeout: tuple[float, float] = ...) -> Any: ...


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as the cluster knows them."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Reviews:
    """Each question raises ApiError when there is no answer, and never takes that for a yes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def whose(self, token: str) -> Person | None:
        """Who the token is of, to the API server itself; None: of nobody."""
        with acting_as(None):
            status = self._ask(TOKENS, token_review(token))
        try:
            return person_of(status)
        except (TypeError, AttributeError) as error:
            raise Garbled(f"the answer of {TOKENS} is not readable") from error

    def may(self, person: Person, right: Rule) -> bool:
        """Whether RBAC allows it to the person."""
        with acting_as(None):
            return is_allowed(self._ask(ACCESS, access_review(person, right)))

    def may_with(self, credential: Credential | None, right: Rule) -> bool:
        """Whether what is done with the credential would be allowed; None: with our own."""
        with acting_as(credential):
            return is_allowed(self._ask(SELF, self_review(right)))

    def _ask(self, path: str, review: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self._client.request("POST", path, body=review, timeout=PATIENCE).json()
        if not isinstance(answer, Mapping) or not isinstance(answer.get("status"), Mapping):
            raise Garbled(f"the answer of {path} has no status")
        status: Mapping[str, Any] = answer["status"]
        return status


def token_review(token: str) -> dict[str, Any]:
    """For no audience but the API server's own: what is done in the person's name is done with this very token."""
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}


def access_review(person: Person, right: Rule) -> dict[str, Any]:
    """Whether RBAC allows somebody something."""
    spec: dict[str, Any] = {"user": person.name, "resourceAttributes": attributes(right)}
    if person.uid:
        spec["uid"] = person.uid
    if person.groups:
        spec["groups"] = list(person.groups)
    if person.extra:
        spec["extra"] = {key: list(values) for key, values in person.extra.items()}
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}


def self_review(right: Rule) -> dict[str, Any]:
    """Whether whoever asks is allowed something."""
    spec = {"resourceAttributes": attributes(right)}
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec}


def attributes(right: Rule) -> dict[str, str]:
    """The right as a review names it: of one verb."""
    (verb,) = right.verbs
    named = {
        "namespace": right.namespace, "verb": verb, "group": right.api_group, "resource": right.resource,
        "subresource": right.subresource,
    }  # fmt: skip
    return {key: value for key, value in named.items() if value}


def person_of(status: Mapping[str, Any]) -> Person | None:
    """Whom a TokenReview names; None unless it says without a doubt that there is somebody."""
    user = status.get("user")
    if status.get("authenticated") is not True or status.get("error") or not isinstance(user, Mapping):
        return None
    name = user.get("username")
    groups = tuple(str(each) for each in user.get("groups") or ())
    if not isinstance(name, str) or not name or name in NOBODY or NO_GROUP in groups:
        return None
    extra = {str(key): tuple(str(each) for each in values or ()) for key, values in (user.get("extra") or {}).items()}
    return Person(name, str(user.get("uid") or ""), groups, extra)


def is_allowed(status: Mapping[str, Any]) -> bool:
    """Whether a review says yes: it says so, it does not deny, and it could tell."""
    return status.get("allowed") is True and not status.get("denied") and not status.get("evaluationError")
