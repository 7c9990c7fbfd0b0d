"""Whatever bytes a folder holds, a person gets a bundle or a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dashboard.errors import Refused
from dashboard.stack.bundles import reading
from dashboard.stack.bundles.bundle import ref_of

KEYS = st.sampled_from([
    "apiVersion", "kind", "metadata", "name", "namespace", "generateName", "items", "spec", "scaleTargetRef", "key",
    "replicas", "secrets", "generate", "copy", "resources", "patches", "path", "files", "data", "<<", "group", "names",
])  # fmt: skip
WORDS = st.sampled_from([
    "v1", "apps/v1", "List", "Secret", "HorizontalPodAutoscaler", "shop", "a.yaml", "..", ".", "x: y",
])  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=5),
    max_leaves=20,
)
PIECES = st.sampled_from([
    "a", ": ", "- ", "\n", "  ", "\t", "&a ", "*a", "[", "]", "{", "}", ",", "? ", "| ", ">", "---\n", "...\n", "#",
    "'", '"', "!", "!!int ", "%YAML 1.1\n", "<<: ", "\\", "\r", "\u2028", "\x85", "\ufeff", "\x00", "0x", "9" * 30,
    ".inf",
])  # fmt: skip
NAMES = st.sampled_from(["a.yaml", "a.json", "kustomization.yaml", "generated-secrets.yaml"])

quickly = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read_or_refuse(folder: Path, files: dict[str, bytes]) -> None:
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    refused = None
    try:
        bundle = reading.read_path(folder, name="shop", run=no_kubectl)
    except Refused as told:
        refused = told
    else:
        json.loads(json.dumps(bundle.objects, allow_nan=False))
        assert bundle.revision
        assert all(isinstance(each, str) for ref in map(ref_of, bundle.objects) for each in (ref.id, str(ref)))
        assert isinstance(bundle.scaled, frozenset)
    assert refused is None or (refused.sentence and refused.status == 422)


def no_kubectl(command: Any) -> Any:
    raise FileNotFoundError(2, "No such file or directory")


@quickly
@given(files=st.dictionaries(NAMES, st.binary(max_size=200), max_size=3))
def test_bytes(tmp_path: Path, files: dict[str, bytes]) -> None:
    read_or_refuse(tmp_path, files)


@quickly
@given(files=st.dictionaries(NAMES, st.lists(PIECES, max_size=40).map("".join), max_size=3))
@example(files={"a.yaml": "&a [*a]"})
@example(files={"a.yaml": "? &a {x: *a}\n: 1"})
@example(files={"a.yaml": "a: &a 1\n--- *a"})
@example(files={"a.json": "[" * 100_000})
@example(files={"a.json": "9" * 5000})
@example(files={"a.yaml": "- " * 5000})
def test_pieces_of_yaml(tmp_path: Path, files: dict[str, str]) -> None:
    read_or_refuse(tmp_path, {name: text.encode() for name, text in files.items()})


@quickly
@given(files=st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=2), min_size=1, max_size=3))
def test_yaml_of_any_shape(tmp_path: Path, files: dict[str, list[Any]]) -> None:
    read_or_refuse(tmp_path, {name: yaml.safe_dump_all(held).encode() for name, held in files.items()})


METADATA = st.fixed_dictionaries({"name": st.text(max_size=6)}, optional={"namespace": WORDS})
OBJECTS = st.fixed_dictionaries(
    {"apiVersion": WORDS, "kind": WORDS | KEYS, "metadata": METADATA},
    optional={"spec": VALUES, "items": st.lists(VALUES, max_size=3), "data": VALUES},
)


@quickly
@given(held=st.lists(OBJECTS, max_size=4))
def test_nearly_right_objects(tmp_path: Path, held: list[Any]) -> None:
    read_or_refuse(tmp_path, {"a.yaml": yaml.safe_dump_all(held).encode()})
