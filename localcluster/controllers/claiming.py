"""Which objects belong to a controller: adopt matching orphans, release owned ones that match no more.

Only owner references are written here; whether an owner wants more or fewer objects is its own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from localcluster.client import Client, Object
from localcluster.controllers.meta import controller_of, controller_reference, is_terminating, labels_of, owners_of
from localcluster.errors import ApiError
from localcluster.resources import Resource
from localcluster.selectors import LabelSelector


def always(_: Object) -> bool:
    return True


async def claim(
    client: Client,
    owner: Object,
    candidates: Iterable[Object],
    *,
    owned: Resource,
    owning: Resource,
    selector: LabelSelector,
    adoptable: Callable[[Object], bool] = always,
) -> list[Object]:
    """Those of `candidates` that `owner` controls, after adopting and releasing.

    `adoptable`: keeps orphans out that are not worth having, such as pods that have ended.
    """
    mine: list[Object] = []
    for obj in candidates:
        reference = controller_of(obj)
        matches = selector.matches(labels_of(obj))
        if reference is not None:
            if reference["uid"] != owner["metadata"]["uid"]:
                continue
            if matches:
                mine.append(obj)
            elif not is_terminating(owner):
                await _release(client, obj, owner, resource=owned)
        elif matches and not is_terminating(owner) and not is_terminating(obj) and adoptable(obj):
            adopted = await _adopt(client, obj, owner, owned=owned, owning=owning)
            if adopted is not None:
                mine.append(adopted)
    return mine


async def _adopt(client: Client, obj: Object, owner: Object, *, owned: Resource, owning: Resource) -> Object | None:
    """None when the object is gone. The owner is asked for afresh: a store may still show one that is deleted."""
    metadata = owner["metadata"]
    current = await client.get(owning, metadata["name"], namespace=metadata["namespace"])
    if current["metadata"]["uid"] != metadata["uid"] or is_terminating(current):
        return None
    reference = controller_reference(owner, api_version=owning.api_version, kind=owning.kind)
    return await _write_owners(client, obj, [*owners_of(obj), reference], resource=owned)


async def _release(client: Client, obj: Object, owner: Object, *, resource: Resource) -> None:
    kept = [reference for reference in owners_of(obj) if reference["uid"] != owner["metadata"]["uid"]]
    await _write_owners(client, obj, kept, resource=resource)


async def _write_owners(client: Client, obj: Object, owners: list[Object], *, resource: Resource) -> Object | None:
    metadata = obj["metadata"]
    patch = {"metadata": {"uid": metadata["uid"], "ownerReferences": owners or None}}
    try:
        return await client.patch(
            resource, metadata["name"], patch,
            patch_type="application/merge-patch+json", namespace=metadata["namespace"],
        )  # fmt: skip
    except ApiError as error:
        if error.code == 404:
            return None
        raise
