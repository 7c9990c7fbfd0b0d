"""Flags of upstream metrics-server that its manifest uses; the only reader of the environment here."""

from __future__ import annotations

import argparse
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localcluster.metricsserver.durations import parse_duration

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
ADDRESS_TYPES = ("Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP")
LEAST_RESOLUTION = 10.0
"""Kubelets measure every 10 s; asking more often gives the same numbers again (upstream's limit too)."""


class SettingsError(Exception):
    """A flag or variable that cannot be used; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the program needs to know; `resolution` in seconds."""

    bind_address: str
    secure_port: int
    cert_dir: Path
    address_types: tuple[str, ...]
    use_node_status_port: bool
    insecure_kubelet: bool
    resolution: float
    api_url: str
    token_file: Path
    ca_file: Path


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Flags and the in-cluster configuration; raises SettingsError."""
    flags = _parser().parse_args(arguments)
    host, port = environment.get("KUBERNETES_SERVICE_HOST"), environment.get("KUBERNETES_SERVICE_PORT")
    if not host or not port:
        raise SettingsError("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: run this as a pod")
    types = tuple(flags.kubelet_preferred_address_types.split(","))
    unknown = [one for one in types if one not in ADDRESS_TYPES]
    if unknown:
        raise SettingsError(f"--kubelet-preferred-address-types: {unknown[0]!r} is none of {', '.join(ADDRESS_TYPES)}")
    try:
        resolution = parse_duration(flags.metric_resolution)
    except ValueError as error:
        raise SettingsError(f"--metric-resolution: {error}") from error
    if resolution < LEAST_RESOLUTION:
        raise SettingsError(f"--metric-resolution: {flags.metric_resolution} is less than {LEAST_RESOLUTION:g}s")
    return Settings(
        bind_address=flags.bind_address or _own_address(environment.get("HOSTNAME", "")),
        secure_port=flags.secure_port,
        cert_dir=Path(flags.cert_dir),
        address_types=types,
        use_node_status_port=flags.kubelet_use_node_status_port,
        insecure_kubelet=flags.kubelet_insecure_tls,
        resolution=resolution,
        api_url=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        token_file=SERVICE_ACCOUNT / "token",
        ca_file=SERVICE_ACCOUNT / "ca.crt",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="metrics-server", allow_abbrev=False)
    parser.add_argument("--bind-address", default="", help="default: the pod's own address, else 0.0.0.0")
    parser.add_argument("--secure-port", type=int, default=443)
    parser.add_argument("--cert-dir", default="/tmp", help="where the self-made certificate is kept")  # noqa: S108
    parser.add_argument("--kubelet-preferred-address-types", default=",".join(ADDRESS_TYPES))
    parser.add_argument("--kubelet-use-node-status-port", action="store_true")
    parser.add_argument("--kubelet-insecure-tls", action="store_true")
    parser.add_argument("--metric-resolution", default="60s")
    return parser


def _own_address(hostname: str) -> str:
    """The pod's own loopback address, since pods here share the host's network and 0.0.0.0 would be everyone's."""
    try:
        address = ipaddress.ip_address(socket.gethostbyname(hostname)) if hostname else None
    except OSError:
        address = None
    if address is None or not address.is_loopback or str(address) in ("127.0.0.1", "127.0.1.1"):
        return "0.0.0.0"  # noqa: S104 - as upstream does where a pod has a network of its own
    return str(address)
