"""The baseline of every pod. The namespaces enforce Pod Security `restricted`; most of these lines go beyond it."""

import pytest


def _containers(pod_specs, bundle):
    for name, spec in pod_specs(bundle):
        for container in [*spec.get("initContainers", ()), *spec["containers"]]:
            yield f"{bundle}/{name}/{container['name']}", spec, container


def test_namespaces_enforce_restricted_pods(own_bundle, built):
    namespaces = [each for each in built(own_bundle) if each["kind"] == "Namespace"]
    assert len(namespaces) == (5 if own_bundle == "dashboard" else 1)
    for each in namespaces:
        labels = each["metadata"]["labels"]
        for mode in ("enforce", "audit", "warn"):
            assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
            assert labels[f"pod-security.kubernetes.io/{mode}-version"].startswith("v1.")


def test_pods_run_as_nobody_in_particular(bundle, pod_specs):
    for where, spec, container in _containers(pod_specs, bundle):
        security = spec["securityContext"] | container["securityContext"]
        assert security["runAsNonRoot"] is True, where
        assert security["runAsUser"] >= 1000, where
        assert security["runAsGroup"] >= 1000, where
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, where


def test_containers_can_gain_and_change_nothing(bundle, pod_specs):
    for where, _, container in _containers(pod_specs, bundle):
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False, where
        assert security["readOnlyRootFilesystem"] is True, where
        assert security["capabilities"] == {"drop": ["ALL"]}, where
        assert "privileged" not in security, where


def test_pods_share_nothing_of_their_node(bundle, pod_specs):
    for name, spec in pod_specs(bundle):
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), name
        assert not [volume for volume in spec.get("volumes", ()) if "hostPath" in volume], name


def test_pods_carry_no_token_and_no_list_of_services(own_bundle, pod_specs, built):
    for name, spec in pod_specs(own_bundle):
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["enableServiceLinks"] is False, name
    for each in built(own_bundle):
        if each["kind"] == "ServiceAccount":
            assert each["automountServiceAccountToken"] is False


def test_every_container_has_requests_and_limits(bundle, pod_specs):
    for where, _, container in _containers(pod_specs, bundle):
        if where == "load/Job/blast-example-subject/both":
            assert "resources" not in container  # that a LimitRange gives it some is what it is there to show
            continue
        for bound in ("requests", "limits"):
            assert {"cpu", "memory"} <= container["resources"][bound].keys(), where


def test_every_container_that_serves_is_probed(bundle, pod_specs):
    for name, spec in pod_specs(bundle):
        if name.startswith("Job/"):
            continue
        for container in spec["containers"]:
            if container.get("ports"):
                for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                    assert probe in container, f"{name}/{container['name']} {probe}"
                    assert container[probe].get("initialDelaySeconds", 0) <= 5


def test_images_have_a_registry_and_a_version(bundle, pod_specs):
    for where, _, container in _containers(pod_specs, bundle):
        repository, _, tag = container["image"].rpartition(":")
        assert "." in repository.split("/")[0], where
        assert tag
        assert tag != "latest", where


def test_scratch_space_is_bounded(bundle, pod_specs):
    for name, spec in pod_specs(bundle):
        for volume in spec.get("volumes", ()):
            if "emptyDir" in volume:
                assert (volume["emptyDir"] or {}).get("sizeLimit"), f"{name}/{volume['name']}"


def test_nothing_is_let_in_or_out_unless_named(own_bundle, built):
    policies = [each["spec"] for each in built(own_bundle) if each["kind"] == "NetworkPolicy"]
    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in policies
    for policy in policies:
        for rule in [*policy.get("ingress", ()), *policy.get("egress", ())]:
            assert rule.get("ports"), "a rule without ports opens all of them"


@pytest.mark.parametrize("own", ["flask", "mongodb", "dashboard"])
def test_workloads_survive_drains_and_spread(own, built, pod_specs):
    budgets = [each["spec"] for each in built(own) if each["kind"] == "PodDisruptionBudget"]
    assert [budget["maxUnavailable"] for budget in budgets] == [1]
    for name, spec in pod_specs(own):
        keys = [spread["topologyKey"] for spread in spec["topologySpreadConstraints"]]
        assert "kubernetes.io/hostname" in keys, name
