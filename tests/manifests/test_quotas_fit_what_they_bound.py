from decimal import Decimal

import pytest

_UNITS = {"": Decimal(1), "m": Decimal("0.001"), "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30)}


def _amount(text):
    number = str(text).rstrip("mKGi M")
    return Decimal(number) * _UNITS[str(text)[len(number) :]]


def _only(objects, kind):
    found = [each for each in objects if each["kind"] == kind]
    assert len(found) == 1, kind
    return found[0]


def _needed(spec, bound, resource):
    """What a pod counts for: its containers together, or its largest init container."""

    def amount(container):
        return _amount(container["resources"][bound][resource])

    return max(sum(map(amount, spec["containers"])), *map(amount, spec.get("initContainers", ())), Decimal(0))


@pytest.fixture
def flask(built):
    return built("flask")


@pytest.fixture
def mongodb(built):
    return built("mongodb")


@pytest.mark.parametrize("bound", ["requests", "limits"])
@pytest.mark.parametrize("resource", ["cpu", "memory"])
def test_eight_replicas_and_a_surge_fit(flask, bound, resource):
    hard = _only(flask, "ResourceQuota")["spec"]["hard"]
    deployment = _only(flask, "Deployment")["spec"]
    surge = -(-8 * int(deployment["strategy"]["rollingUpdate"]["maxSurge"].rstrip("%")) // 100)
    pods = _only(flask, "HorizontalPodAutoscaler")["spec"]["maxReplicas"] + surge
    assert pods <= int(hard["pods"])
    assert _needed(deployment["template"]["spec"], bound, resource) * pods <= _amount(hard[f"{bound}.{resource}"])


@pytest.mark.parametrize("bound", ["requests", "limits"])
@pytest.mark.parametrize("resource", ["cpu", "memory"])
def test_three_members_fit(mongodb, bound, resource):
    hard = _only(mongodb, "ResourceQuota")["spec"]["hard"]
    members = _only(mongodb, "StatefulSet")["spec"]
    spec = members["template"]["spec"]
    assert _needed(spec, bound, resource) * members["replicas"] <= _amount(hard[f"{bound}.{resource}"])
    claim = members["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"]
    assert _amount(claim) * members["replicas"] <= _amount(hard["requests.storage"])


@pytest.mark.parametrize("bound", ["requests", "limits"])
@pytest.mark.parametrize("resource", ["cpu", "memory"])
def test_a_master_and_fifty_workers_fit(built, pod_specs, bound, resource):
    hard = _only(built("load"), "ResourceQuota")["spec"]["hard"]
    specs = dict(pod_specs("load"))
    counts = {"Job/swarm-example-master": 1, "Job/swarm-example-worker": 50}
    assert sum(counts.values()) + 4 <= int(hard["pods"])
    needed = sum(_needed(specs[name], bound, resource) * count for name, count in counts.items())
    assert needed <= _amount(hard[f"{bound}.{resource}"])


def test_a_laptop_holds_a_few_workers(pod_specs):
    assert _needed(dict(pod_specs("load"))["Job/swarm-example-worker"], "requests", "cpu") <= Decimal("0.05")


@pytest.mark.parametrize("own", ["flask", "mongodb", "dashboard"])
def test_no_container_asks_for_more_than_the_limit_range_allows(own, built, pod_specs):
    bounds = _only(built(own), "LimitRange")["spec"]["limits"][0]["max"]
    for name, spec in pod_specs(own):
        for container in [*spec.get("initContainers", ()), *spec["containers"]]:
            for resource, most in bounds.items():
                assert _amount(container["resources"]["limits"][resource]) <= _amount(most), name


def test_requests_do_not_pass_limits(bundle, pod_specs):
    for name, spec in pod_specs(bundle):
        for container in [*spec.get("initContainers", ()), *spec["containers"]]:
            resources = container.get("resources", {"requests": {}, "limits": {}})
            for resource, asked in resources["requests"].items():
                assert _amount(asked) <= _amount(resources["limits"][resource]), name
