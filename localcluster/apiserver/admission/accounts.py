"""ServiceAccount: a pod runs as an account of its namespace and finds that account's token in a volume."""

from __future__ import annotations

import copy
import secrets
from typing import Any

from localcluster.apiserver.admission.containers import all_containers
from localcluster.apiserver.admission.defaults.pods import DEFAULT_MODE
from localcluster.apiserver.admission.lister import Lister
from localcluster.client import Object
from localcluster.errors import forbidden
from localcluster.resources import SERVICE_ACCOUNTS

_DEFAULT = "default"
_MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_VOLUME_PREFIX = "kube-api-access-"
_SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # as Kubernetes generates names: no vowels, no look-alikes
_TOKEN_SECONDS = 3607  # an hour and a few seconds: how Kubernetes recognises tokens it may extend
_SOURCES: list[dict[str, Any]] = [
    {"serviceAccountToken": {"expirationSeconds": _TOKEN_SECONDS, "path": "token"}},
    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    {
        "downwardAPI": {
            "items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]
        }
    },
]


def assign_account(pod: Object, *, lister: Lister) -> None:
    """Name the account of a new pod, in place, and mount its token. Raises 403 when there is no such account."""
    spec, namespace = pod["spec"], pod["metadata"].get("namespace", "")
    name = spec.get("serviceAccountName") or _DEFAULT
    account = lister.get(SERVICE_ACCOUNTS, name, namespace=namespace)
    # The default account of a namespace appears a moment after it; a pod need not be refused for that.
    if account is None and name != _DEFAULT:
        text = f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
        raise forbidden(resource="pods", group="", name=pod["metadata"].get("name", ""), message=text)
    spec["serviceAccountName"] = spec["serviceAccount"] = name
    if account and account.get("imagePullSecrets") and not spec.get("imagePullSecrets"):
        spec["imagePullSecrets"] = copy.deepcopy(account["imagePullSecrets"])
    if _wants_token(spec, account):
        _mount_token(pod)


def _wants_token(spec: Object, account: Object | None) -> bool:
    """The pod's own wish counts before the account's."""
    wish = spec.get("automountServiceAccountToken")
    if wish is None and account is not None:
        wish = account.get("automountServiceAccountToken")
    return wish is not False


def _mount_token(pod: Object) -> None:
    without = [
        container
        for container in all_containers(pod)
        if all(mount.get("mountPath") != _MOUNT_PATH for mount in container.get("volumeMounts") or [])
    ]
    if not without:
        return
    spec = pod["spec"]
    name = _present_volume(spec) or _VOLUME_PREFIX + "".join(secrets.choice(_SUFFIX_ALPHABET) for _ in range(5))
    if name not in {volume.get("name") for volume in spec.get("volumes") or []}:
        volume = {"name": name, "projected": {"sources": copy.deepcopy(_SOURCES), "defaultMode": DEFAULT_MODE}}
        spec["volumes"] = [*(spec.get("volumes") or []), volume]
    mount = {"name": name, "readOnly": True, "mountPath": _MOUNT_PATH}
    for container in without:
        container["volumeMounts"] = [*(container.get("volumeMounts") or []), dict(mount)]


def _present_volume(spec: Object) -> str:
    names = [str(volume.get("name", "")) for volume in spec.get("volumes") or []]
    return next((name for name in names if name.startswith(_VOLUME_PREFIX)), "")
