"""A bundle as a ConfigMap can keep it, and back: plain or compressed, never with the values of a Secret. Pure."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dashboard.errors import Refused
from dashboard.stack.bundles.bundle import (
    SECRET_FIELDS,
    Bundle,
    GeneratedSecret,
    ObjectRef,
    SecretKeySource,
    is_secret,
    ref_of,
    secret_keys,
    without_kubectls_copy,
)

PLAIN, COMPRESSED, KEYS = "bundle", "bundle.gz", "secret-keys"
PLAIN_BYTES = 100_000
"""Up to here it stays readable with kubectl."""

MOST_BYTES = 900_000
"""A ConfigMap takes 1 MiB, the record of the objects included."""

MOST_INFLATED = 16_000_000
"""Bytes that a compressed bundle may become. Whoever writes a record could have it grow a thousandfold."""

TOO_LARGE = "the bundle is too large to be kept in a ConfigMap (1 MiB), so it cannot be rolled back to."


@dataclass(frozen=True, slots=True)
class Packed:
    """`content`: the fields `data` or `binaryData` of a ConfigMap. `left_out`: ids of the Secrets without data."""

    content: Mapping[str, Any]
    left_out: tuple[str, ...]
    fits: bool = True


def packed(bundle: Bundle) -> Packed:
    """What of a bundle may be kept."""
    secrets = {ref_of(each).id: secret_keys(each) for each in bundle.objects if is_secret(each)}
    left_out, keys = tuple(secrets), {KEYS: json.dumps(secrets)} if secrets else {}
    document = {
        "name": bundle.name, "title": bundle.title, "text": bundle.text, "own": bundle.own,
        "reasons": dict(bundle.reasons), "options": bundle.options,
        "secrets": [asdict(each) for each in bundle.secrets],
        "objects": [_without_data(each) for each in bundle.objects],
    }  # fmt: skip
    text = json.dumps(document, separators=(",", ":"), default=str)
    if len(text.encode()) <= PLAIN_BYTES:
        return Packed({"data": {PLAIN: text, **keys}}, left_out)
    encoded = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
    if len(encoded) <= MOST_BYTES and len(text.encode()) <= MOST_INFLATED:
        return Packed({"binaryData": {COMPRESSED: encoded}, "data": keys}, left_out)
    return Packed({}, left_out, fits=False)


def unpacked(config_map: Mapping[str, Any]) -> Bundle:
    """The bundle again. Secrets with data of their own are not in it: applying them would empty them.

    Raises Refused for what is no such record. What it asks for is believed of nobody: `Grant.refuse` is to judge it.
    """
    try:
        return _bundle(config_map)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, zlib.error) as error:
        name = config_map["metadata"]["name"]
        raise Refused(
            f"The record {name} cannot be read: {type(error).__name__}. Deploy the files.", status=422
        ) from error


def _bundle(config_map: Mapping[str, Any]) -> Bundle:
    text = (config_map.get("data") or {}).get(PLAIN)
    if text is None:
        text = _inflated(base64.b64decode(config_map["binaryData"][COMPRESSED]))
    held = json.loads(text)
    secrets = [
        GeneratedSecret(**{**each, "copy": {key: SecretKeySource(**source) for key, source in each["copy"].items()}})
        for each in held.pop("secrets")
    ]
    objects = [each for each in held.pop("objects") if not is_secret(each)]
    options = tuple(held.pop("options", ()))
    bundle = Bundle(**held, objects=tuple(objects), secrets=tuple(secrets), options=options, cluster_scoped=True)
    for ref in refs(bundle):
        if not all(isinstance(each, str) for each in (ref.api_version, ref.kind, ref.namespace, ref.name)):
            raise ValueError("an object is named by something else than text")
    return bundle


def _inflated(data: bytes) -> bytes:
    inflating = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    text = inflating.decompress(data, MOST_INFLATED)
    if not inflating.eof:
        raise ValueError("it is cut off, or grows too large")
    return text


def kept_keys(config_map: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """Secret id → the keys it was applied with; without those of records that an earlier version wrote."""
    held: Mapping[str, list[str]] = json.loads((config_map.get("data") or {}).get(KEYS) or "{}")
    return held


def refs(bundle: Bundle) -> list[ObjectRef]:
    """Every object of a bundle, the generated Secrets included."""
    return [*(each.ref for each in bundle.secrets), *(ref_of(each) for each in bundle.objects)]


def is_a_secret(ref: ObjectRef) -> bool:
    """Whether its data is left out."""
    return (ref.group, ref.kind) == ("", "Secret")


def _without_data(manifest: dict[str, Any]) -> dict[str, Any]:
    if not is_secret(manifest):
        return manifest
    kept = {key: value for key, value in manifest.items() if key not in SECRET_FIELDS}
    return {**kept, "metadata": without_kubectls_copy(manifest["metadata"])}
