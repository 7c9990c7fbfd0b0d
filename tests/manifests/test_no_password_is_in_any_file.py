import re

import pytest
import yaml

_SECRET = re.compile(r"(?i)(password|passwd|token|keyfile|secret)")


def _files(manifests):
    return sorted(path for path in manifests.rglob("*.yaml"))


def test_no_secret_is_a_manifest(bundle, built):
    assert not [each["metadata"]["name"] for each in built(bundle) if each["kind"] == "Secret"]


def test_no_variable_that_sounds_secret_has_a_value_in_a_file(bundle, pod_specs):
    for name, spec in pod_specs(bundle):
        for container in [*spec.get("initContainers", ()), *spec["containers"]]:
            for variable in container.get("env", ()):
                if _SECRET.search(variable["name"]):
                    assert "value" not in variable, f"{name} {variable['name']}"


def test_no_config_map_holds_what_sounds_secret(bundle, built):
    for each in built(bundle):
        if each["kind"] == "ConfigMap":
            assert not [key for key in each.get("data", {}) if _SECRET.search(key)]


def test_no_file_holds_what_looks_like_a_key(manifests):
    long_word = re.compile(r"[A-Za-z0-9+/_-]{32,}")
    for path in _files(manifests):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for word in long_word.findall(line.split("#")[0]):
                assert not (re.search(r"\d", word) and re.search(r"[A-Z]", word)), f"{path}:{number}"


@pytest.mark.parametrize("own", ["flask", "mongodb"])
def test_what_is_generated_is_said_with_its_length_or_its_source(own, manifests):
    generated = yaml.safe_load((manifests / own / "generated-secrets.yaml").read_text())["secrets"]
    for secret in generated:
        assert secret["name"]
        assert secret["namespace"]
        for length in secret.get("generate", {}).values():
            assert length >= 32
        for source in secret.get("copy", {}).values():
            assert source.keys() == {"namespace", "name", "key"}


def test_a_copied_key_is_generated_by_the_bundle_it_comes_from(manifests):
    def read(bundle):
        return yaml.safe_load((manifests / bundle / "generated-secrets.yaml").read_text())["secrets"]

    source = read("flask")[0]["copy"]["password"]
    made = {(each["namespace"], each["name"], key) for each in read("mongodb") for key in each["generate"]}
    assert (source["namespace"], source["name"], source["key"]) in made
