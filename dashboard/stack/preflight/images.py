"""Whether the images are there, as far as a cluster can tell: on a node already, or refused to a pod before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboard.stack.health.fields import mapping, mappings, text
from dashboard.stack.planning.plan import Finding
from dashboard.stack.preflight import demand
from dashboard.stack.preflight.facts import Facts

CHECK = "images"
FAILED = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")


def check(facts: Facts) -> Iterator[Finding]:
    """One finding an image that could not be pulled, one for those that no node has, one for the rest."""
    images = sorted(_images(facts))
    if not images:
        return
    nodes, pods = facts.listed("/api/v1/nodes"), facts.listed("/api/v1/pods")
    if nodes is None:
        yield Finding(CHECK, "unknown", "images", "You may not list nodes, so whether images are there is not known.")
        return
    refused = _refused(pods or ())
    # A node tells of fifty images at most, and not at once; what has run was pulled.
    there = {_whole(name) for node in nodes for each in mappings(node, "status", "images") for name in _names(each)}
    there |= {_whole(image) for image in _started(pods or ())}
    for image in [each for each in images if each in refused and _whole(each) not in there]:
        remedy = "Check the name and the tag, and whether the nodes may pull from that registry."
        yield Finding(CHECK, "missing", image, f"Image {image} could not be pulled: {refused[image]}", remedy)
    absent = [each for each in images if _whole(each) not in there and each not in refused]
    if absent:
        why = f"No node has {', '.join(absent)} yet; it is pulled when the first pod starts. The API cannot try that."
        yield Finding(CHECK, "unknown", "images", why)
    present = len([each for each in images if _whole(each) in there])
    if present:
        yield Finding(CHECK, "ok", "images", f"{present} of {len(images)} images are on a node already.")


def _images(facts: Facts) -> set[str]:
    specs = [mapping(demand.template_of(each), "spec") for each in facts.of_kind(*demand.WORKLOADS)]
    containers = [each for spec in specs for key in ("initContainers", "containers") for each in mappings(spec, key)]
    return {text(each, "image") for each in containers} - {""}


def _started(pods: Sequence[Mapping[str, Any]]) -> set[str]:
    """The images of containers that run, or did."""
    found = set()
    for pod in pods:
        images = _images_by_container(pod)
        for each in _statuses(pod):
            if any(mapping(each, at, state) for at in ("state", "lastState") for state in ("running", "terminated")):
                found.add(images.get(text(each, "name"), ""))
    return found - {""}


def _refused(pods: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Image → what a kubelet last said when it could not pull it."""
    found = {}
    for pod in pods:
        images = _images_by_container(pod)
        for each in _statuses(pod):
            waiting = mapping(each, "state", "waiting")
            if waiting.get("reason") in FAILED:
                image = images.get(text(each, "name"), "")
                found[image] = text(waiting, "message") or str(waiting["reason"])
    return found


def _statuses(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*mappings(pod, "status", "initContainerStatuses"), *mappings(pod, "status", "containerStatuses")]


def _images_by_container(pod: Mapping[str, Any]) -> dict[str, str]:
    spec = mapping(pod, "spec")
    named = [*mappings(spec, "initContainers"), *mappings(spec, "containers")]
    return {text(each, "name"): text(each, "image") for each in named}


def _names(image: Mapping[str, Any]) -> list[str]:
    names = image.get("names")
    return [each for each in names if isinstance(each, str)] if isinstance(names, list) else []


def _whole(image: str) -> str:
    """With the registry and tag that are implied: `mongo` is `docker.io/library/mongo:latest`."""
    first, slash, _ = image.partition("/")
    if not slash:
        image = f"docker.io/library/{image}"
    elif not ("." in first or ":" in first or first == "localhost"):
        image = f"docker.io/{image}"
    return image if ":" in image.rpartition("/")[2] or "@" in image else f"{image}:latest"
