"""The roles and bindings every cluster has from the start, as Kubernetes names and fills them. Data only."""

from __future__ import annotations

from collections.abc import Iterable

from localcluster.apiserver.access.identity import AUTHENTICATED, MASTERS, UNAUTHENTICATED
from localcluster.apiserver.access.rules import EVERYTHING, Rule
from localcluster.client import Object

AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate"
_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"
_BOOTSTRAPPING = {"kubernetes.io/bootstrapping": "rbac-defaults"}
_RBAC_GROUP = "rbac.authorization.k8s.io"
_READ = ("get", "list", "watch")
_WRITE = ("create", "delete", "deletecollection", "patch", "update")
_AUTH_READER = "extension-apiserver-authentication"


def _rule(verbs: Iterable[str], resources: str, *, group: str = "", names: Iterable[str] = ()) -> Rule:
    rule: Rule = {"verbs": list(verbs), "apiGroups": [group], "resources": resources.split()}
    return {**rule, "resourceNames": list(names)} if names else rule


def _urls(urls: str) -> Rule:
    return {"verbs": ["get"], "nonResourceURLs": urls.split()}


_VIEW = [
    _rule(
        _READ,
        "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers "
        "replicationcontrollers/scale serviceaccounts services services/status",
    ),
    _rule(
        _READ,
        "bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status "
        "resourcequotas resourcequotas/status",
    ),
    _rule(_READ, "namespaces"),
    _rule(_READ, "endpointslices", group="discovery.k8s.io"),
    _rule(
        _READ,
        "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status "
        "replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
        group="apps",
    ),
    _rule(_READ, "horizontalpodautoscalers horizontalpodautoscalers/status", group="autoscaling"),
    _rule(_READ, "cronjobs cronjobs/status jobs jobs/status", group="batch"),
    _rule(_READ, "poddisruptionbudgets poddisruptionbudgets/status", group="policy"),
    _rule(_READ, "ingresses ingresses/status networkpolicies", group="networking.k8s.io"),
]
_EDIT = [
    _rule(_READ, "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
    _rule(("impersonate",), "serviceaccounts"),
    _rule(_WRITE, "pods pods/attach pods/exec pods/portforward pods/proxy"),
    _rule(("create",), "pods/eviction"),
    _rule(
        _WRITE,
        "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets "
        "serviceaccounts services services/proxy",
    ),
    _rule(("create",), "serviceaccounts/token"),
    _rule(
        _WRITE,
        "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets "
        "statefulsets/scale",
        group="apps",
    ),
    _rule(_WRITE, "horizontalpodautoscalers", group="autoscaling"),
    _rule(_WRITE, "cronjobs jobs", group="batch"),
    _rule(_WRITE, "poddisruptionbudgets", group="policy"),
    _rule(_WRITE, "ingresses networkpolicies", group="networking.k8s.io"),
    _rule((*_WRITE, *_READ), "leases", group="coordination.k8s.io"),
]
_ADMIN = [
    _rule(("create",), "localsubjectaccessreviews", group="authorization.k8s.io"),
    _rule((*_WRITE, *_READ), "rolebindings roles", group=_RBAC_GROUP),
]
_KUBELET = [
    _rule(_READ, "nodes"),
    _rule(("proxy",), "nodes"),
    _rule(
        ("*",),
        "nodes/checkpoint nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats",
    ),
]
_RULES: dict[str, list[Rule]] = {
    "cluster-admin": list(EVERYTHING),
    "system:aggregate-to-admin": _ADMIN,
    "system:aggregate-to-edit": _EDIT,
    "system:aggregate-to-view": _VIEW,
    "system:auth-delegator": [
        _rule(("create",), "tokenreviews", group="authentication.k8s.io"),
        _rule(("create",), "subjectaccessreviews", group="authorization.k8s.io"),
    ],
    "system:basic-user": [
        _rule(("create",), "selfsubjectaccessreviews selfsubjectrulesreviews", group="authorization.k8s.io"),
        _rule(("create",), "selfsubjectreviews", group="authentication.k8s.io"),
    ],
    "system:discovery": [
        _urls("/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/")
    ],
    "system:kubelet-api-admin": _KUBELET,
    "system:monitoring": [
        _urls("/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*"),
    ],
    "system:public-info-viewer": [_urls("/healthz /livez /readyz /version /version/")],
    "system:service-account-issuer-discovery": [
        _urls("/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/")
    ],
}
_AGGREGATED = {"admin": "", "edit": "admin", "view": "edit"}
"""Roles made of others; each is itself part of the one named."""

_GROUPS: dict[str, tuple[str, ...]] = {
    "cluster-admin": (MASTERS,),
    "system:basic-user": (AUTHENTICATED,),
    "system:discovery": (AUTHENTICATED,),
    "system:monitoring": ("system:monitoring",),
    "system:public-info-viewer": (AUTHENTICATED, UNAUTHENTICATED),
    "system:service-account-issuer-discovery": ("system:serviceaccounts",),
}
"""Whom the bindings of the same names give these roles."""


def cluster_roles() -> list[Object]:
    """The ClusterRoles; the aggregated ones come without rules."""
    roles = []
    for name, rules in _RULES.items():
        _, _, target = name.rpartition("aggregate-to-")
        labels = {f"{_AGGREGATE}{target}": "true"} if target != name else {}
        roles.append({"metadata": _metadata(name, labels), "rules": rules})
    for name, target in _AGGREGATED.items():
        labels = {f"{_AGGREGATE}{target}": "true"} if target else {}
        chosen = {"clusterRoleSelectors": [{"matchLabels": {f"{_AGGREGATE}{name}": "true"}}]}
        roles.append({"metadata": _metadata(name, labels), "aggregationRule": chosen, "rules": []})
    return roles


def cluster_role_bindings() -> list[Object]:
    """The ClusterRoleBindings."""
    return [
        {
            "metadata": _metadata(name, {}),
            "roleRef": {"apiGroup": _RBAC_GROUP, "kind": "ClusterRole", "name": name},
            "subjects": [{"apiGroup": _RBAC_GROUP, "kind": "Group", "name": group} for group in groups],
        }
        for name, groups in _GROUPS.items()
    ]


def roles() -> list[Object]:
    """The Roles of `kube-system`: reading how to check who an aggregated API is asked by."""
    rules = [_rule(_READ, "configmaps", names=(_AUTH_READER,))]
    return [{"metadata": _metadata(f"{_AUTH_READER}-reader", {}), "rules": rules}]


def authentication_config(authority: str) -> Object:
    """What that role reads: the authority (PEM) of client certificates."""
    return {"metadata": {"name": _AUTH_READER}, "data": {"client-ca-file": authority}}


def _metadata(name: str, labels: dict[str, str]) -> Object:
    return {"name": name, "labels": {**_BOOTSTRAPPING, **labels}, "annotations": {AUTOUPDATE: "true"}}
