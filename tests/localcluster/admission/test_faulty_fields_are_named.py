"""What a person may get wrong in a manifest, and the sentence Kubernetes says about it."""

from __future__ import annotations

import base64
import copy
from typing import Any

import pytest

from localcluster import resources as kinds
from localcluster.apiserver.admission.defaulting import apply_defaults
from localcluster.apiserver.admission.validation import validate_create, validate_update
from localcluster.resources import API_SERVICES, Resource

SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of"


def causes_of(resource: Resource, **fields: Any) -> list[str]:
    obj = {"metadata": {"name": "x"}, **copy.deepcopy(fields)}
    apply_defaults(resource, obj)
    return [f"{cause['field']}: {cause['message']}" for cause in validate_create(resource, obj)]


def change(resource: Resource, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    objects = [{"metadata": {"name": "x"}, **copy.deepcopy(fields)} for fields in (old, new)]
    for obj in objects:
        apply_defaults(resource, obj)
    return [f"{cause['field']}: {cause['message']}" for cause in validate_update(resource, *objects)]


def container(**fields: Any) -> dict[str, Any]:
    return {"name": "a", "image": "b", **fields}


def shortened(text: str) -> str:
    """Without the long explanation of what a name may look like."""
    return text.split(SUBDOMAIN)[0] + SUBDOMAIN if SUBDOMAIN in text else text


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"image": " b"}, 'image: Invalid value: " b": must not have leading or trailing whitespace'),
        ({"terminationMessagePolicy": "Shout"},
         ('terminationMessagePolicy: Unsupported value: "Shout": supported values: "File", '
          '"FallbackToLogsOnError"')),
        ({"env": [{"name": "A", "value": "b", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
         'env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'),
        ({"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "status.phase"}}}]},
         ('env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", '
          '"metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", '
          '"status.hostIPs", "status.podIP", "status.podIPs"')),
        ({"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.color"}}}]},
         ('env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.color": error converting fieldPath: field label '
          "not supported: spec.color")),
        ({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"key": "k"}}}]},
         f'env[0].valueFrom.secretKeyRef.name: Invalid value: "": {SUBDOMAIN}'),
        ({"envFrom": [{}]}, 'envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'),
        ({"resources": {"limits": {"gpus": "1"}}},
         'resources.limits[gpus]: Invalid value: "gpus": must be a standard resource type or fully qualified'),
        ({"resources": {"requests": {"example.com/gpu": "1"}}},
         "resources.limits: Required value: Limit must be set for non overcommitable resources"),
        ({"resources": {"limits": {"example.com/gpu": "500m"}}},
         'resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer'),
        ({"securityContext": {"runAsUser": -1}},
         "securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"),
        ({"securityContext": {"privileged": True, "allowPrivilegeEscalation": False}},
         ('securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set '
          "`allowPrivilegeEscalation` to false and `privileged` to true")),
        ({"securityContext": {"seccompProfile": {"type": "Local"}}},
         ('securityContext.seccompProfile.type: Unsupported value: "Local": supported values: "Localhost", '
          '"RuntimeDefault", "Unconfined"')),
        ({"livenessProbe": {"exec": {"command": ["x"]}, "successThreshold": 2}},
         "livenessProbe.successThreshold: Invalid value: 2: must be 1"),
        ({"readinessProbe": {"exec": {"command": ["x"]}, "terminationGracePeriodSeconds": 5}},
         ("readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes")),
        ({"livenessProbe": {"httpGet": {"port": 80, "scheme": "ftp"}}},
         'livenessProbe.httpGet.scheme: Unsupported value: "ftp": supported values: "HTTP", "HTTPS"'),
        ({"lifecycle": {"preStop": {}}}, "lifecycle.preStop: Required value: must specify a handler type"),
        ({"lifecycle": {"preStop": {"sleep": {"seconds": 31}}}},
         ("lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than "
          "terminationGracePeriodSeconds (30)")),
        ({"ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 80}]},
         'ports[1].hostPort: Duplicate value: "TCP//80"'),
    ],
)  # fmt: skip
def test_a_containers_faults_are_named(fields: dict[str, Any], expected: str) -> None:
    found = causes_of(kinds.PODS, spec={"containers": [container(**fields)]})
    assert shortened(found[0]) == f"spec.containers[0].{expected}"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"tolerations": [{"operator": "Equal", "value": "x"}]},
         ('tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means '
          '"match all values and all keys"')),
        ({"tolerations": [{"key": "k", "operator": "Exists", "effect": "Never"}]},
         ('tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", '
          '"NoExecute"')),
        ({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {}}}},
         ("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: "
          "must have at least one node selector term")),
        ({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": ""}]}}},
         ("affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: "
          "can not be empty")),
        ({"topologySpreadConstraints": [{"topologyKey": "a", "maxSkew": 0, "whenUnsatisfiable": "DoNotSchedule"}]},
         "topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero"),
        ({"dnsPolicy": "None"}, "dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"),
        ({"hostAliases": [{"ip": "here"}]},
         ('hostAliases[0].ip: Invalid value: "here": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')),
        ({"securityContext": {"fsGroup": -5}},
         "securityContext.fsGroup: Invalid value: -5: must be between 0 and 2147483647, inclusive"),
        ({"initContainers": [container(name="i", livenessProbe={"exec": {"command": ["x"]}})]},
         "initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always"),
        ({"activeDeadlineSeconds": 0},
         "activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"),
        ({"volumes": [{"name": "v", "configMap": {"name": "c", "defaultMode": 4096}}]},
         ("volumes[0].configMap.defaultMode: Invalid value: 4096: must be a number between 0 and 0777 (octal), both "
          "inclusive")),
        ({"volumes": [{"name": "v", "secret": {"secretName": "s", "items": [{"key": "k", "path": "../k"}]}}]},
         "volumes[0].secret.items[0].path: Invalid value: \"../k\": must not contain '..'"),
        ({"volumes": [{"name": "v", "emptyDir": {"sizeLimit": "-1"}}]},
         "volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"),
        ({"volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {
            "path": "t", "expirationSeconds": 60}}]}}]},
         ("volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a "
          "duration less than 10 minutes")),
    ],
)  # fmt: skip
def test_a_pods_faults_are_named(fields: dict[str, Any], expected: str) -> None:
    found = causes_of(kinds.PODS, spec={"containers": [container()], **fields})
    assert found[0] == f"spec.{expected}"


