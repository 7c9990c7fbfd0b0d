"""What Kubernetes accepts as names, labels and keys: each function gives the faults of a text in the API's words."""

from __future__ import annotations

import re

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_NAME_PART = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = rf"({_NAME_PART})?"
_CONFIG_KEY = r"[-._a-zA-Z0-9]+"
_ENVIRONMENT_NAME = r"[ -<>-~]+"

_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_LABEL_1035_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character"
)
_PART_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)


def subdomain_faults(text: str) -> list[str]:
    """Of most objects' names: up to 253 characters of labels joined by dots."""
    faults = _too_long(text, limit=253)
    if not re.fullmatch(_SUBDOMAIN, text):
        faults.append(_explained(_SUBDOMAIN_RULE, pattern=_SUBDOMAIN, examples=("example.com",)))
    return faults


def label_faults(text: str) -> list[str]:
    """Of namespaces, container and volume names: one RFC 1123 label of up to 63 characters."""
    faults = _too_long(text, limit=63)
    if not re.fullmatch(_LABEL, text):
        faults.append(_explained(_LABEL_RULE, pattern=_LABEL, examples=("my-name", "123-abc")))
    return faults


def service_name_faults(text: str) -> list[str]:
    """Of Services: a label that starts with a letter."""
    faults = _too_long(text, limit=63)
    if not re.fullmatch(_LABEL_1035, text):
        faults.append(_explained(_LABEL_1035_RULE, pattern=_LABEL_1035, examples=("my-name", "abc-123")))
    return faults


def path_segment_faults(text: str) -> list[str]:
    """Of RBAC objects: anything that can stand in a path."""
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{sign}'" for sign in "/%" if sign in text]


def label_key_faults(text: str) -> list[str]:
    """Of label and annotation keys: an optional DNS prefix, a slash, a name of up to 63 characters."""
    prefix, slash, name = text.rpartition("/")
    if prefix.count("/"):
        rule = _explained(
            f"a qualified name {_PART_RULE}", pattern=_NAME_PART, examples=("MyName", "my.name", "123-abc")
        )
        return [f"{rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    faults = []
    if slash:
        faults = (
            ["prefix part must be non-empty"] if not prefix else [f"prefix part {f}" for f in subdomain_faults(prefix)]
        )
    if not name:
        faults.append("name part must be non-empty")
    faults += [f"name part {fault}" for fault in _too_long(name, limit=63)]
    if not re.fullmatch(_NAME_PART, name):
        rule = _explained(_PART_RULE, pattern=_NAME_PART, examples=("MyName", "my.name", "123-abc"))
        faults.append(f"name part {rule}")
    return faults


def label_value_faults(text: str) -> list[str]:
    """Of label values: empty, or up to 63 characters."""
    faults = _too_long(text, limit=63)
    if not re.fullmatch(_LABEL_VALUE, text):
        faults.append(_explained(_VALUE_RULE, pattern=_LABEL_VALUE, examples=("MyValue", "my_value", "12345")))
    return faults


def config_key_faults(text: str) -> list[str]:
    """Of keys in ConfigMaps and Secrets."""
    faults = _too_long(text, limit=253)
    if not re.fullmatch(_CONFIG_KEY, text):
        rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        faults.append(_explained(rule, pattern=_CONFIG_KEY, examples=("key.name", "KEY_NAME", "key-name")))
    elif text in (".", ".."):
        faults.append(f"must not be '{text}'")
    return faults


def environment_name_faults(text: str) -> list[str]:
    """Of environment variables: printable ASCII without `=`."""
    if re.fullmatch(_ENVIRONMENT_NAME, text):
        return []
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]


def port_name_faults(text: str) -> list[str]:
    """Of container ports: an IANA service name."""
    faults = _too_long(text, limit=15)
    if not re.fullmatch(r"[-a-z0-9]+", text):
        faults.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", text):
        faults.append("must contain at least one letter (a-z)")
    if "--" in text:
        faults.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        faults.append("must not begin or end with a hyphen")
    return faults


def _too_long(text: str, *, limit: int) -> list[str]:
    return [f"must be no more than {limit} characters"] if len(text) > limit else []


def _explained(rule: str, *, pattern: str, examples: tuple[str, ...]) -> str:
    shown = ",  or ".join(f"'{example}'" for example in examples)
    return f"{rule} (e.g. {shown}, regex used for validation is '{pattern}')"
