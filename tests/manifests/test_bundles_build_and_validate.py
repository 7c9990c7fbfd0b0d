import kubernetes_validate
import yaml

from dashboard.stack.bundles.reading import read

NAMESPACES = {
    "flask": {"flask"},
    "mongodb": {"mongodb"},
    "metrics-server": {"kube-system"},
    "load": {"load"},
    "dashboard": {"surgeboard", "surgeboard-records", "mongodb", "flask", "load", "kube-system", "default"},
}


def test_kubectl_builds_it(bundle, built):
    assert built(bundle)


def test_every_object_is_valid_to_the_letter(bundle, built):
    for each in built(bundle):
        kubernetes_validate.validate(each, "1.36", strict=True)


def test_no_file_is_forgotten_by_the_kustomization(bundle, manifests):
    for kustomization in (manifests / bundle).rglob("kustomization.yaml"):
        folder = kustomization.parent
        resources = yaml.safe_load(kustomization.read_text())["resources"]
        named = {name for name in resources if not (folder / name).is_dir()}
        present = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml", "generated-secrets.yaml"}
        assert named == present


def test_every_object_is_named_once_and_lives_where_its_bundle_says(bundle, built):
    names = [(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]) for each in built(bundle)]
    assert len(names) == len(set(names))
    assert {namespace for _, namespace, _ in names} <= {None, *NAMESPACES[bundle]}


def test_selectors_find_the_pods_they_mean(bundle, built):
    objects = built(bundle)
    labels = [each["spec"]["template"]["metadata"]["labels"] for each in objects if "template" in each.get("spec", {})]
    for each in objects:
        selector = each.get("spec", {}).get("selector", {})
        wanted = selector.get("matchLabels", selector)
        if labels and each["kind"] in {"Service", "Deployment", "StatefulSet", "PodDisruptionBudget"}:
            # (A bundle that starts no pods of its own has nothing to find yet.)
            assert any(wanted.items() <= found.items() for found in labels), each["metadata"]["name"]


def test_what_the_pods_refer_to_is_in_the_bundle_or_generated(own_bundle, built, pod_specs, manifests):
    have = {(each["kind"], each["metadata"]["name"]) for each in built(own_bundle)}
    generated = manifests / own_bundle / "generated-secrets.yaml"
    if generated.exists():
        have |= {("Secret", each["name"]) for each in yaml.safe_load(generated.read_text())["secrets"] or ()}
    for name, spec in pod_specs(own_bundle):
        if name.startswith(("Job/swarm-", "Job/blast-")):
            continue  # its Secret is made with it
        for container in [*spec.get("initContainers", ()), *spec["containers"]]:
            for source in container.get("envFrom", ()):
                assert ("ConfigMap", source["configMapRef"]["name"]) in have, name
            for variable in container.get("env", ()):
                reference = variable.get("valueFrom", {}).get("secretKeyRef")
                assert reference is None or ("Secret", reference["name"]) in have, name
        for volume in spec.get("volumes", ()):
            assert "secret" not in volume or ("Secret", volume["secret"]["secretName"]) in have, name


def test_the_dashboard_reads_the_very_objects_that_kubectl_builds(bundle, built, manifests):
    def by_name(objects):
        return {(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]): each for each in objects}

    assert by_name(read(manifests / bundle).objects) == by_name(built(bundle))


def test_a_deploy_brings_metrics_server_back_from_zero(built):
    (server,) = [each for each in built("metrics-server") if each["kind"] == "Deployment"]
    assert server["spec"]["replicas"] == 1, "what a manifest does not say, a deploy leaves as it finds it"
