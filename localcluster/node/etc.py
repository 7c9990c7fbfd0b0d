"""The files of a container's /etc that depend on its pod: hosts, resolv.conf, hostname, users; pure text."""

from __future__ import annotations

from pathlib import Path

_NSSWITCH = "passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n"


def write_etc(directory: Path, *, hostname: str, namespace: str, node_address: str, user: int, group: int) -> None:
    """Writes all but `hosts`, which follows the Services and lies in the same directory."""
    directory.mkdir(parents=True, exist_ok=True)
    texts = {
        "hostname": f"{hostname}\n",
        # Names come from /etc/hosts alone: an unknown one fails at once instead of waiting for a name server.
        "nsswitch.conf": _NSSWITCH,
        "resolv.conf": resolv_conf(namespace, node_address),
        "passwd": _passwd(user, group),
        "group": _group(group),
    }
    for name, text in texts.items():
        (directory / name).write_text(text, encoding="utf-8")


def resolv_conf(namespace: str, node_address: str) -> str:
    """As kubelet writes it; nothing listens on the node's port 53, so a query is refused at once."""
    search = f"{namespace}.svc.cluster.local svc.cluster.local cluster.local"
    return f"search {search}\nnameserver {node_address}\noptions ndots:5 timeout:1 attempts:1\n"


def _passwd(user: int, group: int) -> str:
    lines = ["root:x:0:0:root:/root:/bin/sh", "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin"]
    if user not in {0, 65534}:
        lines.append(f"app:x:{user}:{group}:app:/tmp:/bin/sh")
    return "\n".join(lines) + "\n"


def _group(group: int) -> str:
    lines = ["root:x:0:", "nogroup:x:65534:"]
    if group not in {0, 65534}:
        lines.append(f"app:x:{group}:")
    return "\n".join(lines) + "\n"
