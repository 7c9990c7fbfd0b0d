"""generated-secrets.yaml: which Secrets are made at deploy time, and from what. It holds no value of any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.stack.bundles.bundle import GeneratedSecret, SecretKeySource
from dashboard.stack.bundles.documents import Document
from dashboard.stack.bundles.faults import Faults
from dashboard.stack.bundles.names import NAMESPACE_RULE, is_data_key, is_label, is_object_name

FILE = "generated-secrets.yaml"
LONGEST = 4096
"""Characters of one generated value."""

_SOURCE = {"namespace", "name", "key"}
_ENTRY = {"namespace", "name", "generate", "copy"}


def secrets_of(documents: Sequence[Document], faults: Faults) -> list[tuple[GeneratedSecret, Document, str]]:
    """(Secret, where it is asked for, why) of each entry."""
    found = []
    for document in documents:
        held = document.content.get("secrets") if isinstance(document.content, dict) else None
        if not isinstance(held, list):
            faults.add(document.place(document.content), "it must hold a list called `secrets`.")
            continue
        for index, entry in enumerate(held):
            problem = _problem(entry)
            if problem:
                faults.add(document.place(held, index), problem)
            else:
                found.append((_secret(entry), document, document.comment_above(entry) or document.comment))
    return found


def _secret(entry: Mapping[str, Any]) -> GeneratedSecret:
    copied = entry.get("copy") or {}
    return GeneratedSecret(
        namespace=entry["namespace"],
        name=entry["name"],
        generate=dict(entry.get("generate") or {}),
        copy={key: SecretKeySource(**source) for key, source in copied.items()},
    )


def _problem(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return "an entry of `secrets` must be a mapping with name and namespace."
    if unknown := sorted(set(entry) - _ENTRY):
        return f"`{unknown[0]}` is not known here; an entry takes {', '.join(sorted(_ENTRY))}."
    if not all(isinstance(entry.get(key), str) and entry[key] for key in ("name", "namespace")):
        return "name and namespace must be texts."
    if not is_object_name(entry["name"]):
        return "name is no name of an object."
    if not is_label(entry["namespace"]):
        return f"namespace must be {NAMESPACE_RULE}."
    return _values_problem(entry)


def _values_problem(entry: Mapping[str, Any]) -> str | None:
    generate, copied = entry.get("generate") or {}, entry.get("copy") or {}
    if not isinstance(generate, dict) or not all(_is_length(each) for each in generate.values()):
        return f"`generate` takes keys with a number of characters, 1 to {LONGEST}."
    if not isinstance(copied, dict) or not all(_is_source(each) for each in copied.values()):
        return "`copy` takes keys with the namespace, name and key of another Secret."
    if not generate and not copied:
        return "it names no key to `generate` or to `copy`."
    if wrong := [key for key in (*generate, *copied) if not is_data_key(key)]:
        return f"{wrong[0]!r} cannot be a key of a Secret: letters, digits, dots, hyphens and underscores."
    if both := set(generate) & set(copied):
        return f"{min(both)} cannot be both generated and copied."
    return None


def _is_length(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LONGEST


def _is_source(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != _SOURCE:
        return False
    return is_label(value["namespace"]) and is_object_name(value["name"]) and is_data_key(value["key"])
