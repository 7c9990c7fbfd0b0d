"""Which cluster a command speaks to, and which stacks its arguments mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboard.cli import local_cluster
from dashboard.cli.options import Misused
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.kube.client import KubeClient
from dashboard.settings import Settings
from dashboard.stack.actions import Stack
from dashboard.stack.applying.revisions import Revision
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.bundles.reading import read_path
from dashboard.stack.chosen import Chosen

PATIENCE = (3.0, 6.0)
"""Seconds to connect and to answer the first question; who does not by then is told to be away."""


@dataclass(frozen=True, slots=True)
class Where:
    """The settings with the cluster that is meant, and how it was found, for a person."""

    settings: Settings
    why: str
    is_local: bool = False
    is_named: bool = False


def cluster_of(settings: Settings) -> Where:
    """The one that was named, else the local one that runs in the data folder, else kubectl's own."""
    if settings.kubeconfig is not None or settings.context is not None:
        named = str(settings.kubeconfig or "kubectl's kubeconfig")
        why = f"context {settings.context} of {named}" if settings.context else named
        return Where(settings, why, is_named=True)
    folder = settings.data_dir / "cluster"
    if local_cluster.is_running(folder) and (folder / "kubeconfig").is_file():
        return Where(settings.on(kubeconfig=folder / "kubeconfig"), f"the local cluster of {settings.data_dir}", True)
    return Where(settings, "the cluster this pod runs in" if settings.in_cluster else "kubectl's current context")


def refuse_silent(client: KubeClient) -> None:
    """Asks the cluster for its version. Raises Refused when nobody answers; a refusal to tell is an answer."""
    try:
        client.get("/version", timeout=PATIENCE)
    except errors.Unauthorized as error:
        raise Refused(
            f"The cluster {client.cluster.name} does not accept this credential; log in to it again.", status=401
        ) from error
    except errors.ApiError as error:
        if error.status and error.status < 500:
            return
        raise Refused(
            f"The cluster {client.cluster.name} does not answer: {error.message} "
            "See that it runs and can be reached from here, or name another with --kubeconfig and --context.",
            status=503,
        ) from error


def is_path(argument: str, names: Sequence[str]) -> bool:
    """Whether an argument means a path: it looks like one, or it is there and no bundle is called so."""
    return looks_like_a_path(argument) or (argument not in names and Path(argument).exists())


def looks_like_a_path(argument: str) -> bool:
    """Whether it can be nothing else, there or not."""
    return "/" in argument or argument.startswith((".", "~"))


def known_names(stack: Stack) -> list[str]:
    """The bundles there are, those that cannot be read included."""
    return [*stack.names(), *stack.catalogue.problems()]


def bundle_at(stack: Stack, argument: str, *, name: str | None = None, cluster_scoped: bool = False) -> Chosen:
    """The stack at a path; the very folder of a bundle that is known is that bundle. Raises Misused, Refused."""
    path = Path(argument).expanduser()
    if not path.exists():
        raise Misused(f"{argument} is not there; name a folder of YAML, a file or a kustomization.")
    held = (stack.catalogue.bundles_dir, *stack.catalogue.own_dirs)
    is_held = path.is_dir() and path.resolve().parent in [each.resolve() for each in held]
    if name is None and is_held and path.resolve().name in known_names(stack):
        return path.resolve().name
    bundle = read_path(path, name=name, cluster_scoped=cluster_scoped)
    if bundle.name in known_names(stack):
        raise Misused(
            f"{bundle.name} is the name of another bundle: say `{bundle.name}` if that is meant, "
            "else give the stack another name with --name."
        )
    return bundle


def standing(stack: Stack, name: str) -> Revision | None:
    """The newest record of a stack that was deployed and not removed since."""
    found = stack.revisions.latest(name)
    return found if found is not None and found.state != "removed" else None


def refuse_unknown(stack: Stack, name: str) -> None:
    """Raises Misused for a name that no bundle has."""
    if name not in known_names(stack):
        raise Misused(
            f"There is no bundle {name}; there are {', '.join(stack.names()) or 'none'}. "
            "A folder or file is named by its path, such as ./shop."
        )


def recorded(found: Revision) -> Bundle:
    """A stack as its record names it: as much of each object as finding it takes."""
    objects = tuple(
        {
            "apiVersion": each.ref.api_version, "kind": each.ref.kind,
            "metadata": {"name": each.ref.name, **({"namespace": each.ref.namespace} if each.ref.namespace else {})},
        }
        for each in found.objects
    )  # fmt: skip
    return Bundle(found.bundle, objects, own=True)
