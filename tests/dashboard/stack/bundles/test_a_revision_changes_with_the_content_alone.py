"""A revision says whether something else would be asked of the cluster; the page and the history rest on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.stack.bundles.reading import read_path

ONE = "# Why.\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: shop}\ndata: {a: '1', b: '2'}\n"
TWO = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two, namespace: shop}\n"
SECRETS = "secrets: [{name: db, namespace: shop, generate: {p: 8}}]"
FILES = {"a.yaml": ONE, "b.yaml": TWO, "generated-secrets.yaml": SECRETS}

Files = dict[str, str]


def changed(name: str, old: str, new: str) -> Callable[[Files], Files]:
    return lambda files: {**files, name: files[name].replace(old, new)}


@pytest.mark.parametrize(
    "change",
    [
        changed("a.yaml", "# Why.", "# Otherwise."),
        changed("a.yaml", "{a: '1', b: '2'}", '\n  b: "2"\n  a: "1" # one'),
        lambda _: {"z.yaml": ONE, "b.yaml": TWO, "generated-secrets.yaml": SECRETS},
        lambda _: {"all.yaml": TWO + "---\n" + ONE, "generated-secrets.yaml": SECRETS},
        lambda files: {**files, "README.md": "words", "c.yaml": "# only words\n"},
        changed("generated-secrets.yaml", "secrets:", "# All of them.\nsecrets:"),
    ],
    ids=["comment", "layout", "file name", "one file", "other files", "comment on Secrets"],
)  # fmt: skip
def test_what_asks_for_the_same_is_the_same_revision(write: Any, change: Callable[[Files], Files]) -> None:
    assert read_path(write("one", FILES)).revision == read_path(write("two", change(FILES))).revision


@pytest.mark.parametrize(
    "change",
    [
        changed("a.yaml", "'1'", "'3'"),
        changed("a.yaml", "'1'", "1"),
        changed("b.yaml", "name: two", "name: three"),
        changed("b.yaml", "namespace: shop", "namespace: market"),
        changed("generated-secrets.yaml", "p: 8", "p: 9"),
        lambda files: {"a.yaml": files["a.yaml"]},
    ],
)
def test_whatever_asks_for_something_else_is_another(write: Any, change: Callable[[Files], Files]) -> None:
    assert read_path(write("one", FILES)).revision != read_path(write("two", change(FILES))).revision


SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\n"


@pytest.mark.parametrize("other", ["stringData: {p: other}", "data: {p: b3RoZXI=}"])
def test_a_password_cannot_be_guessed_from_the_revision(write: Any, other: str) -> None:
    one = read_path(write("one", {"a.yaml": SECRET + "stringData: {p: hunter2}\n"}))
    two = read_path(write("two", {"a.yaml": SECRET + other + "\n"}))
    assert one.revision == two.revision


def test_nor_from_the_copy_that_kubectl_keeps_of_a_secret(write: Any) -> None:
    noted = "metadata: {name: s, namespace: shop, annotations: {kubectl.kubernetes.io/last-applied-configuration: %s}}"
    heads = [SECRET.replace("metadata: {name: s, namespace: shop}", noted % each) for each in ("hunter2", "other")]
    one, two = (read_path(write(f"n{i}", {"a.yaml": head + "data: {p: eA==}\n"})) for i, head in enumerate(heads))
    assert one.revision == two.revision


def test_another_key_of_a_secret_is_another_revision(write: Any) -> None:
    one = read_path(write("one", {"a.yaml": SECRET + "stringData: {p: x}\n"}))
    two = read_path(write("two", {"a.yaml": SECRET + "stringData: {q: x}\n"}))
    assert one.revision != two.revision
