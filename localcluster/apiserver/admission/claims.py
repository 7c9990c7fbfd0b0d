"""PersistentVolumeClaimResize: a claim grows only where its class says that its volumes can."""

from __future__ import annotations

from decimal import Decimal

from localcluster import quantity
from localcluster.apiserver.admission.lister import Lister
from localcluster.client import Object
from localcluster.errors import forbidden
from localcluster.resources import PERSISTENT_VOLUME_CLAIMS, STORAGE_CLASSES

_NO_GROWTH = (
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
)


def check_growth(claim: Object, *, old: Object, lister: Lister) -> None:
    """Raises 403 for a claim that asks for more than its volume can become."""
    if _size(claim) <= _size(old):
        return
    storage_class = lister.get(STORAGE_CLASSES, claim["spec"].get("storageClassName") or "")
    if storage_class is None or not storage_class.get("allowVolumeExpansion"):
        raise forbidden(
            resource=PERSISTENT_VOLUME_CLAIMS.plural, group="", name=claim["metadata"]["name"], message=_NO_GROWTH
        )


def _size(claim: Object) -> Decimal:
    return quantity.parse(((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage", "0"))
