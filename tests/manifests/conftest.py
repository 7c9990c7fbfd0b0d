"""The bundles as files and as kubectl builds them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

MANIFESTS = Path(__file__).parents[2] / "manifests"
BUNDLES = sorted(path.parent.name for path in MANIFESTS.glob("*/kustomization.yaml"))
HARDENED = [bundle for bundle in BUNDLES if bundle != "metrics-server"]


def pytest_generate_tests(metafunc):
    """`bundle` runs over every bundle, `own_bundle` over those that are not another project's."""
    if "bundle" in metafunc.fixturenames:
        metafunc.parametrize("bundle", BUNDLES, scope="session")
    if "own_bundle" in metafunc.fixturenames:
        metafunc.parametrize("own_bundle", HARDENED, scope="session")


def _built(bundle):
    kubectl = shutil.which("kubectl", path=f"{sys.prefix}/bin") or shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl on this machine")
    done = subprocess.run([kubectl, "kustomize", str(MANIFESTS / bundle)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture(scope="session")
def built():
    """Objects of a bundle as `kubectl apply -k` sends them; each bundle is built once."""
    known = {}

    def build(bundle):
        if bundle not in known:
            known[bundle] = _built(bundle)
        return known[bundle]

    return build


@pytest.fixture(scope="session")
def manifests():
    return MANIFESTS


@pytest.fixture(scope="session")
def pod_specs(built):
    """(name, pod spec) of every workload of a bundle, also of the templates beside it which are applied later."""

    def find(bundle):
        objects = [*built(bundle)]
        for path in sorted(
            [*(MANIFESTS / bundle / "swarm").glob("*.yaml"), *(MANIFESTS / bundle / "blast").glob("*.yaml")]
        ):
            objects += [each for each in yaml.safe_load_all(path.read_text()) if each]
        return [
            (f"{each['kind']}/{each['metadata']['name']}", each["spec"]["template"]["spec"])
            for each in objects
            if "template" in (each.get("spec") or {})
        ]

    return find
