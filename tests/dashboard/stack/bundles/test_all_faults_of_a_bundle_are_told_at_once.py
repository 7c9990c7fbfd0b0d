"""A person corrects a folder once, not fault by fault; and finds each by file, line and column."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.bundles.faults import Unreadable
from dashboard.stack.bundles.reading import read_path

HEAD = "apiVersion: v1\nkind: ConfigMap\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\n"


def faults(folder: Any) -> tuple[str, ...]:
    with pytest.raises(Unreadable) as refused:
        read_path(folder)
    assert refused.value.status == 422
    return refused.value.faults


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: [\n", "a.yaml line 2, column 1: did not find expected node content"),
        ("a:\n\tb: 1\n", "a.yaml line 2, column 1: a tab stands where YAML wants spaces; indent by spaces."),
        ("a: b\x07\n", r"a.yaml line 1, column 5: the control character '\x07' may not stand in YAML"),
        (HEAD + "metadata: {name: a}\ndata: {b: c}\ndata: {}\n", "line 5, column 1: `data` stands here a second time"),
        ("- 1\n", "line 1, column 1: it holds a list where an object is expected."),
        ("just words\n", "line 1, column 1: it holds a text where an object is expected."),
        ("kind: ConfigMap\nmetadata: {name: a}\n", "line 1, column 1: `apiVersion` is missing"),
        ("apiVersion: v1\nmetadata: {name: a}\n", "line 1, column 1: `kind` is missing"),
        ("apiVersion: 1\nkind: A\nmetadata: {name: a}\n", "line 1, column 1: `apiVersion` must be a text"),
        ("apiVersion: ../v1\nkind: A\nmetadata: {name: a}\n", "`apiVersion` must be a text"),
        (HEAD, "line 1, column 1: `metadata` with a name is missing."),
        (HEAD + "metadata:\n  labels: {}\n", "line 4, column 3: metadata.name is missing."),
        (HEAD + "metadata: {name: 12}\n", "line 3, column 12: metadata.name is no name of an object."),
        (HEAD + "metadata: {name: ../../secrets/x}\n", "metadata.name is no name of an object."),
        (HEAD + "metadata: {name: ..}\n", "metadata.name is no name of an object."),
        (HEAD + "metadata: {name: 'a?dryRun=All'}\n", "metadata.name is no name of an object."),
        (HEAD + "metadata:\n  generateName: a-\n", "line 4, column 3: `generateName` would make another object"),
        (HEAD + "metadata: {name: a, namespace: ../b}\n", "line 3, column 21: metadata.namespace must"),
        (HEAD + "metadata: {name: a, managedFields: []}\n", "line 3, column 21: metadata.managedFields is"),
        (HEAD + "metadata: {name: a}\ndata: {b: .nan}\n", "line 4, column 11: .nan cannot be sent as JSON"),
        (HEAD + "metadata: {name: a}\ndata: {b: !ref c}\n", "line 4, column 11: the tag !ref is not understood"),
        (HEAD + "metadata: {name: a}\ndata: {b: *c}\n", "line 4, column 11: *c refers to nothing"),
        (HEAD + "metadata: {name: a}\ndata: &d {b: *d}\n", "line 4, column 14: *d stands inside of what it refers to."),
        (HEAD + "metadata: {name: a}\nspec: words\n", "line 4, column 1: `spec` must be a mapping."),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: [hunter2]\n", "`data` must be a mapping."),
        (SECRET + "data:\n  a: aGk=\n  b: hunter2\n", "line 6, column 3: `data.b` is not base64; encode its value, or"),
        (SECRET + "data: {b: 12}\n", "line 4, column 8: `data.b` is not base64"),
        (HEAD + "metadata: {name: a}\nbinaryData: {b: '%'}\n", "`binaryData.b` is not base64"),
        ("[" * 200, "more than 100 levels deep"),
        ("- " * 200, "more than 100 levels deep"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_and_what_to_do(write: Any, text: str, told: str) -> None:
    (fault,) = faults(write("shop", {"a.yaml": text}))

    assert told in fault
    assert fault.startswith("shop/a.yaml")


def test_faults_of_all_files_and_documents_are_told_together(write: Any, config_map: Any) -> None:
    folder = write(
        "shop",
        {
            "a.yaml": HEAD
            + "---\n"
            + config_map()
            + "---\n"
            + HEAD
            + "metadata: {generateName: x}\ndata: 1\ndata: 2\n",
            "b.yaml": "kind: [\n",
            "c.json": '{"a": 1,\n "a": 2}',
            "d.json": '{"b": 1,\n "a": }',
        },
    )

    told = faults(folder)

    assert [each.partition(":")[0] for each in told] == [
        "shop/a.yaml line 1, column 1", "shop/a.yaml line 10, column 12", "shop/a.yaml line 12, column 1",
        "shop/b.yaml line 2, column 1",
        "shop/c.json", "shop/c.json", "shop/c.json", "shop/c.json",
        "shop/d.json line 2, column 7",
    ]  # fmt: skip


def test_the_sentence_says_how_many_there_are_and_stops_somewhere(write: Any) -> None:
    folder = write("shop", {"a.yaml": "---\n".join("- 1\n" for _ in range(100))})

    with pytest.raises(Refused, match=r"^100 faults\. ") as refused:
        read_path(folder)

    assert refused.value.sentence.endswith("And 60 more.")


def test_an_object_that_is_there_twice_is_told_with_both_places(write: Any, config_map: Any) -> None:
    newer = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"
    folder = write(
        "shop",
        {"a.yaml": config_map() + "---\n" + newer, "b.yaml": newer.replace("v1", "v1beta1") + "---\n" + config_map()},
    )

    first, second = faults(folder)

    assert first.startswith("shop/b.yaml line 1, column 1: Deployment shop/web stands here twice, first")
    assert second.startswith("shop/b.yaml line 5, column 1: ConfigMap shop/one stands here twice, first")
    assert first.endswith("at shop/a.yaml line 5, column 1; remove one.")
    assert second.endswith("at shop/a.yaml line 1, column 1; remove one.")


def test_an_object_may_not_be_a_generated_secret_as_well(write: Any) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\n"
    folder = write("shop", {
        "a.yaml": secret, "generated-secrets.yaml": "secrets: [{name: db, namespace: shop, generate: {p: 8}}]",
    })  # fmt: skip

    assert "Secret shop/db stands here twice" in faults(folder)[0]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("x", "must be a mapping"),
        ("{name: db}", "name and namespace must be texts."),
        ("{name: db, namespace: shop, genrate: {}}", "`genrate` is not known here"),
        ("{name: db, namespace: shop, generate: {p: many}}", "`generate` takes keys with a number of characters"),
        ("{name: db, namespace: shop, generate: {p: 100000}}", "1 to 4096"),
        ("{name: db, namespace: shop, copy: {p: {name: x}}}", "`copy` takes keys with the namespace, name and key"),
        ("{name: db, namespace: shop}", "it names no key to `generate` or to `copy`."),
        ("{name: db, namespace: shop, generate: {a b: 8}}", "'a b' cannot be a key of a Secret"),
        ("{name: ../db, namespace: shop, generate: {p: 8}}", "name is no name of an object"),
        ("{name: db, namespace: a/b, generate: {p: 8}}", "namespace must be small letters"),
        ("{name: db, namespace: shop, copy: {p: {namespace: a, name: ../b, key: c}}}", "`copy` takes keys with"),
    ],
)
def test_a_wrong_list_of_generated_secrets_is_told(write: Any, config_map: Any, entry: str, told: str) -> None:
    folder = write("shop", {"a.yaml": config_map(), "generated-secrets.yaml": f"secrets:\n  - {entry}\n"})

    (fault,) = faults(folder)

    assert fault.startswith("shop/generated-secrets.yaml line 2, column 5")
    assert told in fault


def test_aliases_cannot_blow_a_small_file_up(write: Any) -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))

    (fault,) = faults(write("shop", {"a.yaml": f"a0: &a0 [{'x' * 50}]\n{levels}"}))

    assert "its aliases make it larger than 5 MiB" in fault


def test_a_bundle_has_a_largest_size_over_all_its_files(write: Any, config_map: Any) -> None:
    half = config_map() + "# " + "x" * (3 * 2**20) + "\n"

    (fault,) = faults(write("shop", {"a.yaml": half, "b.yaml": half.replace("one", "two")}))

    assert fault.startswith("shop/b.yaml: the bundle is larger than 5 MiB with it")


def test_what_is_no_text_is_told_by_its_place(write: Any, config_map: Any) -> None:
    folder = write("shop", {"a.yaml": ""})
    (folder / "a.yaml").write_bytes(config_map().encode() + b"# caf\xe9\n")

    assert faults(folder) == ("shop/a.yaml line 4, column 6: it is not UTF-8 text; save it as UTF-8.",)


def test_a_folder_without_any_object_is_told(write: Any) -> None:
    assert "it holds no Kubernetes object" in faults(write("shop", {"a.yaml": "# nothing\n---\n", "b.txt": "x"}))[0]


def test_a_secret_with_data_in_a_file_is_warned_of_and_its_data_not_told(write: Any) -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n"

    bundle = read_path(write("shop", {"a.yaml": text}))

    (warning,) = bundle.warnings
    assert "Secret shop/db holds its data in a file" in warning
    assert "hunter2" not in warning


def test_base64_may_be_broken_into_lines_and_is_never_repeated(write: Any) -> None:
    read_path(write("shop", {"a.yaml": SECRET + "data:\n  b: |\n    aGVsbG8g\n    d29ybGQ=\n  c: \n"}))
    (fault,) = faults(write("market", {"a.yaml": SECRET + "data: {b: hunter2}\n"}))
    assert "hunter2" not in fault
