"""Fields of the wrong type are refused in Go's words; unknown ones are named by path."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.admission.fields import check_types, unknown_fields
from localcluster.errors import ApiError
from localcluster.resources import CONFIG_MAPS, DEPLOYMENTS, PODS, SECRETS, Resource

PREFIX = 'in version "v1" cannot be handled as a'


@pytest.mark.parametrize(
    ("resource", "body", "problem"),
    [
        (
            CONFIG_MAPS, {"data": {"a": 1}},
            "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
        ),
        (
            DEPLOYMENTS, {"spec": {"replicas": "3"}},
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            DEPLOYMENTS, {"spec": {"replicas": 1.5}},
            "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            PODS, {"spec": {"containers": [{"image": True}]}},
            "json: cannot unmarshal bool into Go struct field Container.spec.containers.image of type string",
        ),
        (
            PODS, {"spec": {"containers": "a"}},
            "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container",
        ),
        (
            PODS, {"metadata": {"labels": []}},
            "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string",
        ),
        (
            PODS, {"spec": {"containers": [{"resources": {"limits": {"cpu": "much"}}}]}},
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (SECRETS, {"data": {"a": "no-base64"}}, "illegal base64 data at input byte 2"),
        (
            PODS, {"metadata": {"creationTimestamp": "now"}},
            'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"',
        ),
    ],
)  # fmt: skip
def test_a_field_of_the_wrong_type_is_refused(resource: Resource, body: dict[str, Any], problem: str) -> None:
    with pytest.raises(ApiError) as refused:
        check_types(resource, body)
    assert (refused.value.code, refused.value.reason) == (400, "BadRequest")
    assert refused.value.message == f"{resource.kind} {PREFIX} {resource.kind}: {problem}"


def test_nulls_and_numbers_for_quantities_are_fine() -> None:
    check_types(PODS, {"metadata": {"labels": None}, "spec": {"containers": [{"resources": {"limits": {"cpu": 2}}}]}})
    check_types(DEPLOYMENTS, {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 1}}}})


def test_unknown_fields_are_named_by_their_path() -> None:
    body = {"nope": 1, "spec": {"containers": [{"name": "a"}, {"imagee": "x"}], "volumes": [{"name": "v"}]}}
    assert unknown_fields(PODS, body) == ["nope", "spec.containers[1].imagee"]


def test_free_maps_have_no_unknown_fields() -> None:
    fields = {"f:data": {"f:a": {}}}
    body = {"metadata": {"labels": {"any": "x"}, "managedFields": [{"fieldsV1": fields}]}, "data": {"any": "x"}}
    assert unknown_fields(CONFIG_MAPS, body) == []
