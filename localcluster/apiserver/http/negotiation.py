"""Content negotiation: which form an answer takes, and what a body says. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

import orjson
import yaml

from localcluster.apiserver.http import bodies
from localcluster.apiserver.protobuf import decoding as protobuf
from localcluster.errors import ApiError, bad_request

Form = Literal["", "Table", "PartialObjectMetadata"]
Include = Literal["None", "Metadata", "Object"]
JSON, YAML = "application/json", "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
_WILDCARDS = ("*/*", "application/*")
_NOT_ACCEPTABLE = (
    "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, "
    "application/vnd.kubernetes.protobuf, application/json;stream=watch, "
    "application/vnd.kubernetes.protobuf;stream=watch"
)
_LIST_SUFFIX = "List"


@dataclass(frozen=True, slots=True)
class Representation:
    """How to answer. `form` "" means the object itself; `version` is that of `meta.k8s.io` for the others.

    `include`: what a Table's rows carry beside their cells.
    """

    content_type: str = JSON
    form: Form = ""
    version: str = "v1"
    include: Include = "Metadata"


def choose(accept: str) -> Representation:
    """The first clause of an Accept header we can do; 406 when there is none."""
    for clause in accept.split(",") if accept.strip() else ["*/*"]:
        media, *parameters = [part.strip() for part in clause.split(";")]
        values = dict(part.split("=", 1) for part in parameters if "=" in part)
        if media in _WILDCARDS:
            media = JSON
        if media not in (JSON, YAML, "application/yml") or values.get("stream", "watch") != "watch":
            continue
        form = values.get("as", "").removesuffix(_LIST_SUFFIX)
        if form == "":
            return Representation(YAML if media != JSON else JSON)
        version = values.get("v", "")
        if (
            values.get("g") == "meta.k8s.io"
            and version in ("v1", "v1beta1")
            and form in ("Table", "PartialObjectMetadata")
        ):
            return Representation(
                YAML if media != JSON else JSON, "Table" if form == "Table" else "PartialObjectMetadata", version
            )
    raise ApiError(406, "NotAcceptable", _NOT_ACCEPTABLE, {})


def including(how: Representation, asked: str) -> Representation:
    """`how` with the `includeObject` of the query, which only Tables heed."""
    if how.form != "Table" or asked not in get_args(Include):
        return how
    return replace(how, include=cast("Include", asked))


def encode(body: Any, content_type: str) -> bytes:
    if content_type == YAML:
        return yaml.dump(body, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), allow_unicode=True).encode()
    return orjson.dumps(body)


def decode(raw: bytes, *, content_type: str, kind: str) -> Any:
    """A body as JSON data. `kind` is what is expected, for the refusal's text."""
    media = content_type.split(";")[0].strip()
    if media in (JSON, "", "application/merge-patch+json", "application/strategic-merge-patch+json",
                 "application/json-patch+json"):  # fmt: skip
        return _decode_json(raw, kind=kind)
    if media in (YAML, "application/yml", "application/apply-patch+yaml"):
        return _decode_yaml(raw, kind=kind)
    if media == PROTOBUF:
        return _decode_protobuf(raw)
    raise unsupported_media_type()


def unsupported_media_type() -> ApiError:
    return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def _decode_protobuf(raw: bytes) -> Any:
    try:
        return protobuf.decode(raw)
    except (ValueError, TypeError, OverflowError, OSError, RecursionError) as error:  # times and texts that are none
        message = f"415: Unsupported Media Type: {error}; send application/json"
        raise ApiError(415, "UnsupportedMediaType", message, {}) from error


def _decode_json(raw: bytes, *, kind: str) -> Any:
    try:
        return bodies.from_json(raw)
    except bodies.UnreadableBody as error:
        shown = raw[:200].decode(errors="replace")
        problem = f"couldn't get version/kind; json parse error: {error} ({shown})"
        raise bad_request(f"the object provided is unrecognized (must be of type {kind}): {problem}") from error


def _decode_yaml(raw: bytes, *, kind: str) -> Any:
    try:
        return bodies.from_yaml(raw)
    except bodies.UnreadableBody as error:
        raise bad_request(f"error decoding YAML (must be of type {kind}): {error}") from error
