"""The table from image references to programs, and how command and args meet the image's own."""

from __future__ import annotations

import pytest

from localcluster.node.images import Image, ImageError, resolve
from localcluster.node.places import Places

PLACES = Places(())


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("ghcr.io/surgeboard/app:0.1.0", "surgeboard/app"),
        ("localhost:5000/surgeboard/dashboard", "surgeboard/dashboard"),
        ("registry.k8s.io/metrics-server/metrics-server:v0.8.0", "metrics-server/metrics-server"),
        ("docker.io/library/python:3.12-slim", "python"),
        ("busybox", "busybox"),
        ("alpine@sha256:" + "0" * 64, "alpine"),
        ("registry.k8s.io/pause:3.10", "pause"),
    ],
)
def test_a_reference_is_known_by_its_repository(reference: str, name: str) -> None:
    """Host, tag and digest do not matter."""
    assert resolve(reference, places=PLACES).name == name


@pytest.mark.parametrize("reference", ["nginx:1.27", "ghcr.io/other/app:1", "local/nosuch:1"])
def test_what_is_not_in_the_table_cannot_be_pulled(reference: str) -> None:
    with pytest.raises(ImageError) as caught:
        resolve(reference, places=PLACES)
    assert caught.value.reason == "ErrImagePull"


@pytest.mark.parametrize("reference", ["UPPER/Bad::1", "", "a b", "//x"])
def test_a_malformed_reference_is_told_apart(reference: str) -> None:
    with pytest.raises(ImageError) as caught:
        resolve(reference, places=PLACES)
    assert caught.value.reason == "InvalidImageName"


def test_command_replaces_entrypoint_and_args_replace_the_default() -> None:
    """As the table in Kubernetes' documentation has it."""
    image = Image("x", entrypoint=("run",), command=("default",))
    assert image.arguments([], []) == ["run", "default"]
    assert image.arguments([], ["a"]) == ["run", "a"]
    assert image.arguments(["c"], []) == ["c"]
    assert image.arguments(["c"], ["a"]) == ["c", "a"]


def test_mongod_is_kept_from_compressing_once() -> None:
    """The option is added where it is missing, and never to another program of the image."""
    image = Image("mongo", entrypoint=("mongod",), extra_arguments=("--networkMessageCompressors", "disabled"))
    extra = ["--networkMessageCompressors", "disabled"]
    assert image.arguments([], ["--replSet", "rs0"]) == ["mongod", "--replSet", "rs0", *extra]
    assert image.arguments(["mongod"], extra) == ["mongod", *extra]
    assert image.arguments(["sh", "-c", "true"], []) == ["sh", "-c", "true"]
