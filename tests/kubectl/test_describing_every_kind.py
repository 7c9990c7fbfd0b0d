"""describe, and the wide columns, of every kind the cluster stores."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.resources import STORED, Resource

Kubectl = Any
pytestmark = pytest.mark.cluster

OBJECTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: one}
data: {key: value}
---
apiVersion: v1
kind: Secret
metadata: {name: one}
stringData: {key: value}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: one}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: one}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: one}
spec: {hard: {configmaps: 10}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: one}
spec: {limits: [{type: Container, defaultRequest: {cpu: 10m}}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: one}
spec:
  replicas: 1
  serviceName: web
  selector: {matchLabels: {app: one}}
  template:
    metadata: {labels: {app: one}}
    spec: {containers: [{name: main, image: "busybox:1", command: [sleep, "3600"]}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: one}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:1", command: ["true"]}]}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: one}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 3}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: one}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crates.described.example.com}
spec:
  group: described.example.com
  scope: Namespaced
  names: {plural: crates, kind: Crate}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: one}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: one}
spec: {holderIdentity: me}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: one}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: one}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: one}
subjects: [{kind: User, name: one}]
"""


@pytest.fixture(scope="module")
def everything(shared: Kubectl) -> Kubectl:
    """A namespace with an object of every kind that lives in one."""
    shared("apply", "-f", "-", stdin=OBJECTS)
    shared("wait", "--for=jsonpath={.status.phase}=Bound", "pvc/one")
    shared("wait", "--for=condition=Complete", "job/one")
    return shared


def _name(resource: Resource) -> str:
    return f"{resource.plural}.{resource.group}" if resource.group else resource.plural


@pytest.mark.parametrize("resource", STORED, ids=_name)
def test_every_kind_is_described(everything: Kubectl, resource: Resource) -> None:
    told = everything("describe", _name(resource))
    assert told.startswith("Name:"), told


@pytest.mark.parametrize("resource", STORED, ids=_name)
def test_every_kind_has_columns(everything: Kubectl, resource: Resource) -> None:
    head, *rows = everything("get", _name(resource), "-o", "wide").splitlines()
    assert rows
    assert ("AGE" in head) or ("CREATED AT" in head) or ("LAST SEEN" in head)
    assert "<invalid>" not in "".join(rows)


def test_a_pod_is_described_with_its_events(everything: Kubectl) -> None:
    told = everything("describe", "pod", "-l", "app=web")
    for text in ("Controlled By:  ReplicaSet/web-", "State:          Running", "Scheduled", "Started"):
        assert text in told


def test_the_node_is_described_with_what_it_carries(everything: Kubectl) -> None:
    told = everything("describe", "node", "local")
    assert "Non-terminated Pods:" in told
    assert "Allocated resources:" in told
    assert f"{everything.namespace} " in told.partition("Non-terminated Pods:")[2]
