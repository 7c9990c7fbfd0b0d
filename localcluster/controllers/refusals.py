"""Refusals that are no trouble: the expected answers while others write or a namespace ends. Pure."""

from __future__ import annotations

from localcluster.errors import ApiError


def is_namespace_terminating(error: ApiError) -> bool:
    """Whether nothing can be made in the namespace any more, because it is ending; who asked for it ends too."""
    causes = (error.details or {}).get("causes") or []
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes)


def is_expected(error: ApiError) -> bool:
    """Whether a log need not tell it: conflicts are how writers take turns."""
    return error.code == 409 or is_namespace_terminating(error)
