"""From a container's spec to the sandbox's orders: user, environment, arguments, mounts, limits.

Writes the container's own small files; must not start anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcluster import quantity
from localcluster.client import Object
from localcluster.node.environment import (
    ConfigError,
    Sources,
    api_server_variables,
    bind_to,
    container_environment,
    expand,
    service_variables,
)
from localcluster.node.etc import write_etc
from localcluster.node.images import Image
from localcluster.node.limits.protocol import Limits
from localcluster.node.runtime import Runtime
from localcluster.node.sandbox import Mount, Orders

_ALWAYS_READ_ONLY = ("configMap", "secret", "projected", "downwardAPI")


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a pod, or one container of it, lives: its own directory, the pod's address, the volumes' directories.

    `born`: when the pod came to this node, on the monotonic clock.
    """

    pod: Object
    directory: Path
    pod_ip: str
    volumes: dict[str, Path]
    born: float = 0.0

    @property
    def hostname(self) -> str:
        return str(self.pod["spec"].get("hostname") or self.pod["metadata"]["name"])[:63]

    @property
    def hostnames(self) -> tuple[str, ...]:
        """As the pod's own line in /etc/hosts names it."""
        subdomain = self.pod["spec"].get("subdomain")
        if not subdomain:
            return (self.hostname,)
        return f"{self.hostname}.{subdomain}.{self.pod['metadata']['namespace']}.svc.cluster.local", self.hostname


async def build(
    runtime: Runtime, setting: Setting, container: Object, image: Image, *, cgroups: tuple[str, ...]
) -> Orders:
    """Raises ConfigError where kubelet would tell CreateContainerConfigError."""
    pod, settings = setting.pod, runtime.settings
    security = _security(pod, container)
    user, group = _user(pod, container, security, image)
    namespace = pod["metadata"]["namespace"]
    sources = Sources(runtime.client, namespace)
    base = _base_environment(runtime, setting, image)
    environment = await container_environment(
        pod, container, sources, base=base, pod_ip=setting.pod_ip, host_ip=settings.address,
        allocatable=runtime.allocatable,
    )  # fmt: skip
    command = [expand(text, environment) for text in container.get("command") or ()]
    args = [expand(text, environment) for text in container.get("args") or ()]
    arguments = [bind_to(text, setting.pod_ip) for text in image.arguments(command, args)]
    if not arguments:
        raise ConfigError("no command specified")
    etc = setting.directory / "etc"
    write_etc(
        etc, hostname=setting.hostname, namespace=namespace, node_address=settings.address, user=user, group=group
    )
    aliases = [(one["ip"], tuple(one.get("hostnames") or ())) for one in pod["spec"].get("hostAliases") or ()]
    runtime.hosts.add(
        etc / "hosts", namespace=namespace, address=setting.pod_ip, hostnames=setting.hostnames, aliases=aliases
    )
    pod_security = pod["spec"].get("securityContext") or {}
    groups = {*pod_security.get("supplementalGroups", ()), pod_security.get("fsGroup", group)} - {group}
    return Orders(
        root=setting.directory / "root",
        arguments=arguments,
        environment=environment,
        hostname=setting.hostname,
        etc=etc,
        working_directory=container.get("workingDir") or image.working_directory,
        mounts=[*_volume_mounts(setting, container, environment), _termination_log(setting, container)],
        cgroups=cgroups,
        user=user,
        group=group,
        groups=sorted(groups),
        read_only_root=bool(security.get("readOnlyRootFilesystem")),
        no_new_privileges=security.get("allowPrivilegeEscalation") is False,
        drop_capabilities="ALL" in ((security.get("capabilities") or {}).get("drop") or ()),
        stdin=bool(container.get("stdin")),
    )


def limits_of(container: Object) -> Limits:
    """From `resources`; a request that is missing is the limit, as the API defaults it."""
    resources = container.get("resources") or {}
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    cpu, memory = limits.get("cpu"), limits.get("memory")
    request = requests.get("cpu", cpu)
    return Limits(
        cpu_request=None if request is None else float(quantity.parse(request)),
        cpu_limit=None if cpu is None else float(quantity.parse(cpu)),
        memory_limit=None if memory is None else int(quantity.parse(memory)),
    )


def termination_log(directory: Path) -> Path:
    """The file behind `terminationMessagePath`."""
    return directory / "termination-log"


def _security(pod: Object, container: Object) -> dict[str, Any]:
    """The container's own settings over the pod's."""
    return {**(pod["spec"].get("securityContext") or {}), **(container.get("securityContext") or {})}


def _user(pod: Object, container: Object, security: dict[str, Any], image: Image) -> tuple[int, int]:
    user = security.get("runAsUser", image.user)
    if security.get("runAsNonRoot") and user == 0:
        metadata = pod["metadata"]
        where = (
            f'(pod: "{metadata["name"]}_{metadata["namespace"]}({metadata["uid"]})", container: {container["name"]})'
        )
        if "runAsUser" in security:
            raise ConfigError(f"container's runAsUser breaks non-root policy {where}")
        raise ConfigError(f"container has runAsNonRoot and image will run as root {where}")
    # Without runAsGroup a runtime takes the user's primary group, which is 0 for users no image knows.
    return user, security.get("runAsGroup", image.user if user == image.user else 0)


def _base_environment(runtime: Runtime, setting: Setting, image: Image) -> dict[str, str]:
    base = {"PATH": image.path, "HOSTNAME": setting.hostname, "HOME": "/", **image.environment}
    if setting.pod["spec"].get("enableServiceLinks", True):
        base |= service_variables(runtime.services(setting.pod["metadata"]["namespace"]))
    return base | api_server_variables(*runtime.settings.api_server)


def _volume_mounts(setting: Setting, container: Object, environment: dict[str, str]) -> list[Mount]:
    kinds = {volume["name"]: volume for volume in setting.pod["spec"].get("volumes") or ()}
    mounts = []
    for mount in container.get("volumeMounts") or ():
        if mount["name"] not in setting.volumes:
            raise ConfigError(f'volume "{mount["name"]}" of container "{container["name"]}" is not in the pod')
        source = setting.volumes[mount["name"]]
        fixed = any(kind in kinds[mount["name"]] for kind in _ALWAYS_READ_ONLY)
        sub_path = mount.get("subPath") or expand(mount.get("subPathExpr", ""), environment)
        if sub_path:
            source = _sub_path(source, sub_path, may_make=not fixed)
        mounts.append(Mount(source, mount["mountPath"].rstrip("/") or "/", fixed or bool(mount.get("readOnly"))))
    return mounts


def _sub_path(volume: Path, sub_path: str, *, may_make: bool) -> Path:
    """The path inside the volume, links followed; one that leads out of it is refused."""
    path = (volume / sub_path).resolve()
    if not path.is_relative_to(volume.resolve()):
        raise ConfigError(f'failed to prepare subPath: "{sub_path}" leads out of its volume')
    if not path.exists():
        if not may_make:
            raise ConfigError(f'failed to prepare subPath: "{sub_path}" is not in its volume')
        path.mkdir(parents=True)
        path.chmod(0o777)
    return path


def _termination_log(setting: Setting, container: Object) -> Mount:
    path = termination_log(setting.directory)
    path.write_bytes(b"")
    path.chmod(0o666)
    return Mount(path, container.get("terminationMessagePath") or "/dev/termination-log")
