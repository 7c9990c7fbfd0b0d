"""The Node object: what this machine has, how limits are enforced, that it is ready; must not change anything."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil

from localcluster.client import Object
from localcluster.node.settings import NodeSettings

KUBELET_VERSION = "v1.36.2"
LIMITS_ANNOTATION = "surgeboard.dev/limits"
SANDBOX_ANNOTATION = "surgeboard.dev/sandbox"
NOT_ENFORCED_ANNOTATION = "surgeboard.dev/not-enforced"
_PODS = 110
_HEALTHY = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def node_object(settings: NodeSettings, *, limits: str, sandbox: str) -> Object:
    """Metadata and spec as kubelet registers them."""
    architecture = _ARCHITECTURES.get(platform.machine(), platform.machine())
    system = platform.system().lower()
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": settings.name,
            "labels": {
                "beta.kubernetes.io/arch": architecture,
                "beta.kubernetes.io/os": system,
                "kubernetes.io/arch": architecture,
                "kubernetes.io/hostname": settings.name,
                "kubernetes.io/os": system,
            },
            "annotations": {
                LIMITS_ANNOTATION: limits,
                SANDBOX_ANNOTATION: sandbox,
                NOT_ENFORCED_ANNOTATION: "network namespaces, NetworkPolicy, seccomp, ephemeral-storage, claim sizes",
            },
        },
        "spec": {},
    }


def node_status(settings: NodeSettings, *, sandbox_ready: bool, sandbox: str, now: str, since: str) -> Object:
    """`since`: when the conditions came to be as they are."""
    disk = psutil.disk_usage(str(settings.directory))
    room = allocatable(settings.directory)
    return {
        "capacity": {**room, "ephemeral-storage": f"{disk.total // 1024}Ki"},
        "allocatable": room,
        "conditions": _conditions(sandbox_ready=sandbox_ready, sandbox=sandbox, now=now, since=since),
        "addresses": [
            {"type": "InternalIP", "address": settings.address},
            {"type": "Hostname", "address": settings.name},
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": settings.kubelet_port}},
        "nodeInfo": _node_info(),
    }


def allocatable(directory: Path) -> dict[str, str]:
    """What pods may use of this machine; `directory` lies where they write."""
    return {
        "cpu": str(os.cpu_count() or 1),
        "memory": f"{psutil.virtual_memory().total // 1024}Ki",
        "pods": str(_PODS),
        "ephemeral-storage": str(psutil.disk_usage(str(directory)).free),
    }


def _conditions(*, sandbox_ready: bool, sandbox: str, now: str, since: str) -> list[Object]:
    times = {"lastHeartbeatTime": now, "lastTransitionTime": since}
    told = [
        {"type": kind, "status": status, **times, "reason": reason, "message": message}
        for kind, status, reason, message in _HEALTHY
    ]
    if not sandbox_ready:
        told[-1] |= {"status": "False", "reason": "KubeletNotReady", "message": f"container runtime {sandbox}"}
    return told


def _node_info() -> Object:
    return {
        "machineID": _first_line("/etc/machine-id"),
        "systemUUID": _first_line("/etc/machine-id"),
        "bootID": _first_line("/proc/sys/kernel/random/boot_id"),
        "kernelVersion": platform.release(),
        "osImage": _os_image(),
        "containerRuntimeVersion": "localprocess://0.1.0",
        "kubeletVersion": KUBELET_VERSION,
        "kubeProxyVersion": "",
        "operatingSystem": platform.system().lower(),
        "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
    }


def _first_line(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _os_image() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.platform()
