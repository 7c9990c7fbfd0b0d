"""Access checks for servers other than this API, such as kubelet: as by a TokenReview and a SubjectAccessReview."""

from __future__ import annotations

from localcluster.apiserver.access.attributes import Attributes
from localcluster.apiserver.access.identity import Identity
from localcluster.apiserver.access.rbac import Rbac
from localcluster.apiserver.access.refusals import unauthorized
from localcluster.apiserver.access.tokens import TokenRefused, Tokens
from localcluster.errors import ApiError


def checked(tokens: Tokens, rbac: Rbac, *, token: str, asked: Attributes) -> Identity:
    """The token's bearer, who may do what is asked. Raises 401 or 403, worded as kubelet does."""
    try:
        who = tokens.verify(token).who
    except TokenRefused as refusal:
        raise unauthorized() from refusal
    if not rbac.authorize(who, asked).allowed:
        below = f", subresource(s)=[{asked.subresource}]" if asked.subresource else ""
        text = f"Forbidden (user={who.user}, verb={asked.verb}, resource={asked.resource}{below})"
        raise ApiError(403, "Forbidden", text)
    return who
