"""Validation of ConfigMaps and Secrets, and of changes to them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable

from localcluster import names
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.client import Object

_MOST_BYTES = 1024 * 1024
_IMMUTABLE = "field is immutable when `immutable` is set"
_ACCOUNT = "kubernetes.io/service-account.name"
_REGISTRY_KEYS = {"kubernetes.io/dockercfg": ".dockercfg", "kubernetes.io/dockerconfigjson": ".dockerconfigjson"}
_REDACTED = "<secret contents redacted>"


def validate_config_map(obj: Object) -> list[Cause]:
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    causes = _keys(data, field="data") + _keys(binary, field="binaryData")
    causes += [
        faults.invalid(f"data[{key}]", key, "duplicate of key present in binaryData") for key in data if key in binary
    ]
    size = sum(len(text.encode()) for text in data.values()) + sum(len(text) for text in binary.values())
    return causes + ([faults.too_long("", most=_MOST_BYTES)] if size > _MOST_BYTES else [])


def validate_config_map_update(old: Object, new: Object) -> list[Cause]:
    return _frozen(old, new, fields=("data", "binaryData"))


def validate_secret(obj: Object) -> list[Cause]:
    data = {key: base64.b64decode(text) for key, text in (obj.get("data") or {}).items()}
    causes = _keys(data, field="data")
    if sum(len(value) for value in data.values()) > _MOST_BYTES:
        causes.append(faults.too_long("data", most=_MOST_BYTES))
    return causes + _by_type(obj, data)


def validate_secret_update(old: Object, new: Object) -> list[Cause]:
    return faults.immutable("type", old=old.get("type"), new=new.get("type")) + _frozen(old, new, fields=("data",))


def _by_type(secret: Object, data: dict[str, bytes]) -> list[Cause]:
    """What the well-known types promise to those who read them."""
    kind = secret.get("type", "")
    if kind == "kubernetes.io/service-account-token":
        named = (secret["metadata"].get("annotations") or {}).get(_ACCOUNT)
        return [] if named else [faults.required(f"metadata.annotations[{_ACCOUNT}]")]
    if kind in _REGISTRY_KEYS:
        return _registry(data, _REGISTRY_KEYS[kind])
    if kind == "kubernetes.io/basic-auth" and not {"username", "password"} & set(data):
        return [faults.required(f"data[{key}]") for key in ("username", "password")]
    if kind == "kubernetes.io/ssh-auth" and not data.get("ssh-privatekey"):
        return [faults.required("data[ssh-privatekey]")]
    if kind == "kubernetes.io/tls":
        return [faults.required(f"data[{key}]") for key in ("tls.crt", "tls.key") if key not in data]
    return []


def _registry(data: dict[str, bytes], key: str) -> list[Cause]:
    field = f"data[{key}]"
    if key not in data:
        return [faults.required(field)]
    try:
        found = json.loads(data[key])
    except (ValueError, RecursionError) as error:
        return [faults.invalid(field, _REDACTED, _without_contents(data[key], error))]
    if not isinstance(found, dict):
        return [
            faults.invalid(field, _REDACTED, "json: cannot unmarshal into Go value of type map[string]interface {}")
        ]
    return []


def _without_contents(value: bytes, error: Exception) -> str:
    """Why it is no JSON, telling nothing of what stands there but one sign."""
    at = error.pos if isinstance(error, json.JSONDecodeError) else len(value)
    text = value.decode(errors="replace")
    if at >= len(text):
        return "unexpected end of JSON input"
    return f"invalid character '{text[at]}' looking for beginning of value"


def _keys(data: Iterable[str], *, field: str) -> list[Cause]:
    return [
        cause for key in data for cause in faults.each_invalid(f"{field}[{key}]", key, names.config_key_faults(key))
    ]


def _frozen(old: Object, new: Object, *, fields: Iterable[str]) -> list[Cause]:
    if not old.get("immutable"):
        return []
    causes = [] if new.get("immutable") else [faults.forbidden("immutable", _IMMUTABLE)]
    return causes + [faults.forbidden(field, _IMMUTABLE) for field in fields if old.get(field) != new.get(field)]