def test_a_sidecar_may_be_probed() -> None:
    sidecar = container(name="i", restartPolicy="Always", livenessProbe={"exec": {"command": ["x"]}})
    assert causes_of(kinds.PODS, spec={"containers": [container()], "initContainers": [sidecar]}) == []


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"type": "ClusterIP", "ports": [{"port": 80, "nodePort": 30000}]},
         "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"),
        ({"type": "ExternalName"}, "spec.externalName: Required value"),
        ({"ports": [{"port": 80}], "externalTrafficPolicy": "Local"},
         ('spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services')),
        ({"ports": [{"port": 80}], "internalTrafficPolicy": "Near"},
         'spec.internalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"'),
        ({"ports": [{"port": 80}], "clusterIP": "nowhere"},
         ('spec.clusterIPs[0]: Invalid value: "nowhere": must be a valid IP address, '
          "(e.g. 10.9.8.7 or 2001:db8::ffff)")),
        ({"ports": [{"port": 80}], "sessionAffinity": "ClientIP",
          "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 90000}}},
         ("spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be greater than 0 and less "
          "than 86400")),
    ],
)  # fmt: skip
def test_a_services_faults_are_named(spec: dict[str, Any], expected: str) -> None:
    assert causes_of(kinds.SERVICES, spec=spec) == [expected]


@pytest.mark.parametrize(
    ("kind", "keys", "expected"),
    [
        ("kubernetes.io/tls", ("tls.crt",), ["data[tls.key]: Required value"]),
        ("kubernetes.io/ssh-auth", (), ["data[ssh-privatekey]: Required value"]),
        ("kubernetes.io/basic-auth", (), ["data[username]: Required value", "data[password]: Required value"]),
        ("kubernetes.io/basic-auth", ("username",), []),
        ("kubernetes.io/dockerconfigjson", (), ["data[.dockerconfigjson]: Required value"]),
        ("kubernetes.io/service-account-token", (),
         ["metadata.annotations[kubernetes.io/service-account.name]: Required value"]),
        ("example.com/own", (), []),
    ],
)  # fmt: skip
def test_a_secret_holds_what_its_type_promises(kind: str, keys: tuple[str, ...], expected: list[str]) -> None:
    data = {key: base64.b64encode(b"x").decode() for key in keys}
    assert causes_of(kinds.SECRETS, type=kind, data=data) == expected


