"""What one manifest says and another, or the program, relies on."""

import pytest

from sampleapp.agent import settings as agent_settings
from sampleapp.settings import from_environment


def _find(objects, kind, name):
    return next(each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name))


@pytest.fixture
def flask(built):
    return built("flask")


@pytest.fixture
def mongodb(built):
    return built("mongodb")


def _environment(objects, kind, name, container):
    """The container's environment, as the kubelet would make it."""
    spec = _find(objects, kind, name)["spec"]["template"]["spec"]
    found = next(each for each in spec["containers"] if each["name"] == container)
    environment = {}
    for source in found.get("envFrom", ()):
        environment |= _find(objects, "ConfigMap", source["configMapRef"]["name"])["data"]
    for variable in found.get("env", ()):
        by_source = "mongo-0" if "fieldRef" in variable.get("valueFrom", {}) else "from-a-secret"
        environment[variable["name"]] = variable.get("value", by_source)
    return environment


def test_the_programs_accept_the_environment_they_are_given(flask, mongodb):
    app = from_environment(_environment(flask, "Deployment", "guestbook", "app"))
    agent = agent_settings.from_environment(_environment(mongodb, "StatefulSet", "mongo", "agent"))
    assert app.hosts == agent.hosts
    assert (app.database, app.username, app.replica_set) == (agent.database, agent.username, agent.replica_set)
    assert app.bind == "0.0.0.0:8080"
    assert agent.bind == "0.0.0.0:8081"


def test_every_member_has_its_own_dns_name(mongodb):
    members = _find(mongodb, "StatefulSet", "mongo")["spec"]
    service = _find(mongodb, "Service", members["serviceName"])["spec"]
    assert service["clusterIP"] == "None"
    assert service["publishNotReadyAddresses"] is True
    hosts = _find(mongodb, "ConfigMap", "mongo")["data"]["MONGODB_HOSTS"].split(",")
    assert hosts == [f"mongo-{number}.mongo.mongodb.svc.cluster.local:27017" for number in range(members["replicas"])]


def test_mongod_and_its_agent_meet_at_the_socket(mongodb):
    spec = _find(mongodb, "StatefulSet", "mongo")["spec"]["template"]["spec"]
    mongod = spec["containers"][0]
    folder = mongod["args"][mongod["args"].index("--unixSocketPrefix") + 1]
    assert _environment(mongodb, "StatefulSet", "mongo", "agent")["MONGODB_SOCKET"] == f"{folder}/mongodb-27017.sock"
    for container in spec["containers"]:
        assert {"name": "socket", "mountPath": folder} in container["volumeMounts"]
    assert mongod["args"][mongod["args"].index("--replSet") + 1] == "rs0"


def test_the_key_goes_from_the_secret_to_mongod_by_the_copier(mongodb):
    spec = _find(mongodb, "StatefulSet", "mongo")["spec"]["template"]["spec"]
    copier, mongod = spec["initContainers"][0], spec["containers"][0]
    assert copier["command"][:3] == ["python", "-m", "sampleapp.keyfile"]
    target = copier["command"][4]
    assert mongod["args"][mongod["args"].index("--keyFile") + 1] == target
    volume = next(each for each in spec["volumes"] if each["name"] == "key")
    assert volume["emptyDir"]["medium"] == "Memory"


def test_ordered_start_cannot_lock_itself(mongodb):
    """Each pod waits for the one before to be ready, so readiness must not ask for the whole set."""
    members = _find(mongodb, "StatefulSet", "mongo")["spec"]
    assert members["podManagementPolicy"] == "OrderedReady"
    mongod = members["template"]["spec"]["containers"][0]
    assert mongod["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": 8081}


def test_the_autoscaler_is_what_was_agreed_and_owns_the_replicas(flask):
    scaler = _find(flask, "HorizontalPodAutoscaler", "guestbook")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (1, 8)
    assert scaler["metrics"][0]["resource"]["target"]["averageUtilization"] == 50
    assert scaler["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 60
    deployment = _find(flask, "Deployment", scaler["scaleTargetRef"]["name"])["spec"]
    assert "replicas" not in deployment
    assert deployment["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] == "100m"


def test_the_service_opens_the_agreed_port(flask):
    service = _find(flask, "Service", "guestbook")["spec"]
    assert service["type"] == "NodePort"
    assert service["ports"] == [{"name": "http", "port": 8080, "targetPort": "http", "nodePort": 30080}]


def test_a_stopping_pod_is_given_the_time_it_takes(flask):
    spec = _find(flask, "Deployment", "guestbook")["spec"]["template"]["spec"]
    settings = from_environment(_environment(flask, "Deployment", "guestbook", "app"))
    assert spec["terminationGracePeriodSeconds"] > settings.drain_seconds + 10


def test_the_policies_let_the_guestbook_reach_the_database(flask, mongodb):
    out = _find(flask, "NetworkPolicy", "guestbook")["spec"]["egress"][0]
    into = _find(mongodb, "NetworkPolicy", "mongo")["spec"]["ingress"][0]["from"][1]
    app = _find(flask, "Deployment", "guestbook")["spec"]["template"]["metadata"]["labels"]
    database = _find(mongodb, "StatefulSet", "mongo")["spec"]["template"]["metadata"]["labels"]
    assert out["to"][0]["podSelector"]["matchLabels"].items() <= database.items()
    assert into["podSelector"]["matchLabels"].items() <= app.items()
    assert into["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "flask"}
    assert out["ports"] == [{"protocol": "TCP", "port": 27017}]
