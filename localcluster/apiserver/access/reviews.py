"""Questions about access: who is this token, who am I, may somebody, what may I. Answers; stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from localcluster.apiserver.access.attributes import Attributes
from localcluster.apiserver.access.identity import Identity, user_info
from localcluster.apiserver.access.rbac import Rbac
from localcluster.apiserver.access.tokens import TokenRefused, Tokens
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.metadata import timestamp
from localcluster.apiserver.patching.managed import track_update
from localcluster.client import Object
from localcluster.errors import bad_request, invalid
from localcluster.resources import Resource

_LOCAL = "LocalSubjectAccessReview"
_ONE_OF_BOTH = "exactly one of nonResourceAttributes or resourceAttributes must be specified"


class Reviews:
    """Answers by the same tokens and the same rules that requests are judged by."""

    def __init__(self, tokens: Tokens, rbac: Rbac, *, now: Callable[[], datetime]) -> None:
        self._tokens = tokens
        self._rbac = rbac
        self._now = now

    def answer(self, resource: Resource, body: Object, *, who: Identity, namespace: str, manager: str) -> Object:
        """The review with its status; 400 or 422 for one that asks nothing clear."""
        head: Object = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": {}}
        spec = _spec(body)
        if resource.kind == "SelfSubjectReview":
            now = timestamp(self._now())
            return {**head, "metadata": {"creationTimestamp": now}, "status": {"userInfo": user_info(who)}}
        if resource.kind == "SelfSubjectRulesReview":
            return {**head, "spec": {}, "status": self._rules(who, str(spec.get("namespace", "")))}
        if resource.kind == "TokenReview":
            status = self._token(spec)
        else:
            status = self._access(resource, spec, who=who, namespace=namespace)
        metadata = {"namespace": namespace} if namespace else {}
        asked = self._tracked(resource, {**head, "metadata": metadata, "spec": spec}, manager=manager)
        return {**asked, "status": status}

    def _tracked(self, resource: Resource, body: Object, *, manager: str) -> Object:
        now = timestamp(self._now())
        return track_update(None, body, resource=resource, manager=manager, operation="Update", subresource="", now=now)

    def _token(self, spec: Object) -> Object:
        token = spec.get("token")
        if not token:
            raise bad_request("token is required for TokenReview in authentication")
        try:
            found = self._tokens.verify(str(token), audiences=spec.get("audiences") or ())
        except TokenRefused as refusal:
            return {"user": {}, "error": str(refusal)}
        return {"authenticated": True, "user": user_info(found.who), "audiences": list(found.audiences)}

    def _access(self, resource: Resource, spec: Object, *, who: Identity, namespace: str) -> Object:
        self_review = resource.kind.startswith("Self")
        causes = [] if self_review else _subject_faults(spec)
        causes += _attribute_faults(spec, namespace=namespace, local=resource.kind == _LOCAL)
        if causes:
            raise invalid(kind=resource.kind, group=resource.group, name="", causes=causes)
        decision = self._rbac.authorize(who if self_review else _subject(spec), _asked(spec))
        status: Object = {"allowed": decision.allowed}
        return {**status, "reason": decision.reason} if decision.reason else status

    def _rules(self, who: Identity, namespace: str) -> Object:
        if not namespace:
            raise bad_request("no namespace on request")
        rules = self._rbac.rules_for(who, namespace)
        return {
            "resourceRules": [
                _kept(r, "verbs", "apiGroups", "resources", "resourceNames") for r in rules if "resources" in r
            ],
            "nonResourceRules": [
                _kept(rule, "verbs", "nonResourceURLs") for rule in rules if "nonResourceURLs" in rule
            ],
            "incomplete": False,
        }


def _spec(body: Object) -> Object:
    """The question without what says nothing."""
    spec = body.get("spec") or {}
    pruned: Object = {name: _pruned(value) for name, value in spec.items()}
    return {name: value for name, value in pruned.items() if value or isinstance(value, dict)}


def _pruned(value: Any) -> Any:
    return {key: item for key, item in value.items() if item not in ("", None)} if isinstance(value, dict) else value


def _subject(spec: Object) -> Identity:
    extra = {key.lower(): tuple(values) for key, values in (spec.get("extra") or {}).items()}
    return Identity(str(spec.get("user", "")), tuple(spec.get("groups") or ()), str(spec.get("uid", "")), extra)


def _asked(spec: Mapping[str, Any]) -> Attributes:
    about = spec.get("resourceAttributes")
    if about is None:
        plain = spec["nonResourceAttributes"]
        return Attributes(str(plain.get("verb", "")), path=str(plain.get("path", "")))
    names = ("verb", "group", "version", "resource", "subresource", "namespace", "name")
    return Attributes(*(str(about.get(name, "")) for name in names))


def _subject_faults(spec: Object) -> list[Cause]:
    if spec.get("user") or spec.get("groups"):
        return []
    return [faults.invalid("spec.user", "", "at least one of user or group must be specified")]


def _attribute_faults(spec: Object, *, namespace: str, local: bool) -> list[Cause]:
    about, plain = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if local and plain is not None:
        return [faults.invalid("spec.nonResourceAttributes", _shown(plain), "disallowed on this kind of request")]
    if about is not None and plain is not None:
        text = "cannot be specified in combination with resourceAttributes"
        return [faults.invalid("spec.nonResourceAttributes", _shown(plain), text)]
    if about is None and plain is None:
        return [faults.invalid("spec.resourceAttributes", None, _ONE_OF_BOTH)]
    if local and (about or {}).get("namespace", "") != namespace:
        field = "spec.resourceAttributes.namespace"
        return [faults.invalid(field, (about or {}).get("namespace", ""), "must match metadata.namespace")]
    return []


def _shown(plain: Object) -> Object:
    return {"Path": plain.get("path", ""), "Verb": plain.get("verb", "")}


def _kept(rule: Object, *names: str) -> Object:
    return {name: rule[name] for name in names if rule.get(name)}