def test_a_refused_secret_is_not_shown() -> None:
    data = {".dockerconfigjson": base64.b64encode(b"hunter2").decode()}
    assert causes_of(kinds.SECRETS, type="kubernetes.io/dockerconfigjson", data=data) == [
        (
            "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'h' looking for "
            "beginning of value"
        )
    ]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([{"type": "Node"}],
         'spec.limits[0].type: Invalid value: "Node": must be a standard limit type or fully qualified'),
        ([{"type": "Pod"}, {"type": "Pod"}], 'spec.limits[1].type: Duplicate value: "Pod"'),
        ([{"type": "Pod", "default": {"cpu": "1"}}],
         "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"),
        ([{"type": "PersistentVolumeClaim"}],
         ("spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither "
          "was provided")),
        ([{"type": "Container", "maxLimitRequestRatio": {"cpu": "500m"}}],
         'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1'),
        ([{"type": "Pod", "min": {"cpu": "1"}, "max": {"cpu": "2"}, "maxLimitRequestRatio": {"cpu": "4"}}],
         ('spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "4": ratio 4 is greater than max/min = 2.000000')),
        ([{"type": "Container", "default": {"memory": "1Gi"}, "defaultRequest": {"memory": "2Gi"}}],
         ('spec.limits[0].defaultRequest[memory]: Invalid value: "2Gi": default request value 2Gi is greater than '
          "default limit value 1Gi")),
    ],
)  # fmt: skip
def test_a_limit_range_makes_sense(items: list[dict[str, Any]], expected: str) -> None:
    assert causes_of(kinds.LIMIT_RANGES, spec={"limits": items}) == [expected]


def test_a_quota_limits_what_is_counted() -> None:
    assert causes_of(kinds.RESOURCE_QUOTAS, spec={"hard": {"nonsense": "1"}}) == [
        'spec.hard[nonsense]: Invalid value: "nonsense": must be a standard resource type or fully qualified',
        'spec.hard[nonsense]: Invalid value: "nonsense": must be a standard resource for quota',
    ]
    hard = {"count/deployments.apps": "1", "requests.storage": "1Gi", "services.nodeports": "0", "limits.cpu": "2"}
    assert causes_of(kinds.RESOURCE_QUOTAS, spec={"hard": hard}) == []
    assert causes_of(kinds.RESOURCE_QUOTAS, spec={"hard": {"count/pods": "1"}, "scopes": ["BestEffort"]}) == []
    old, new = ({"spec": {"hard": {"pods": "1"}, "scopes": scopes}} for scopes in (["BestEffort"], ["NotBestEffort"]))
    assert change(kinds.RESOURCE_QUOTAS, old, new) == [
        'spec.scopes: Invalid value: ["NotBestEffort"]: field is immutable'
    ]


