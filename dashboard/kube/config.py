"""Which cluster, and with what credential: a kubeconfig with a context, or the pod's own service account.

Uses the official client's loaders, so exec plugins, token files and their refresh work as in kubectl. It opens
no connection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kubernetes import config as loaders
from kubernetes.client import Configuration
from kubernetes.config.config_exception import ConfigException
from yaml import YAMLError

from dashboard.kube.errors import Unreachable

# Each watch holds a connection for minutes; the rest is for lists, writes and proxied pages.
POOL_SIZE = 48
_LOOPBACK = ("127.", "localhost", "[::1]", "::1")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster's name (its context), address and how to load its configuration anew."""

    name: str
    server: str
    load: Callable[[], Configuration]


def from_kubeconfig(path: str | None = None, *, context: str | None = None) -> Cluster:
    """The cluster of `context`, or of the kubeconfig's current context. `path` may be a list, as in KUBECONFIG."""

    def load() -> Configuration:
        configuration = _blank()
        _guarded(
            lambda: loaders.load_kube_config(  # type: ignore[no-untyped-call]
                config_file=path, context=context, client_configuration=configuration, persist_config=False
            ),
            what=f"kubeconfig {path or 'of this user'}" + (f", context {context}" if context else ""),
        )
        return _finished(configuration)

    return Cluster(name=context or _current_context(path), server=load().host, load=load)


def in_cluster() -> Cluster:
    """The cluster this pod runs in."""

    def load() -> Configuration:
        configuration = _blank()
        _guarded(
            lambda: loaders.load_incluster_config(client_configuration=configuration),  # type: ignore[no-untyped-call]
            what="the service account of this pod",
        )
        return _finished(configuration)

    return Cluster(name="in-cluster", server=load().host, load=load)


def without_credential(configuration: Configuration) -> Configuration:
    """The same server, and nothing of ours to show it: no token, no password, no client certificate."""
    configuration.api_key = {}
    configuration.refresh_api_key_hook = None
    configuration.username = configuration.password = None
    configuration.cert_file = configuration.key_file = None
    return configuration


def _blank() -> Configuration:
    """Never the process-wide default: two clusters may be open at once."""
    return Configuration()


def _finished(configuration: Configuration) -> Configuration:
    configuration.connection_pool_maxsize = POOL_SIZE
    configuration.keep_alive = True
    configuration.retries = False  # retried by those who know whether that is safe
    host = urlsplit(configuration.host).hostname or ""
    if host.startswith(_LOOPBACK):
        configuration.proxy = None  # as Go does: a proxy cannot reach our loopback
    return configuration


def _current_context(path: str | None) -> str:
    _, current = _guarded(
        lambda: loaders.list_kube_config_contexts(path),  # type: ignore[no-untyped-call]
        what=f"kubeconfig {path or 'of this user'}",
    )
    return str(current["name"])


def _guarded(read: Callable[[], Any], *, what: str) -> Any:
    try:
        return read()
    except (ConfigException, OSError, ValueError) as error:
        raise _unusable(what, str(error)) from error
    except YAMLError as error:
        raise _unusable(what, f"it is not YAML: {error}") from error
    except (AttributeError, KeyError, TypeError) as error:  # how the loader answers a document of another shape
        raise _unusable(what, "it is not a kubeconfig") from error


def _unusable(what: str, why: str) -> Unreachable:
    return Unreachable(f"cannot use {what}: {' '.join(why.split())}", reason="BadConfiguration")
