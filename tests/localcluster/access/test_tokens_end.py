"""A token is worth something for its audience, until its time, and while what it is bound to is the same object."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest

from localcluster.apiserver.access.tokenrequests import answer
from localcluster.apiserver.access.tokens import AUDIENCE, Bound, TokenRefused
from localcluster.errors import ApiError


def refused(issuing: Any, token: str, **options: Any) -> str:
    with pytest.raises(TokenRefused) as caught:
        issuing.tokens.verify(token, **options)
    return str(caught.value)


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def request(issuing: Any, **spec: Any) -> dict[str, Any]:
    return answer(issuing.tokens, {"spec": spec}, namespace="test", account="robot", now=issuing.moment)


def test_a_token_tells_the_account_its_groups_and_itself(issuing: Any) -> None:
    found = issuing.tokens.verify(issuing.tokens.issue("test", "robot").token)
    assert (found.who.user, found.who.uid) == ("system:serviceaccount:test:robot", "uid-of-robot")
    assert found.who.groups == ("system:serviceaccounts", "system:serviceaccounts:test", "system:authenticated")
    assert found.audiences == (AUDIENCE,)
    assert found.who.extra["authentication.kubernetes.io/credential-id"][0].startswith("JTI=")


def test_a_token_ends_by_itself(issuing: Any) -> None:
    token = issuing.tokens.issue("test", "robot", seconds=600).token
    issuing.pass_time(minutes=10)
    issuing.tokens.verify(token)  # a minute is left for clocks that differ
    issuing.pass_time(minutes=2)
    assert refused(issuing, token) == "[invalid bearer token, service account token has expired]"


def test_a_token_is_for_its_audience_alone(issuing: Any) -> None:
    token = issuing.tokens.issue("test", "robot", audiences=["vault"]).token
    assert "token audiences" in refused(issuing, token)
    assert issuing.tokens.verify(token, audiences=["vault", "other"]).audiences == ("vault",)


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c", "é.é.é"])
def test_nonsense_is_no_token(issuing: Any, text: str) -> None:
    assert refused(issuing, text) == "invalid bearer token"


def test_only_our_own_signature_counts(issuing: Any) -> None:
    body = claims(issuing.tokens.issue("test", "robot").token)
    assert refused(issuing, jwt.encode(body, "k" * 32, algorithm="HS256")) == "invalid bearer token"
    assert refused(issuing, jwt.encode(body, None, algorithm="none")) == "invalid bearer token"


def test_a_token_ends_with_its_account(issuing: Any) -> None:
    token = issuing.tokens.issue("test", "robot").token
    issuing.put("ServiceAccount", "robot", uid="another")
    assert "does not match claim" in refused(issuing, token)
    issuing.remove("ServiceAccount", "robot")
    assert "not found" in refused(issuing, token)


@pytest.mark.parametrize("kind", ["Pod", "Secret"])
def test_a_token_ends_with_what_it_is_bound_to(issuing: Any, kind: str) -> None:
    issuing.put(kind, "it", spec={"serviceAccountName": "robot"})
    token = issuing.tokens.issue("test", "robot", bound=Bound(kind, "it")).token
    issuing.tokens.verify(token)
    issuing.put(kind, "it", spec={}, metadata={"deletionTimestamp": "2026-11-23T05:00:00Z"})
    issuing.tokens.verify(token)
    issuing.pass_time(minutes=2)
    assert refused(issuing, token).endswith("service account token has been invalidated]")
    issuing.put(kind, "it", uid="another", spec={})
    assert "does not match claim" in refused(issuing, token)
    issuing.remove(kind, "it")
    assert refused(issuing, token).endswith("service account token has been invalidated]")


def test_a_token_kept_in_a_secret_lasts_as_long_as_that_secret_holds_it(issuing: Any) -> None:
    token = issuing.tokens.issue_lasting("test", "robot", "kept")
    assert refused(issuing, token).endswith("service account token has been invalidated]")
    issuing.put("Secret", "kept", data={"token": base64.b64encode(token.encode()).decode()})
    issuing.pass_time(days=4000)
    found = issuing.tokens.verify(token)
    assert (found.who.user, found.who.uid, dict(found.who.extra)) == (
        "system:serviceaccount:test:robot", "uid-of-robot", {},
    )  # fmt: skip
    assert "token audiences" in refused(issuing, token, audiences=["vault"])
    issuing.put("Secret", "kept", data={"token": base64.b64encode(b"another").decode()})
    assert refused(issuing, token).endswith("service account token has been invalidated]")


def test_a_pods_token_tells_the_pod_and_its_node(issuing: Any) -> None:
    issuing.put("Node", "local")
    issuing.put("Pod", "it", spec={"serviceAccountName": "robot", "nodeName": "local"})
    extra = issuing.tokens.verify(issuing.tokens.issue("test", "robot", bound=Bound("Pod", "it")).token).who.extra
    told = {key.rpartition("/")[2]: values[0] for key, values in extra.items()}
    assert {key: told[key] for key in ("pod-name", "pod-uid", "node-name", "node-uid")} == {
        "pod-name": "it", "pod-uid": "uid-of-it", "node-name": "local", "node-uid": "uid-of-local",
    }  # fmt: skip


def test_the_tokens_pods_are_given_outlive_what_was_asked(issuing: Any) -> None:
    """Programs that read their token once at the start would fail after an hour otherwise."""
    issuing.put("Pod", "it", spec={"serviceAccountName": "robot"})
    bound = Bound("Pod", "it")
    issued = issuing.tokens.issue("test", "robot", seconds=3607, bound=bound)
    assert (issued.expires - issuing.moment).total_seconds() == 3607
    plain = issuing.tokens.issue("test", "robot", seconds=3600, bound=bound)
    issuing.pass_time(days=300)
    issuing.tokens.verify(issued.token)
    assert "expired" in refused(issuing, plain.token)


@pytest.mark.parametrize(
    ("kind", "name", "uid", "code"),
    [("Pod", "gone", "", 404), ("Pod", "it", "other", 409), ("Pod", "it", "", 400), ("ConfigMap", "it", "", 400)],
)
def test_a_token_is_bound_to_what_is_there_and_fits(issuing: Any, kind: str, name: str, uid: str, code: int) -> None:
    issuing.put("Pod", "it", spec={"serviceAccountName": "somebody-else"})
    with pytest.raises(ApiError) as caught:
        issuing.tokens.issue("test", "robot", bound=Bound(kind, name, uid))
    assert caught.value.code == code


def test_a_request_is_answered_with_its_defaults(issuing: Any) -> None:
    body = request(issuing)
    assert body["spec"] == {"audiences": [AUDIENCE], "expirationSeconds": 3600}
    assert body["status"]["expirationTimestamp"] == "2026-11-23T06:00:00Z"
    assert claims(body["status"]["token"])["aud"] == [AUDIENCE]
    longer = request(issuing, audiences=["vault"], expirationSeconds=7200)
    assert longer["spec"] == {"audiences": ["vault"], "expirationSeconds": 7200}
    assert longer["status"]["expirationTimestamp"] == "2026-11-23T07:00:00Z"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (599, "Invalid value: 599: may not specify a duration less than 10 minutes"),
        ((1 << 32) + 1, "Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds"),
    ],
)
def test_a_lifetime_has_bounds(issuing: Any, seconds: int, text: str) -> None:
    with pytest.raises(ApiError) as caught:
        request(issuing, expirationSeconds=seconds)
    assert (caught.value.code, caught.value.message) == (
        422,
        f'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: {text}',
    )


def test_others_can_check_a_token_by_the_published_key(issuing: Any) -> None:
    token = issuing.tokens.issue("test", "robot", audiences=["vault"]).token
    (published,) = issuing.tokens.keys()["keys"]
    assert "d" not in published
    assert jwt.get_unverified_header(token)["kid"] == published["kid"]
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    body = jwt.decode(token, jwt.PyJWK(published), audience="vault", algorithms=["ES256"], options=options)
    assert body["sub"] == "system:serviceaccount:test:robot"
