"""What may be a name, as far as it can be told without the cluster. Names become parts of paths of the API. Pure."""

from __future__ import annotations

import re

_API_VERSION = re.compile(r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[a-z][a-z0-9-]*\Z")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]*\Z")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
_OBJECT = re.compile(r"(?!\.{1,2}\Z)[^/%\s\x00-\x1f\x7f?#]{1,253}\Z")
"""Each kind has its own rules, which are the API's to tell; these are those that every path needs."""

_DATA_KEY = re.compile(r"(?!\.{1,2}\Z)[-._a-zA-Z0-9]{1,253}\Z")

TAKEN = frozenset({"plan", "progress", "cancel"})
"""Not for stacks: these are pages beside the pages of the stacks."""

NAMESPACE_RULE = "small letters, digits and hyphens, 63 at most"


def is_api_version(value: object) -> bool:
    """`v1`, `apps/v1`."""
    return isinstance(value, str) and bool(_API_VERSION.match(value))


def is_kind(value: object) -> bool:
    """`Deployment`."""
    return isinstance(value, str) and bool(_KIND.match(value))


def is_label(value: object) -> bool:
    """A DNS label: a namespace, and what a stack may be called."""
    return isinstance(value, str) and bool(_LABEL.match(value))


def is_object_name(value: object) -> bool:
    """The name of an object of whatever kind."""
    return isinstance(value, str) and bool(_OBJECT.match(value))


def is_data_key(value: object) -> bool:
    """A key of a Secret or ConfigMap."""
    return isinstance(value, str) and bool(_DATA_KEY.match(value))
