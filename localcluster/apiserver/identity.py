"""Who asks: a user and groups, as certificates and tokens tell it. Everyone known may do everything (no RBAC yet)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcluster.apiserver.paths import Target
from localcluster.errors import ApiError

OPEN_PATHS = ("/healthz", "/livez", "/readyz", "/version")
"""What anyone may read without saying who they are."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated user, or the anonymous one."""

    user: str
    groups: tuple[str, ...] = ()

    @property
    def anonymous(self) -> bool:
        return self.user == ANONYMOUS.user


ANONYMOUS = Identity("system:anonymous", ("system:unauthenticated",))


def of_certificate(peer: Mapping[str, Any] | None) -> Identity | None:
    """The identity in a verified client certificate, as `ssl.getpeercert` tells it."""
    if not peer:
        return None
    attributes = [pair for part in peer.get("subject", ()) for pair in part]
    user = next((value for key, value in attributes if key == "commonName"), "")
    groups = tuple(value for key, value in attributes if key == "organizationName")
    return Identity(user, (*groups, "system:authenticated")) if user else None


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized", "Unauthorized")


def check_allowed(identity: Identity, *, verb: str, path: str, target: Target | None) -> None:
    """403 for the anonymous user anywhere but on the open paths."""
    if not identity.anonymous or path in OPEN_PATHS or path.startswith(("/livez/", "/readyz/", "/healthz/")):
        return
    if target is None:
        raise ApiError(403, "Forbidden", f'forbidden: User "{identity.user}" cannot {verb} path "{path}"', {})
    plural = f"{target.plural}/{target.subresource}" if target.subresource else target.plural
    qualified = f"{target.plural}.{target.group}" if target.group else target.plural
    subject = f'{qualified} "{target.name}"' if target.name else qualified
    place = f' in the namespace "{target.namespace}"' if target.namespace else " at the cluster scope"
    message = (
        f'{subject} is forbidden: User "{identity.user}" cannot {verb} resource "{plural}" '
        f'in API group "{target.group}"{place}'
    )
    details = {"name": target.name, "group": target.group, "kind": target.plural}
    raise ApiError(403, "Forbidden", message, {key: value for key, value in details.items() if value})
