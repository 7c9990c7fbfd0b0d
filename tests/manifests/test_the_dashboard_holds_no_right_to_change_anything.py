"""The bundle `dashboard` beyond the baseline of every pod: its token, its accounts, its way in, and its overlays."""

import re
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from dashboard.access.rights import Rights
from dashboard.settings import Settings

READING = {"get", "list", "watch"}
QUESTIONS = {("authentication.k8s.io", "tokenreviews"), ("authorization.k8s.io", "subjectaccessreviews")}
OVERLAYS = ["node-port", "ingress", "oidc-proxy"]
NEVER = {"escalate", "bind", "impersonate", "deletecollection", "*"}
UNTOUCHED = {"namespaces", "nodes", "roles", "rolebindings", "clusterroles", "clusterrolebindings", "persistentvolumes",
             "serviceaccounts/token", "pods/exec", "pods/attach", "pods/portforward", "apiservices",
             "mutatingwebhookconfigurations", "validatingwebhookconfigurations"}  # fmt: skip


@pytest.fixture(scope="module")
def dashboard(built):
    return built("dashboard")


@pytest.fixture(scope="module", params=OVERLAYS)
def overlay(request, manifests):
    """The objects of one overlay, as kubectl builds them."""
    kubectl = Path(sys.executable).with_name("kubectl")
    folder = manifests / "dashboard" / "overlays" / request.param
    done = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return request.param, list(yaml.safe_load_all(done.stdout))