@pytest.mark.parametrize(
    ("resource", "fields", "expected"),
    [
        (kinds.ENDPOINT_SLICES, {"endpoints": []}, "addressType: Required value"),
        (kinds.ENDPOINT_SLICES, {"addressType": "IPv4", "endpoints": [{"addresses": ["x"]}]},
         'endpoints[0].addresses[0]: Invalid value: "x": must be a valid IPv4 address'),
        (kinds.LEASES, {"spec": {"leaseDurationSeconds": 0}},
         "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"),
        (kinds.CONTROLLER_REVISIONS, {"revision": 1}, "data: Required value: data is mandatory"),
        (kinds.NAMESPACES, {"spec": {"finalizers": ["mine"]}},
         ('spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully '
          "qualified")),
        (kinds.NODES, {"spec": {"taints": [{"key": "a", "effect": "Never"}]}},
         ('spec.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", '
          '"NoExecute"')),
        (kinds.EVENTS, {"metadata": {"name": "x", "namespace": "a"}, "involvedObject": {"namespace": "b"}},
         'involvedObject.namespace: Invalid value: "b": does not match event.namespace'),
        (kinds.PERSISTENT_VOLUMES,
         {"spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}},
         "spec: Required value: must specify a volume type"),
        (kinds.PERSISTENT_VOLUMES,
         {"spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "local": {"path": "/x"}}},
         "spec.nodeAffinity: Required value: Local volume requires node affinity"),
        (kinds.PERSISTENT_VOLUME_CLAIMS,
         {"spec": {"accessModes": ["Sometimes"], "resources": {"requests": {"storage": "1"}}}},
         ('spec.accessModes: Unsupported value: "Sometimes": supported values: "ReadOnlyMany", "ReadWriteMany", '
          '"ReadWriteOnce", "ReadWriteOncePod"')),
        (kinds.POD_DISRUPTION_BUDGETS, {"spec": {"minAvailable": 1, "unhealthyPodEvictionPolicy": "Maybe"}},
         ('spec.unhealthyPodEvictionPolicy: Unsupported value: "Maybe": supported values: "AlwaysAllow", '
          '"IfHealthyBudget"')),
        (kinds.POD_DISRUPTION_BUDGETS, {"spec": {"maxUnavailable": "101%"}},
         'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%'),
        (kinds.NETWORK_POLICIES, {"spec": {"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8",
                                                                              "except": ["11.0.0.0/16"]}}]}]}},
         'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`'),
        (kinds.NETWORK_POLICIES, {"spec": {"egress": [{"ports": [{"port": 90, "endPort": 80}]}]}},
         "spec.egress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`"),
    ],
)  # fmt: skip
def test_every_kind_is_looked_into(resource: Resource, fields: dict[str, Any], expected: str) -> None:
    assert causes_of(resource, **fields) == [expected]


def test_a_storage_class_stays_what_volumes_were_made_by() -> None:
    old = {"provisioner": "a/b", "parameters": {"x": "1"}}
    new = {"provisioner": "a/c", "parameters": {"x": "2"}, "volumeBindingMode": "WaitForFirstConsumer"}
    assert change(kinds.STORAGE_CLASSES, old, new) == [
        "parameters: Forbidden: updates to parameters are forbidden.",
        "provisioner: Forbidden: updates to provisioner are forbidden.",
        'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
    ]


def test_a_claim_asks_for_no_less_than_it_has() -> None:
    def claim(size: str, *, phase: str) -> dict[str, Any]:
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
        return {"spec": spec, "status": {"phase": phase, "capacity": {"storage": "2Gi"}}}

    grown = change(kinds.PERSISTENT_VOLUME_CLAIMS, claim("2Gi", phase="Bound"), claim("3Gi", phase="Bound"))
    shrunk = change(kinds.PERSISTENT_VOLUME_CLAIMS, claim("2Gi", phase="Bound"), claim("1Gi", phase="Bound"))
    early = change(kinds.PERSISTENT_VOLUME_CLAIMS, claim("2Gi", phase="Pending"), claim("3Gi", phase="Pending"))
    assert grown == []
    assert shrunk == ["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"]
    assert early[0].startswith("spec: Forbidden: spec is immutable after creation except resources.requests")


def test_an_indexed_job_says_how_many() -> None:
    template = {"spec": {"containers": [container()], "restartPolicy": "Never"}}
    assert causes_of(kinds.JOBS, spec={"template": template, "completionMode": "Indexed", "parallelism": 1}) == [
        "spec.completions: Required value: when completion mode is Indexed"
    ]


def test_an_api_service_has_a_bundle_or_skips_the_check() -> None:
    spec = {"group": "a.b", "version": "v1", "groupPriorityMinimum": 1, "versionPriority": 1,
            "insecureSkipTLSVerify": True, "service": {"name": "a", "namespace": "b", "port": 443}}  # fmt: skip
    service = {"metadata": {"name": "v1.a.b"}, "spec": spec}
    assert validate_create(API_SERVICES, service) == []
    (cause,) = validate_create(API_SERVICES, {**service, "spec": {**spec, "caBundle": "QQ=="}})
    assert cause["field"] == "spec.insecureSkipTLSVerify"
    assert "may not be true if caBundle is present" in cause["message"]
