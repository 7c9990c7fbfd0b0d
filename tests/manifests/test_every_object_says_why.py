"""The comments of the manifests are what the page tells; so none may be missing, and their numbers must be true."""

import pytest

from dashboard.stack.bundles.bundle import ref_of
from dashboard.stack.bundles.reading import read


@pytest.fixture(scope="session")
def read_bundle(manifests):
    return lambda name: read(manifests / name)


def _only(bundle, kind):
    (found,) = [each for each in bundle.objects if each["kind"] == kind]
    return found, bundle.reasons[ref_of(found).id]


def test_every_object_and_every_generated_secret_has_a_reason_in_whole_sentences(bundle, read_bundle):
    told = read_bundle(bundle)
    wanted = {ref_of(each).id for each in told.objects} | {each.ref.id for each in told.secrets}
    assert set(told.reasons) == wanted
    for reason in told.reasons.values():
        assert 40 <= len(reason) <= 500, reason
        assert reason.endswith("."), reason
        assert "`" not in reason, reason


def test_every_bundle_has_a_title_and_one_sentence(bundle, read_bundle):
    told = read_bundle(bundle)
    assert told.title
    assert told.text.endswith(".")
    assert "kubectl" not in told.text


def test_the_same_reason_is_never_given_to_two_objects_of_one_kind_and_bundle(bundle, read_bundle):
    told = read_bundle(bundle)
    given = [(id_.partition("/")[0], reason) for id_, reason in told.reasons.items()]
    assert len(given) == len(set(given))


def test_the_numbers_told_of_the_guestbook_are_those_of_its_manifests(read_bundle):
    flask = read_bundle("flask")
    scaler, why_scaler = _only(flask, "HorizontalPodAutoscaler")
    deployment, why_deployment = _only(flask, "Deployment")
    service, why_service = _only(flask, "Service")
    low, high = scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]
    target = scaler["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"]

    assert f"{low} to {high} pods" in flask.text
    assert f"{target} %" in flask.text
    assert f"between {low} and {high}" in why_scaler
    assert target == 50, "the reason says half"
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["requests"]["cpu"] in why_deployment
    assert "replicas" not in deployment["spec"]
    assert str(service["spec"]["ports"][0]["nodePort"]) in why_service


def test_the_numbers_told_of_the_database_are_those_of_its_manifests(read_bundle):
    mongodb = read_bundle("mongodb")
    members, _ = _only(mongodb, "StatefulSet")
    quota, why_quota = _only(mongodb, "ResourceQuota")
    service, why_service = _only(mongodb, "Service")

    assert members["spec"]["replicas"] == 3
    assert int(quota["spec"]["hard"]["pods"]) == 4
    assert "three members" in why_quota
    assert "room for one more pod" in why_quota
    assert service["spec"]["clusterIP"] == "None"
    assert why_service.startswith("Headless")
