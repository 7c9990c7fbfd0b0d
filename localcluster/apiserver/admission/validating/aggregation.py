"""Validation of APIServices."""

from __future__ import annotations

from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.client import Object


def validate_api_service(obj: Object) -> list[Cause]:
    spec, name = obj["spec"], obj["metadata"]["name"]
    group, version = spec.get("group") or "", spec.get("version") or ""
    causes: list[Cause] = []
    if name != f"{version}.{group}":
        causes.append(
            faults.invalid("metadata.name", name, f'must be `spec.version+"."+spec.group`: "{version}.{group}"')
        )
    if not group and version != "v1":
        causes.append(faults.required("spec.group", "only v1 may have an empty group and it better be legacy kube"))
    if not version:
        causes.append(faults.required("spec.version"))
    for field, most in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        value = spec.get(field) or 0
        if not 0 < value <= most:
            causes.append(faults.invalid(f"spec.{field}", value, f"must be positive and less than {most}"))
    service = spec.get("service")
    if service is not None:
        causes += [
            faults.required(f"spec.service.{field}") for field in ("namespace", "name") if not service.get(field)
        ]
    elif spec.get("insecureSkipTLSVerify"):
        detail = "local APIServices may not have insecureSkipTLSVerify"
        causes.append(faults.invalid("spec.insecureSkipTLSVerify", True, detail))
    if spec.get("insecureSkipTLSVerify") and spec.get("caBundle"):
        causes.append(faults.invalid("spec.insecureSkipTLSVerify", True, "may not be true if caBundle is present"))
    return causes
