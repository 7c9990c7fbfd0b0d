"""One stored object in each version its definition serves: strategy None, where only `apiVersion` tells them apart."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from localcluster.apiserver.admission.fields import drop_unknown_fields
from localcluster.apiserver.custom.defaulting import with_defaults
from localcluster.apiserver.listing import Page
from localcluster.apiserver.storage import Version
from localcluster.apiserver.watching import Seen, Watch
from localcluster.errors import ApiError
from localcluster.resources import Resource


@dataclass(frozen=True, slots=True)
class ServedWatch:
    """A watch whose objects are shown in the version asked for."""

    watch: Watch
    resource: Resource

    async def events(self) -> AsyncGenerator[Seen, None]:
        async with aclosing(self.watch.events()) as events:
            async for seen in events:
                version = seen.version
                yield seen if version is None else replace(seen, version=as_served(self.resource, version))


def as_served(resource: Resource, version: Version) -> Version:
    """The object in the resource's version; itself when it was written in that one."""
    if resource.custom is None or version.object["apiVersion"] == resource.api_version:
        return version
    shown = {**version.copy(), "apiVersion": resource.api_version}
    drop_unknown_fields(resource, shown)
    return Version(with_defaults(resource, shown), revision=version.revision)


def page_as_served(resource: Resource, page: Page) -> Page:
    if resource.custom is None:
        return page
    return replace(page, versions=[as_served(resource, version) for version in page.versions])


def check_creation(resource: Resource) -> None:
    """405 while the definition is on its way out."""
    if resource.custom is not None and resource.custom.terminating:
        message = "create not allowed while custom resource definition is terminating"
        raise ApiError(405, "MethodNotAllowed", message, {"group": resource.group, "kind": resource.plural})


def unsupported_patch() -> ApiError:
    """A strategic merge needs Go types to merge by, and there are none."""
    message = (
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
    )
    return ApiError(415, "UnsupportedMediaType", message, {})
