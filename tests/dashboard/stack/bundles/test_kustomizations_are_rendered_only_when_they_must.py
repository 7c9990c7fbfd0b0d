"""One process is ever started, for one reason; never for what is not on this machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.bundles import rendering
from dashboard.stack.bundles.reading import read_path

PLAIN = "resources: [a.yaml]\n"
PATCHED = PLAIN + "namePrefix: my-\n"


def test_a_kustomization_that_only_lists_starts_nothing(write: Any, config_map: Any, kubectl: Any) -> None:
    read_path(write("shop", {"kustomization.yaml": PLAIN, "a.yaml": config_map()}), run=kubectl)

    assert kubectl.asked == []


def test_one_that_does_more_is_rendered_and_keeps_its_words(write: Any, config_map: Any, kubectl: Any) -> None:
    folder = write("shop", {
        "kustomization.yaml": "# Shop: sells things.\nresources: [a.yaml]\nlabels: [{pairs: {a: b}}]\n",
        "a.yaml": config_map(comment="Why one."),
    })  # fmt: skip
    kubectl.answer = config_map("one") + "---\n" + config_map("two")

    bundle = read_path(folder, run=kubectl)

    (command,) = kubectl.asked
    assert command[1:] == ["kustomize", str(folder)]
    assert [each["metadata"]["name"] for each in bundle.objects] == ["one", "two"]
    assert (bundle.title, bundle.text) == ("Shop", "Sells things.")
    assert bundle.reasons == {"ConfigMap/shop/one": "Why one."}


@pytest.mark.parametrize(
    "reference",
    [
        "https://example.com/a.yaml", "http://example.com/a.yaml", "github.com/someone/something",
        "git@example.com:someone/something", "git::https://example.com/x", "ssh://example.com/x", "file:///etc/passwd",
        "example.com/x.git", "example.com/x?ref=main", "gh:someone/something",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "kustomization",
    [
        "resources: ['{}']", "bases: ['{}']", "components: ['{}']", "crds: ['{}']", "configurations: ['{}']",
        "patchesStrategicMerge: ['{}']", "patches: [{{path: '{}'}}]", "patches: [{{Path: '{}'}}]",
        "patchesJson6902: [{{path: '{}'}}]", "replacements: [{{path: '{}'}}]", "openapi: {{path: '{}'}}",
        "configMapGenerator: [{{name: a, files: ['k={}']}}]", "secretGenerator: [{{name: a, envs: ['{}']}}]",
    ],
)  # fmt: skip
def test_what_is_not_on_this_machine_is_refused_before_anything_runs(
    write: Any, kubectl: Any, kustomization: str, reference: str
) -> None:
    write("base", {"kustomization.yaml": kustomization.format(reference)})
    folder = write("shop", {"kustomization.yaml": "namePrefix: a-\nresources: [../base]"})

    with pytest.raises(Refused, match="is not on this machine; download it") as refused:
        read_path(folder, run=kubectl)

    assert "base/kustomization.yaml line 1" in refused.value.sentence
    assert kubectl.asked == []


@pytest.mark.parametrize("name", ["helmCharts", "generators", "transformers", "validators"])
def test_charts_and_plugins_are_refused_before_anything_runs(write: Any, kubectl: Any, name: str) -> None:
    with pytest.raises(Refused, match=f"`{name}` runs or fetches other programs' work; render it yourself"):
        read_path(write("shop", {"kustomization.yaml": f"{name}: []"}), run=kubectl)

    assert kubectl.asked == []


def test_faults_of_the_files_are_told_before_anything_runs(write: Any, kubectl: Any) -> None:
    with pytest.raises(Refused, match=r"shop/a\.yaml line 2, column 1"):
        read_path(write("shop", {"kustomization.yaml": PATCHED, "a.yaml": "kind: [\n"}), run=kubectl)

    assert kubectl.asked == []


def test_what_kubectl_says_is_passed_on(write: Any, config_map: Any, kubectl: Any) -> None:
    kubectl.says = "error: no matches for Id\n"

    with pytest.raises(Refused, match=r"^shop: kubectl kustomize says: error: no matches for Id\.$"):
        read_path(write("shop", {"kustomization.yaml": PATCHED, "a.yaml": config_map()}), run=kubectl)


@pytest.mark.parametrize(
    ("fails", "told"),
    [
        (subprocess.TimeoutExpired("kubectl", 30), "kubectl kustomize took longer than 30 s"),
        (PermissionError(13, "Permission denied"), "kubectl cannot be run: Permission denied"),
    ],
)
def test_a_kubectl_that_does_not_answer_is_told(
    write: Any, config_map: Any, kubectl: Any, fails: Exception, told: str
) -> None:
    kubectl.fails = fails

    with pytest.raises(Refused, match=told):
        read_path(write("shop", {"kustomization.yaml": PATCHED, "a.yaml": config_map()}), run=kubectl)


def test_without_kubectl_a_sentence_says_what_to_install(
    write: Any, config_map: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    with pytest.raises(Refused, match="uses more than `resources`, for which kubectl is needed and not found; install"):
        read_path(write("shop", {"kustomization.yaml": PATCHED, "a.yaml": config_map()}))


def test_an_object_that_kustomize_would_move_unasked_is_told(write: Any, config_map: Any, kubectl: Any) -> None:
    """In a base it is what overlays are for; in a file beside the kustomization it is a mistake."""
    folder = write("shop", {"kustomization.yaml": PLAIN + "namespace: market\n", "a.yaml": config_map("one", "shop")})

    with pytest.raises(
        Refused, match=r"a\.yaml line 3, column 23: ConfigMap one says namespace shop, but its kust.*market"
    ):
        read_path(folder, run=kubectl)


class TestWithKubectl:
    """The real one, as far as it is here."""

    @pytest.fixture(autouse=True)
    def _kubectl(self) -> None:
        try:
            rendering.find_kubectl("it")
        except Refused:
            pytest.skip("no kubectl on this machine")

    def test_an_overlay_becomes_what_kubectl_makes_of_it(self, write: Any, config_map: Any) -> None:
        write("base", {"kustomization.yaml": PLAIN, "a.yaml": config_map("one", None, "Why one.")})
        folder = write("shop", {
            "kustomization.yaml": "resources: [../base]\nnamespace: market\npatches: [{path: p.yaml}]\n",
            "p.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: '1'}\n",
        })  # fmt: skip

        bundle = read_path(folder)

        (found,) = bundle.objects
        assert found["metadata"] == {"name": "one", "namespace": "market"}
        assert found["data"] == {"a": "1"}
        assert bundle.reasons == {"ConfigMap/market/one": "Why one."}

    def test_its_refusal_is_told(self, write: Any, config_map: Any) -> None:
        patch = "patches:\n- target: {kind: ConfigMap}\n  patch: |\n    - {op: remove, path: /data}\n"
        folder = write("shop", {"kustomization.yaml": PLAIN + patch, "a.yaml": config_map()})

        with pytest.raises(Refused, match=r"shop: kubectl kustomize says: .*in remove for path.*\.$"):
            read_path(folder)

    def test_it_runs_without_the_environment(self) -> None:
        done = rendering.run_alone([sys.executable, "-c", "import os; print(sorted(os.environ))"])

        assert "PATH" in done.stdout
        assert "KUBECONFIG" not in done.stdout
        assert "USER" not in done.stdout
