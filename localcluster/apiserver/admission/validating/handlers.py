"""Validation of what is done to a container from outside: probes and lifecycle hooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from localcluster import names
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.client import Object

_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
_NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_SCHEMES = ("HTTP", "HTTPS")
_HEADER = r"[-A-Za-z0-9]+"
_HEADER_RULE = (
    "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for "
    f"validation is '{_HEADER}')"
)
_GRACE = "terminationGracePeriodSeconds"


def validate_probe(probe: Object, *, field: str, kind: str) -> Iterator[Cause]:
    """`kind` is the name of the container's field."""
    yield from _handler(probe, field=field, grace=None)
    for number in _NUMBERS:
        yield from faults.not_negative(f"{field}.{number}", probe.get(number))
    grace = probe.get(_GRACE)
    if grace is not None and grace <= 0:
        yield faults.invalid(f"{field}.{_GRACE}", grace, "must be greater than 0")
    if kind != "readinessProbe" and probe.get("successThreshold", 1) != 1:
        yield faults.invalid(f"{field}.successThreshold", probe["successThreshold"], "must be 1")
    if kind == "readinessProbe" and grace is not None:
        yield faults.invalid(f"{field}.{_GRACE}", grace, "must not be set for readinessProbes")


def validate_lifecycle(lifecycle: Object, *, field: str, grace: int | None) -> Iterator[Cause]:
    """`grace`: how long the pod has to end, which a sleep must not pass."""
    for name in ("postStart", "preStop"):
        if name in lifecycle:
            yield from _handler(lifecycle[name], field=f"{field}.{name}", grace=grace)


def port_faults(field: str, value: Any) -> list[Cause]:
    """A port by number, or by the name of a container's port."""
    if isinstance(value, str) and value:
        return faults.each_invalid(field, value, names.port_name_faults(value))
    return faults.in_range(field, value or 0, low=1, high=65535)


def _handler(handler: Object, *, field: str, grace: int | None) -> Iterator[Cause]:
    found = [name for name in _HANDLERS if name in handler]
    if not found:
        yield faults.required(field, "must specify a handler type")
        return
    yield from _action(found[0], handler[found[0]], field=f"{field}.{found[0]}", grace=grace)
    for extra in found[1:]:
        yield faults.forbidden(f"{field}.{extra}", "may not specify more than 1 handler type")


def _action(kind: str, action: Object, *, field: str, grace: int | None) -> Iterator[Cause]:
    if kind == "exec" and not action.get("command"):
        yield faults.required(f"{field}.command")
    if kind == "httpGet" and not action.get("path"):
        yield faults.required(f"{field}.path")
    if kind in ("httpGet", "tcpSocket", "grpc"):
        yield from port_faults(f"{field}.port", action.get("port"))
    if kind == "httpGet":
        if action.get("scheme") not in _SCHEMES:
            yield faults.unsupported(f"{field}.scheme", action.get("scheme"), _SCHEMES)
        for header in action.get("httpHeaders") or []:
            if not re.fullmatch(_HEADER, header.get("name", "")):
                yield faults.invalid(f"{field}.httpHeaders", header.get("name", ""), _HEADER_RULE)
    if kind == "sleep" and grace is not None and not 0 <= action.get("seconds", 0) <= grace:
        rule = f"must be non-negative and less than {_GRACE} ({grace})"
        yield faults.invalid(field, action.get("seconds", 0), rule)
