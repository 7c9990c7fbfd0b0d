"""What the cluster answers instead of what was asked for, as sentences for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.errors import Refused
from dashboard.kube import errors


@contextmanager
def asking() -> Iterator[None]:
    """An ApiError of the block becomes a Refused."""
    try:
        yield
    except errors.Forbidden as error:
        raise Refused(f"The cluster does not allow it: {error.message}", status=403) from error
    except errors.SignInAgain as error:
        raise Refused(error.message, status=401) from error
    except errors.ApiError as error:
        raise Refused(f"The cluster cannot be asked: {error.message}. Try again.", status=503) from error
