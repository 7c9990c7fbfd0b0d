"""Policy rules: what one allows, whether some cover others, and how they are told to people. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from localcluster.apiserver.access.attributes import Attributes
from localcluster.client import Object

Rule = Object
"""A `rbac.authorization.k8s.io/v1` PolicyRule."""

_ALL = "*"
EVERYTHING: tuple[Rule, ...] = (
    {"verbs": [_ALL], "apiGroups": [_ALL], "resources": [_ALL]},
    {"verbs": [_ALL], "nonResourceURLs": [_ALL]},
)
"""What one must hold to let others choose rules freely."""


def allows(rule: Rule, asked: Attributes) -> bool:
    """Whether the rule grants what is asked."""
    if not _has(rule, "verbs", asked.verb):
        return False
    if not asked.resource:
        return any(_url_matches(pattern, asked.path) for pattern in _values(rule, "nonResourceURLs"))
    names = _values(rule, "resourceNames")
    return (
        _has(rule, "apiGroups", asked.group)
        and any(_resource_matches(pattern, asked.combined) for pattern in _values(rule, "resources"))
        and (not names or asked.name in names)
    )


def uncovered(held: Sequence[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """The smallest parts of `wanted` that no single held rule grants."""
    return [part for rule in wanted for part in _parts(rule) if not any(_covers(own, part) for own in held)]


def compact(parts: Iterable[Rule]) -> list[Rule]:
    """Parts of one resource put together again: their verbs in one rule."""
    merged: list[Rule] = []
    places: dict[str, Rule] = {}
    for part in parts:
        key = json.dumps({name: value for name, value in part.items() if name != "verbs"}, sort_keys=True)
        if "nonResourceURLs" in part or key not in places:
            rule = {**part, "verbs": list(part["verbs"])}
            merged.append(rule)
            places[key] = rule
        else:
            places[key]["verbs"] += [verb for verb in part["verbs"] if verb not in places[key]["verbs"]]
    return merged


def described(rule: Rule) -> str:
    """A rule in one line, as refusals list it."""
    titles = ("APIGroups", "Resources", "NonResourceURLs", "ResourceNames", "Verbs")
    shown = []
    for title in titles:
        values = _values(rule, title[0].lower() + title[1:] if title != "APIGroups" else "apiGroups")
        if values:
            shown.append(f"{title}:{quoted(values)}")
    return "{" + ", ".join(shown) + "}"


def quoted(texts: Iterable[str]) -> str:
    """A list as Go prints quoted strings: `["a" "b"]`."""
    return "[" + " ".join(json.dumps(text, ensure_ascii=False) for text in texts) + "]"


def _values(rule: Rule, name: str) -> Sequence[str]:
    return rule.get(name) or ()


def _has(rule: Rule, name: str, value: str) -> bool:
    values = _values(rule, name)
    return _ALL in values or value in values


def _resource_matches(pattern: str, combined: str) -> bool:
    if pattern in (_ALL, combined):
        return True
    _, slash, subresource = combined.partition("/")
    return bool(slash) and pattern == f"*/{subresource}"


def _url_matches(pattern: str, path: str) -> bool:
    if pattern in (_ALL, path):
        return True
    return pattern.endswith(_ALL) and path.startswith(pattern.rstrip(_ALL))


def _parts(rule: Rule) -> Iterator[Rule]:
    """A rule taken apart until each part has one verb and one resource, name or URL."""
    verbs = _values(rule, "verbs")
    for url in _values(rule, "nonResourceURLs"):
        yield from ({"verbs": [verb], "nonResourceURLs": [url]} for verb in verbs)
    for group in _values(rule, "apiGroups"):
        for resource in _values(rule, "resources"):
            for verb in verbs:
                part = {"verbs": [verb], "apiGroups": [group], "resources": [resource]}
                names = _values(rule, "resourceNames")
                yield from ({**part, "resourceNames": [name]} for name in names) if names else (part,)


def _covers(held: Rule, part: Rule) -> bool:
    if not _has(held, "verbs", part["verbs"][0]):
        return False
    if "nonResourceURLs" in part:
        url = part["nonResourceURLs"][0]
        return any(_url_matches(pattern, url) for pattern in _values(held, "nonResourceURLs"))
    names, wanted = _values(held, "resourceNames"), part.get("resourceNames")
    if names and (not wanted or wanted[0] not in names):
        return False
    resource = part["resources"][0]
    return _has(held, "apiGroups", part["apiGroups"][0]) and any(
        _resource_matches(pattern, resource) for pattern in _values(held, "resources")
    )
