"""The same text must not mean one thing to kubectl and another here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.bundles.documents import documents_of
from dashboard.stack.bundles.faults import Faults
from dashboard.stack.bundles.rendering import find_kubectl

SCALARS = {
    "22:30": "22:30", "2026-01-01": "2026-01-01", "0440": 288, "0o17": 15, "0x1F": 31, "0b11": 3, "1_000": 1000,
    "yes": True, "Off": False, "y": "y", "~": None, "": None, "null": None, "Null": None, "08": 8, "1e3": 1000,
    "1.50": 1.5, ".5": 0.5, "-7": -7, "+7": 7, "100m": "100m", "1.2.3": "1.2.3", "'1'": "1",
    '"no"': "no", "!!str 1": "1",
    "!!int 12": 12, "=": "=", "0x": "0x", "-": "-", "18446744073709551615": 18446744073709551615,
}  # fmt: skip


def values(text: str) -> Any:
    faults = Faults()
    documents = documents_of(text, file="a.yaml", faults=faults)
    assert not faults.found
    return documents[0].content if documents else None


@pytest.mark.parametrize("text", [text for text in SCALARS if text != "-"])
def test_a_plain_scalar_has_the_type_it_has_for_kubectl(text: str) -> None:
    found = values(f"a: {text}\n")["a"]

    assert (found, type(found)) == (SCALARS[text], type(SCALARS[text]))


def test_keys_become_texts_as_in_json() -> None:
    assert values("1: a\non: b\n2.5: c\n") == {"1": "a", "true": "b", "2.5": "c"}


def test_merged_keys_give_way_to_those_beside_them() -> None:
    text = "base: &b {x: 1, y: 1}\nother: &o {x: 3, z: 3}\none: {y: 2, <<: *b}\nboth: {<<: [*b, *o]}\n"

    assert values(text)["one"] == {"x": 1, "y": 2}
    assert values(text)["both"] == {"x": 1, "y": 1, "z": 3}


def test_an_alias_is_a_copy_so_that_nobody_changes_two_places_at_once() -> None:
    found = values("a: &a {x: [1]}\nb: *a\n")

    found["b"]["x"].append(2)

    assert found["a"] == {"x": [1]}


APPLY_ONLY = ("yes", "Off", "2026-01-01")
"""What `kubectl apply -f` reads like this, and `kubectl kustomize` otherwise."""


def test_kubectl_itself_agrees(tmp_path: Path) -> None:
    """Read and written anew by kubectl's own kustomize: what is a number stays one, what is a text is quoted."""
    try:
        kubectl = find_kubectl("it")
    except Refused:
        pytest.skip("no kubectl on this machine")
    odd = ("-", "!!str 1", "!!int 12", "18446744073709551615", *APPLY_ONLY)
    asked = [text for text in SCALARS if text not in odd]
    listed = "".join(f"    k{index}: {text}\n" for index, text in enumerate(asked))
    source = f"apiVersion: example.com/v1\nkind: Thing\nmetadata: {{name: a}}\nspec:\n  held:\n{listed}"
    (tmp_path / "a.yaml").write_text(source)
    # A patch makes kustomize read the values and write them anew, rather than to copy the text.
    patch = "patches:\n- target: {kind: Thing}\n  patch: |\n    - {op: add, path: /spec/more, value: 1}\n"
    (tmp_path / "kustomization.yaml").write_text("resources: [a.yaml]\n" + patch)

    done = subprocess.run([kubectl, "kustomize", str(tmp_path)], capture_output=True, text=True, check=True)

    held = values(done.stdout)["spec"]["held"]
    ours = values(source)["spec"]["held"]
    assert json.dumps(held, sort_keys=True) == json.dumps(ours, sort_keys=True)
