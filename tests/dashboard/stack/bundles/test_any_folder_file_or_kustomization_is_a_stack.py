"""`surgeboard deploy PATH`: whatever kubectl would take from this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.bundles.reading import read_path


def names(bundle: Bundle) -> list[str]:
    return [each["metadata"]["name"] for each in bundle.objects]


def test_a_folder_is_all_its_yaml_and_json_by_name_without_sub_folders(write: Any, config_map: Any) -> None:
    thing = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "json", "namespace": "shop"}}
    folder = write("shop", {
        "b.yml": config_map("b"), "a.yaml": config_map("a") + "---\n" + config_map("a2"), "c.json": json.dumps(thing),
        "notes.txt": "no YAML: [", "deeper/d.yaml": config_map("d"),
    })  # fmt: skip

    bundle = read_path(folder)

    assert names(bundle) == ["a", "a2", "b", "json"]
    assert (bundle.name, bundle.title, bundle.own) == ("shop", "shop", True)
    assert bundle.places["ConfigMap/shop/a2"] == "shop/a.yaml line 5, column 1"


def test_a_single_file_is_a_stack_of_its_own(write: Any, config_map: Any) -> None:
    folder = write("shop", {"web.yaml": config_map("web"), "other.yaml": config_map("other")})

    bundle = read_path(folder / "web.yaml")

    assert (bundle.name, names(bundle)) == ("web", ["web"])


def test_a_kustomization_may_be_named_by_its_folder_or_its_file(write: Any, config_map: Any) -> None:
    folder = write("shop", {"kustomization.yml": "resources: [a.yaml]", "a.yaml": config_map(), "b.yaml": "not: read"})

    assert read_path(folder / "kustomization.yml") == read_path(folder)
    assert names(read_path(folder)) == ["one"]


def test_kustomizations_that_only_list_are_followed_into_folders_in_their_order(write: Any, config_map: Any) -> None:
    write("base", {"kustomization.yaml": "resources: [a.yaml]", "a.yaml": config_map("base", comment="Why base.")})
    folder = write("shop", {
        "kustomization.yaml": "resources: [z.yaml, inner, ../base]",
        "z.yaml": config_map("z"),
        "inner/Kustomization": "resources:\n- i.yaml\n",
        "inner/i.yaml": config_map("i", comment="Why inner."),
    })  # fmt: skip

    bundle = read_path(folder)

    assert names(bundle) == ["z", "i", "base"]
    assert bundle.reasons == {"ConfigMap/shop/i": "Why inner.", "ConfigMap/shop/base": "Why base."}
    assert bundle.places["ConfigMap/shop/base"] == "base/a.yaml line 2, column 1"


def test_lists_are_unfolded(write: Any) -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n"
        "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: one}\n"
        "# Why two.\n"
        "- {apiVersion: v1, kind: ConfigMapList, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: two}}]}\n"
    )

    bundle = read_path(write("shop", {"a.yaml": text}))

    assert names(bundle) == ["one", "two"]
    assert bundle.reasons == {"ConfigMap//two": "Why two."}


def test_a_stack_may_have_secrets_generated_like_ours(write: Any, config_map: Any) -> None:
    secrets = "# All of them.\nsecrets:\n  # Why db.\n  - {name: db, namespace: shop, generate: {password: 24}}\n"

    bundle = read_path(write("shop", {"a.yaml": config_map(), "generated-secrets.yaml": secrets}))

    assert bundle.secrets[0].generate == {"password": 24}
    assert bundle.reasons["Secret/shop/db"] == "Why db."
    assert names(bundle) == ["one"]


def test_a_stack_is_called_as_its_folder_or_as_asked(write: Any, config_map: Any) -> None:
    folder = write("My_Shop", {"a.yaml": config_map()})

    with pytest.raises(Refused, match=r"'My_Shop' cannot be the name of a stack.*--name"):
        read_path(folder)
    with pytest.raises(Refused, match=r"'\.\./x' cannot be"):
        read_path(folder, name="../x")
    assert read_path(folder, name="shop").name == "shop"


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="gone is not there; name a folder"):
        read_path(tmp_path / "gone")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"kustomization.yaml": "resources: [gone.yaml]"}, "line 1, column 13: gone.yaml is named here but is not"),
        ({"kustomization.yaml": "resources: [inner]", "inner/a.yaml": ""}, "shop/inner: the folder holds no kust"),
        ({"kustomization.yaml": "resources: a.yaml"}, "line 1, column 1: `resources` must be a list."),
        ({"kustomization.yaml": "resources: [1]"}, "an entry of `resources` must be a text."),
        ({"kustomization.yaml": "resources: [../shop]"}, "../shop leads back to a kustomization that names this one."),
        ({"kustomization.yaml": "resources: []\n---\nresources: []"}, "it must hold one document, it holds 2."),
        ({"kustomization.yaml": "- a.yaml"}, "shop/kustomization.yaml line 1, column 1: it must be a mapping."),
        ({"kustomization.yaml": "Resources: []"}, "line 1, column 1: `Resources` is no field of a kustomization."),
    ],
)
def test_a_kustomization_that_cannot_be_followed_is_told(write: Any, files: dict[str, str], told: str) -> None:
    with pytest.raises(Refused) as refused:
        read_path(write("shop", files))

    assert told in refused.value.sentence
