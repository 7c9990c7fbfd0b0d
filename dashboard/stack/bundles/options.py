"""What a person may choose of a bundle of ours beside its files: each option is one change of one manifest. Pure."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.errors import Refused
from dashboard.stack.bundles.bundle import Bundle, Manifest, ObjectRef, ref_of

Chosen = Mapping[str, Collection[str]]
"""Bundle → names of the options that were chosen for it. A bundle that is not named keeps what it was applied with."""


@dataclass(frozen=True, slots=True)
class Option:
    """Adds `argument` to every container of `workload`. `title` and `text` are for whoever decides."""

    name: str
    bundle: str
    workload: ObjectRef
    argument: str
    title: str
    text: str


KUBELET_INSECURE_TLS = Option(
    name="kubelet_insecure_tls",
    bundle="metrics-server",
    workload=ObjectRef("apps/v1", "Deployment", "kube-system", "metrics-server"),
    argument="--kubelet-insecure-tls",
    title="Do not check the certificates of the nodes",
    text=(
        "metrics-server asks every node's kubelet for its figures and checks the certificate it shows. kind, minikube "
        "and plain kubeadm sign these by themselves, so the check fails there and no figures come. With the flag the "
        "certificate is not checked: whoever stands in the network of the nodes could pose as one and send false "
        "figures, which the autoscaler would believe. That is for development clusters. Where kubelets have "
        "certificates of the cluster's own authority (kubeadm: serverTLSBootstrap: true; the local cluster has them) "
        "leave it away."
    ),
)

OPTIONS: tuple[Option, ...] = (KUBELET_INSECURE_TLS,)


def options_of(bundle: str) -> tuple[Option, ...]:
    """Those that a bundle has."""
    return tuple(each for each in OPTIONS if each.bundle == bundle)


def with_options(bundle: Bundle, names: Collection[str]) -> Bundle:
    """The bundle with exactly these options. Raises Refused for one it does not have, or has no place for."""
    offered = {each.name: each for each in options_of(bundle.name)}
    for name in names:
        if name not in offered:
            known = ", ".join(offered) or "none"
            raise Refused(f"Bundle {bundle.name} has no option {name}; there are {known}.", status=422)
    chosen = [option for name, option in offered.items() if name in names]
    for option in chosen:
        bundle = _with(bundle, option)
    return replace(bundle, options=tuple(each.name for each in chosen))


def told(bundle: Bundle) -> str:
    """Its name, and with which arguments it is meant: `metrics-server with --kubelet-insecure-tls`."""
    arguments = [each.argument for each in options_of(bundle.name) if each.name in bundle.options]
    return f"{bundle.name} with {' '.join(arguments)}" if arguments else bundle.name


def applied(
    bundles: Sequence[Bundle], chosen: Chosen, *, standing: Callable[[str], Collection[str]]
) -> tuple[Bundle, ...]:
    """The bundles as they are to be applied: with what was chosen now, else with what they stand with.

    `standing` is asked for none but bundles that have options. Raises Refused.
    """
    for name in chosen:
        if all(bundle.name != name for bundle in bundles):
            raise Refused(f"Options were chosen for {name}, which is not to be deployed.", status=422)
    return tuple(_applied(bundle, chosen, standing) for bundle in bundles)


def _applied(bundle: Bundle, chosen: Chosen, standing: Callable[[str], Collection[str]]) -> Bundle:
    if bundle.name in chosen:
        return with_options(bundle, chosen[bundle.name])
    if bundle.own or not options_of(bundle.name):
        return bundle
    return with_options(bundle, standing(bundle.name))


def _with(bundle: Bundle, option: Option) -> Bundle:
    if not any(ref_of(each).id == option.workload.id for each in bundle.objects):
        raise Refused(f"Bundle {bundle.name} holds no {option.workload}, which {option.argument} is for.", status=422)
    objects = tuple(
        _with_argument(each, option.argument) if ref_of(each).id == option.workload.id else each
        for each in bundle.objects
    )
    return replace(bundle, objects=objects)


def _with_argument(manifest: Manifest, argument: str) -> dict[str, Any]:
    changed: dict[str, Any] = copy.deepcopy(dict(manifest))
    for container in changed["spec"]["template"]["spec"]["containers"]:
        arguments = container.get("args") or []
        if argument not in arguments:
            container["args"] = [*arguments, argument]
    return changed
