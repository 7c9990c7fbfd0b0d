"""What a real API server answered, as a verdict and a sentence that says what to do."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.planning.ownership import readable
from dashboard.stack.planning.refusals import refusal_of, scrubbed


@pytest.fixture
def error(recorded_answers) -> Any:
    """A recorded refusal as the client raises it."""

    def make(name: str) -> errors.ApiError:
        recorded = recorded_answers(name)
        said = recorded["response"]
        if isinstance(said, str):
            said = {"message": said}
        kinds = {403: errors.Forbidden, 409: errors.Conflict, 422: errors.Invalid, 500: errors.Unavailable}
        kind = kinds.get(recorded["status"], errors.ApiError)
        return kind(recorded["status"], said.get("reason", ""), said["message"], details=said.get("details"))

    return make


def test_a_conflict_with_its_time_from_the_live_object(error, recorded_answers, manifest):
    live = recorded_answers("object before the conflict")["response"]
    found = refusal_of(error("conflict"), manifest("v1", "ConfigMap", "ssa", "golden-objects"), live)
    (owner,) = found.owners
    assert found.verdict == "conflict"
    assert (owner.manager, owner.field, owner.since) == ("beta", "data.a", "2026-11-23T04:45:24Z")


def test_a_conflict_with_an_autoscaler_says_through_what(manifest):
    said = 'conflict with "kube-controller-manager" with subresource "scale" using apps/v1'
    causes = [{"reason": "FieldManagerConflict", "message": said, "field": ".spec.replicas"}]
    error = errors.Conflict(409, "Conflict", "Apply failed with 1 conflict", details={"causes": causes})
    found = refusal_of(error, manifest("apps/v1", "Deployment", "web", "shop"), None)
    assert found.sentence.startswith("Deployment shop/web: kube-controller-manager (through scale) owns spec.replicas.")
    assert found.sentence.endswith("Leave `replicas` out of the manifest: an autoscaler sets them.")


def test_the_time_in_a_conflict_is_taken_when_it_is_told(manifest):
    said = 'conflict with "kubectl-edit" using v1 at 2026-11-23T05:00:00Z'
    causes = [
        {"reason": "FieldManagerConflict", "message": said, "field": '.spec.ports[port=80,protocol="TCP"].nodePort'}
    ]
    error = errors.Conflict(409, "Conflict", "Apply failed", details={"causes": causes})
    (owner,) = refusal_of(error, manifest("v1", "Service", "web", "shop"), None).owners
    assert (owner.manager, owner.field, owner.since) == (
        "kubectl-edit", "spec.ports[80/TCP].nodePort", "2026-11-23T05:00:00Z",
    )  # fmt: skip


def test_a_stateful_set_says_how_to_make_it_anew_and_what_stays(error, manifest):
    found = refusal_of(error("stateful set changed"), manifest("apps/v1", "StatefulSet", "db", "golden-sts"), {})
    assert found.verdict == "invalid"
    assert found.sentence.startswith("StatefulSet golden-sts/db cannot be changed in this way while it exists: ")
    assert "kubectl delete statefulset db -n golden-sts --cascade=orphan" in found.sentence
    assert "the data in them stay" in found.sentence


@pytest.mark.parametrize(
    ("kind", "said", "cost"),
    [
        ("Service", 'spec.clusterIPs[0]: Invalid value: ["10.0.0.1"]: may not change once set', "with new addresses"),
        ("Job", "spec.template: Invalid value: {}: field is immutable", "the work runs again from the start"),
        ("Deployment", "spec.selector: Invalid value: {}: field is immutable", "all its pods go with it"),
        ("ConfigMap", "data: Forbidden: field is immutable when `immutable` is set", "restart the pods"),
        ("PersistentVolumeClaim", "spec: Forbidden: spec is immutable after creation except", "deletes the data"),
        ("ClusterRoleBinding", "roleRef: Invalid value: {}: cannot change roleRef", "without these rights"),
        ("Widget", "spec.size: Invalid value: 3: field is immutable", "deleted and made anew"),
    ],
)
def test_what_cannot_change_says_what_making_it_anew_costs(manifest, kind, said, cost):
    error = errors.Invalid(422, "Invalid", f'{kind} "x" is invalid: {said}')
    found = refusal_of(error, manifest("v1", kind, "x", "shop"), {})
    assert found.verdict == "invalid"
    assert cost in found.sentence


def test_an_unknown_field_is_the_objects_fault_though_the_server_says_500(error, manifest):
    found = refusal_of(error("unknown field"), manifest("v1", "ConfigMap", "ssa", "golden-objects"), None)
    assert found.verdict == "invalid"
    assert ".nope: field not declared in schema. Correct the manifest." in found.sentence


def test_a_right_that_is_missing(error, manifest):
    found = refusal_of(error("not allowed"), manifest("v1", "Pod", "p", "golden-auth"), None)
    assert found.sentence == (
        "Pod golden-auth/p: system:serviceaccount:golden-auth:viewer may not create pods in namespace golden-auth. "
        "Ask for a role that allows it, or sign in as someone who may."
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [("limit exceeded", "maximum memory usage per Container is 256Mi"), ("namespace ending", "is being deleted")],
)
def test_admission_refuses_for_reasons_of_its_own(error, manifest, name, words):
    found = refusal_of(error(name), manifest("v1", "Pod", "p", "golden-ns"), None)
    assert found.verdict == "forbidden"
    assert words in found.sentence
    assert "sign in as someone" not in found.sentence


def test_a_quota_says_what_to_do(manifest):
    said = 'pods "p" is forbidden: exceeded quota: shop, requested: pods=1, used: pods=4, limited: pods=4'
    found = refusal_of(errors.Forbidden(403, "Forbidden", said), manifest("v1", "Pod", "p", "shop"), None)
    assert found.sentence.endswith("Raise the ResourceQuota, or ask for less.")


def test_a_value_that_may_not_be(error, manifest):
    found = refusal_of(
        error("invalid autoscaler"), manifest("autoscaling/v2", "HorizontalPodAutoscaler", "bad", "g"), None
    )
    assert found.verdict == "invalid"
    assert "spec.maxReplicas: Required value" in found.sentence


@pytest.mark.parametrize("form", ["hunter22", base64.b64encode(b"hunter22").decode(), '"hunter22"'])
def test_a_secrets_value_is_never_echoed(manifest, form):
    encoded = base64.b64encode(b"hunter22").decode()
    for fields in ({"data": {"p": encoded}}, {"stringData": {"p": "hunter22"}}):
        secret = manifest("v1", "Secret", "s", "shop", **fields)
        error = errors.Invalid(422, "Invalid", f'Secret "s" is invalid: data[p]: Invalid value: {form}: too short')
        found = refusal_of(error, secret, None)
        assert "hunter22" not in found.sentence
        assert encoded not in found.sentence
        assert "too short" in found.sentence


def test_what_stands_in_other_kinds_is_told_as_it_is(manifest):
    assert scrubbed("Invalid value: 7", manifest("v1", "ConfigMap", "c", "n", data={"a": "7"})) == "Invalid value: 7"


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (".metadata.labels.app.kubernetes.io/name", "metadata.labels[app.kubernetes.io/name]"),
        (".data.app.conf", "data[app.conf]"),
        ('.metadata.finalizers[="a.example/b"]', "metadata.finalizers[a.example/b]"),
        ('.spec.list[name="x"].ports[port=80,protocol="TCP"].targetPort', "spec.list[x].ports[80/TCP].targetPort"),
        (".spec.rules[3]", "spec.rules[3]"),
        (".spec.nowhere", "spec.nowhere"),
        ("", ""),
    ],
)
def test_the_apis_way_to_call_a_field_is_made_readable(field, told):
    live = {
        "metadata": {"labels": {"app": "x", "app.kubernetes.io/name": "x"}}, "data": {"app.conf": "x"},
        "spec": {"list": [{"name": "x", "ports": [{"port": 80, "protocol": "TCP"}]}]},
    }  # fmt: skip
    assert readable(field, live) == told


def test_an_outage_that_echoes_a_secret_does_not_tell_it(manifest):
    secret = manifest("v1", "Secret", "s", "shop", stringData={"p": "hunter22"})
    with pytest.raises(Refused) as refused:
        refusal_of(errors.Unavailable(500, "InternalError", "webhook choked on hunter22"), secret, None)
    assert "webhook choked on <hidden>" in refused.value.sentence


def test_a_dump_of_a_whole_structure_is_told_by_its_field(manifest):
    dump = f"Invalid value: core.PodTemplateSpec{{{'x: 1, ' * 400}}}: field is immutable"
    causes = [{"reason": "FieldValueInvalid", "message": dump, "field": "spec.template"}]
    error = errors.Invalid(
        422, "Invalid", f'Job.batch "j" is invalid: spec.template: {dump}', details={"causes": causes}
    )
    found = refusal_of(error, manifest("batch/v1", "Job", "j", "shop"), {})
    assert found.sentence.startswith(
        "Job shop/j cannot be changed in this way while it exists: spec.template: field is immutable. Delete it"
    )
