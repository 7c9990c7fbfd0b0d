"""Validation of Jobs, and of changes to them; and the labels by which their pods are told from others'."""

from __future__ import annotations

from collections.abc import Mapping

from localcluster import selectors
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.metadata import validate_selector
from localcluster.apiserver.admission.validating.pods import validate_template
from localcluster.client import Object

BATCH = "batch.kubernetes.io/"


def validate_job(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    numbers = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")
    for name in numbers:
        causes += faults.not_negative(f"spec.{name}", spec.get(name))
    causes += validate_template(spec["template"], field="spec.template")
    policy = (spec["template"].get("spec") or {}).get("restartPolicy")
    if policy == "Always":
        detail = 'valid values: "OnFailure", "Never"'
        causes.append(faults.required("spec.template.spec.restartPolicy", detail))
    if spec.get("completionMode") not in ("NonIndexed", "Indexed"):
        causes.append(faults.unsupported("spec.completionMode", spec.get("completionMode"), ("NonIndexed", "Indexed")))
    elif spec["completionMode"] == "Indexed" and spec.get("completions") is None:
        causes.append(faults.required("spec.completions", "when completion mode is Indexed"))
    return causes + _selector(obj)


def validate_job_update(old: Object, new: Object) -> list[Cause]:
    before, after = old["spec"], new["spec"]
    causes: list[Cause] = []
    names = ["selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex"]
    if not before.get("suspend"):
        names.append("template")
    if after.get("completionMode") != "Indexed":
        names.append("completions")
    for name in names:
        causes += faults.immutable(f"spec.{name}", old=before.get(name), new=after.get(name))
    return causes


def generated_labels(job: Object) -> dict[str, str]:
    """The labels by which a Job's pods are known, by their older and their newer names."""
    labels = {"controller-uid": str(job["metadata"].get("uid", "")), "job-name": str(job["metadata"].get("name", ""))}
    return {**labels, **{BATCH + key: value for key, value in labels.items()}}


def _selector(job: Object) -> list[Cause]:
    """Only who asks to choose pods by themselves may; what admission has made must not be another's."""
    spec = job["spec"]
    selector, labels = spec.get("selector"), (spec["template"].get("metadata") or {}).get("labels") or {}
    if selector is None:
        return [faults.required("spec.selector")] if spec.get("manualSelector") else []
    causes: list[Cause] = [] if spec.get("manualSelector") else _generated(job, labels)
    problems = validate_selector(selector, field="spec.selector")
    if not problems and not selectors.from_object(selector).matches(labels):
        detail = "`selector` does not match template `labels`"
        problems = [faults.invalid("spec.template.metadata.labels", labels, detail)]
    return causes + problems


def _generated(job: Object, labels: Mapping[str, str]) -> list[Cause]:
    expected, selector = generated_labels(job), job["spec"]["selector"]
    causes = [
        faults.invalid(f"spec.template.metadata.labels[{key}]", labels, f"must be '{value}'")
        for key, value in expected.items()
        if labels.get(key) != value
    ]
    if not selectors.from_object(selector).matches(expected):
        causes.append(faults.invalid("spec.selector", selector, "`selector` not auto-generated"))
    return causes