def _only(objects, kind, name="surgeboard"):
    (found,) = [each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def _spec(objects):
    return _only(objects, "Deployment")["spec"]["template"]["spec"]


def _environment(objects):
    return {each["name"]: each["value"] for each in _spec(objects)["containers"][0]["env"]}


def _rules(objects, account):
    """(binding's namespace or None, rule) of all that an account is given."""
    for binding in objects:
        if binding["kind"] in ("RoleBinding", "ClusterRoleBinding") and account in [
            each["name"] for each in binding["subjects"] if each["kind"] == "ServiceAccount"
        ]:
            where = binding["metadata"].get("namespace")
            role = next(
                each
                for each in objects
                if each["kind"] == binding["roleRef"]["kind"]
                and each["metadata"]["name"] == binding["roleRef"]["name"]
                and each["metadata"].get("namespace") == where
            )
            yield from ((where, rule) for rule in role["rules"])


def _resources(rule):
    return {(group, resource) for group in rule["apiGroups"] for resource in rule["resources"]}


def test_the_dashboard_s_own_account_only_reads_and_asks(dashboard):
    for _, rule in _rules(dashboard, "surgeboard"):
        assert set(rule["verbs"]) <= READING or (rule["verbs"] == ["create"] and _resources(rule) <= QUESTIONS), rule


def test_the_dashboard_reads_no_secrets_but_tokens_of_swarms_and_no_logs_of_the_stack(dashboard):
    for where, rule in _rules(dashboard, "surgeboard"):
        resources = {resource for _, resource in _resources(rule)}
        if "secrets" in resources:
            assert (where, rule["verbs"]) == ("load", ["get"])
        if "pods/log" in resources:
            assert where == "kube-system"
        if "configmaps" in resources and where != "surgeboard-records":
            assert rule["resourceNames"]


@pytest.mark.parametrize("account", ["surgeboard", "surgeboard-viewer", "surgeboard-operator"])
def test_nobody_is_given_everything_or_what_leads_to_it(dashboard, account):
    rules = list(_rules(dashboard, account))
    assert rules
    for _, rule in rules:
        assert not NEVER & {*rule["verbs"], *rule["apiGroups"], *rule["resources"]}, rule
        if not set(rule["verbs"]) <= READING:
            assert not UNTOUCHED & {resource for _, resource in _resources(rule)}, rule


def test_a_viewer_only_reads(dashboard):
    for where, rule in _rules(dashboard, "surgeboard-viewer"):
        assert set(rule["verbs"]) <= READING, rule
        assert "secrets" not in rule["resources"], where


def test_an_operator_changes_nothing_of_the_whole_cluster_and_starts_no_pod_beside_the_dashboard(dashboard):
    for where, rule in _rules(dashboard, "surgeboard-operator"):
        if where in (None, "default", "kube-system"):
            assert set(rule["verbs"]) <= READING, rule
        if where == "surgeboard-records":
            assert {resource for _, resource in _resources(rule)} <= {"configmaps", "leases", "namespaces"}


@pytest.mark.parametrize("account", ["surgeboard", "surgeboard-viewer", "surgeboard-operator"])
def test_nobody_reaches_what_the_dashboard_s_own_pod_trusts(dashboard, account):
    """Its certificate of the API server is a ConfigMap beside it."""
    assert "surgeboard" not in {where for where, _ in _rules(dashboard, account)}
    records = _environment(dashboard)["SURGEBOARD_RECORDS_NAMESPACE"]
    assert records == Settings().records_namespace == "surgeboard-records"
    assert records not in {
        each["metadata"]["namespace"]
        for each in dashboard
        if each["metadata"].get("namespace") and each["kind"] not in ("Role", "RoleBinding")
    }, "what is written there is nobody's setting"


def test_both_roles_open_the_door(dashboard):
    """Whoever signs in must be allowed to list pods in every namespace that is shown, the operator by both roles."""
    shown = tuple(_environment(dashboard)["SURGEBOARD_NAMESPACES"].split(","))
    for account in ("surgeboard-viewer", "surgeboard-operator"):
        given = {
            where
            for where, rule in _rules(dashboard, account)
            if "pods" in rule["resources"] and "list" in rule["verbs"] and "resourceNames" not in rule
        }
        assert [rule for rule in Rights("flask", shown).view() if not {None, rule.namespace} & given] == []


def test_no_comment_promises_a_right_that_its_role_lacks(dashboard, manifests):
    """Whoever reads the log of one that fails needs pods/log, and only there is it told."""
    for file in ("roles-of-viewers", "roles-of-the-dashboard"):
        for document in (manifests / f"dashboard/base/{file}.yaml").read_text().split("---\n"):
            if yaml.safe_load(document)["kind"] == "Role":
                told = " ".join(line.removeprefix("# ") for line in document.splitlines() if line.startswith("#"))
                assert bool(re.search(r"\blogs? of|of its log", told)) == ("pods/log" in document), told


def test_nobody_s_token_is_mounted_by_itself_and_the_dashboard_s_lasts_an_hour(dashboard):
    accounts = {each["metadata"]["name"]: each for each in dashboard if each["kind"] == "ServiceAccount"}
    assert set(accounts) == {"surgeboard", "surgeboard-viewer", "surgeboard-operator"}
    assert all(each["automountServiceAccountToken"] is False for each in accounts.values())
    spec = _spec(dashboard)
    (volume,) = [each for each in spec["volumes"] if "projected" in each]
    sources = {kind: source for each in volume["projected"]["sources"] for kind, source in each.items()}
    assert sources["serviceAccountToken"] == {"path": "token", "expirationSeconds": 3600}
    (mount,) = [each for each in spec["containers"][0]["volumeMounts"] if each["name"] == volume["name"]]
    assert (mount["mountPath"], mount["readOnly"]) == ("/var/run/secrets/kubernetes.io/serviceaccount", True)
    assert sources["configMap"]["items"] == [{"key": "ca.crt", "path": "ca.crt"}]
    assert sources["downwardAPI"]["items"][0]["path"] == "namespace"


def test_one_pod_writes_the_volume(dashboard):
    spec = _only(dashboard, "Deployment")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    claim = _only(dashboard, "PersistentVolumeClaim")["spec"]
    assert claim["accessModes"] == ["ReadWriteOnce"]
    data = _environment(dashboard)["SURGEBOARD_DATA_DIR"]
    (mount,) = [each for each in _spec(dashboard)["containers"][0]["volumeMounts"] if each["name"] == "data"]
    assert data.startswith(f"{mount['mountPath']}/")


def test_the_pod_is_bounded_on_disk_too_and_stops_in_its_own_time(dashboard):
    spec = _spec(dashboard)
    (container,) = spec["containers"]
    for bound in ("requests", "limits"):
        assert container["resources"][bound]["ephemeral-storage"]
    assert spec["securityContext"]["runAsUser"] == spec["securityContext"]["fsGroup"] == 10001
    assert spec["terminationGracePeriodSeconds"] >= 30
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz", "a restart mends no API server"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["httpHeaders"] == [{"name": "Host", "value": "localhost:8080"}]


def test_people_sign_in_and_the_way_in_is_not_open(dashboard):
    told = _environment(dashboard)
    assert told["SURGEBOARD_AUTH"] == "token"
    assert told["SURGEBOARD_URLS"].split(",") == ["http://localhost:8080", "http://127.0.0.1:8080"]
    assert set(told["SURGEBOARD_NAMESPACES"].split(",")) == {"flask", "mongodb", "load", "kube-system"}
    service = _only(dashboard, "Service")["spec"]
    assert (service["type"], service["ports"][0]["port"]) == ("ClusterIP", 8080)
    (way_in,) = _only(dashboard, "NetworkPolicy", "surgeboard-in")["spec"]["ingress"]
    assert way_in["from"] == [{"podSelector": {"matchLabels": {"surgeboard.dev/role": "proxy"}}}]


def test_the_namespaces_are_those_of_the_bundles_they_belong_to(dashboard, built):
    for name in ("mongodb", "flask", "load"):
        assert _only(dashboard, "Namespace", name) == _only(built(name), "Namespace", name)


def test_the_numbers_told_are_those_of_the_manifests(dashboard, manifests):
    assert "one pod" in (manifests / "dashboard/base/quota.yaml").read_text()
    hard = _only(dashboard, "ResourceQuota")["spec"]["hard"]
    assert hard["pods"] == "2"
    assert (
        hard["requests.storage"]
        == _only(dashboard, "PersistentVolumeClaim")["spec"]["resources"]["requests"]["storage"]
    )


def test_an_overlay_is_valid_to_the_letter_and_changes_no_right_of_the_accounts(overlay, dashboard):
    _, objects = overlay
    for each in objects:
        kubernetes_validate.validate(each, "1.36", strict=True)
    for account in ("surgeboard", "surgeboard-viewer", "surgeboard-operator"):
        assert list(_rules(objects, account)) == list(_rules(dashboard, account))


def test_an_overlay_s_containers_are_hardened_like_the_others(overlay):
    _, objects = overlay
    spec = _spec(objects)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in spec["containers"]:
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"].keys() == {"requests", "limits"}
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
        assert container["image"].rpartition(":")[2] not in ("", "latest")


def test_an_overlay_names_the_addresses_by_which_it_is_reached(overlay):
    name, objects = overlay
    told = _environment(objects)
    if name == "node-port":
        port = _only(objects, "Service")["spec"]["ports"][0]["nodePort"]
        assert f"http://localhost:{port}" in told["SURGEBOARD_URLS"].split(",")
        assert _only(objects, "ResourceQuota")["spec"]["hard"]["services.nodeports"] == "1"
        return
    ingress = _only(objects, "Ingress")["spec"]
    (rule,), (tls,) = ingress["rules"], ingress["tls"]
    assert told["SURGEBOARD_URLS"] == f"https://{rule['host']}"
    assert tls["hosts"] == [rule["host"]]
    (way_in,) = _only(objects, "NetworkPolicy", "surgeboard-in")["spec"]["ingress"]
    assert all("namespaceSelector" in each for each in way_in["from"])


def test_a_proxy_is_trusted_by_an_address_that_no_other_pod_has(overlay):
    name, objects = overlay
    told = _environment(objects)
    if name != "oidc-proxy":
        assert (told["SURGEBOARD_AUTH"], "SURGEBOARD_TRUSTED_PROXIES" in told) == ("token", False)
        return
    assert (told["SURGEBOARD_AUTH"], told["SURGEBOARD_TRUSTED_PROXIES"]) == ("proxy", "127.0.0.1/32")
    proxy = next(each for each in _spec(objects)["containers"] if each["name"] == "proxy")
    assert "--upstream=http://127.0.0.1:8080" in proxy["args"]
    assert "--pass-authorization-header=true" in proxy["args"]
    assert _only(objects, "Service")["spec"]["ports"][0]["targetPort"] == "proxy"
    groups = {
        (each["roleRef"]["name"], subject["name"])
        for each in objects
        if each["kind"] in ("RoleBinding", "ClusterRoleBinding")
        for subject in each["subjects"]
        if subject["kind"] == "Group"
    }
    assert groups == {
        ("surgeboard-viewer", "surgeboard-viewers"), ("surgeboard-viewer", "surgeboard-operators"),
        ("surgeboard-operator", "surgeboard-operators"),
    }  # fmt: skip


def test_the_program_accepts_the_environment_it_is_given(dashboard, overlay):
    for objects in (dashboard, overlay[1]):
        settings = Settings.from_environment(_environment(objects))
        assert settings.host == "0.0.0.0"
        assert settings.viewers_per_address == settings.viewers_max
        assert settings.auth in ("token", "proxy")
