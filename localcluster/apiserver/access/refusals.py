"""401 and 403 as the API words them. Pure."""

from __future__ import annotations

from localcluster.apiserver.access.attributes import Attributes
from localcluster.apiserver.access.identity import Identity
from localcluster.errors import ApiError, qualified


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized", "Unauthorized")


def refused(who: Identity, asked: Attributes, *, reason: str = "") -> ApiError:
    """403 for what authorization does not allow; `reason` is the authorizer's, if it has one."""
    if asked.resource:
        message = _about_resource(who, asked)
    else:
        message = f'forbidden: User "{who.user}" cannot {asked.verb} path "{asked.path}"'
    details = {"name": asked.name, "group": asked.group, "kind": asked.resource}
    return ApiError(
        403, "Forbidden", f"{message}: {reason}" if reason else message,
        {key: value for key, value in details.items() if value},
    )  # fmt: skip


def _about_resource(who: Identity, asked: Attributes) -> str:
    subject = qualified(asked.resource, asked.group)
    if asked.name:
        subject += f' "{asked.name}"'
    place = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    return (
        f'{subject} is forbidden: User "{who.user}" cannot {asked.verb} resource "{asked.combined}" '
        f'in API group "{asked.group}" {place}'
    )
