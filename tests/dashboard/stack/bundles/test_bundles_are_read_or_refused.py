"""Reading bundles: the order, and sentences for what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.errors import Refused
from dashboard.stack.bundles import reading as bundles


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name.replace('__', '-')}.yaml").write_text(text)
    return folder


CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: shop}\n"


def test_a_bundle_holds_its_resources_in_order_and_its_secrets(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "shop",
        kustomization="resources: [b.yaml, a.yaml]",
        a=CONFIG_MAP,
        b=CONFIG_MAP.replace("one", "two") + "---\n" + CONFIG_MAP.replace("one", "three"),
        generated__secrets="secrets: [{name: db, namespace: shop, generate: {password: 8}}]",
    )

    bundle = bundles.read(folder)

    assert [each["metadata"]["name"] for each in bundle.objects] == ["two", "three", "one"]
    assert bundle.secrets[0].generate == {"password": 8}


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"kustomization": "resources: [a.yaml]", "a": "kind: [\n"}, "a.yaml line 2, column 1"),
        (
            {"kustomization": "resources: [gone.yaml]"},
            "kustomization.yaml line 1, column 13: gone.yaml is named here but is not there",
        ),
        ({"kustomization": "resources: [a.yaml]", "a": "- 1"}, "holds a list where an object is expected"),
        ({"kustomization": "helmCharts: []"}, "`helmCharts` runs or fetches"),
        (
            {"kustomization": "resources: [a.yaml, b.yaml]", "a": CONFIG_MAP, "b": CONFIG_MAP},
            "ConfigMap shop/one stands here twice, first at shop/a.yaml line 1",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        bundles.read(write(tmp_path / "shop", **files))


def test_known_bundles_stand_in_order_of_dependency(tmp_path: Path) -> None:
    for name in ("own", "load", "flask", "mongodb"):
        write(tmp_path / name, kustomization="resources: []")

    assert [bundle.name for bundle in bundles.read_all(tmp_path)] == ["mongodb", "flask", "load", "own"]
