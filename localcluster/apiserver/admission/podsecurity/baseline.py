"""The checks of the standard `baseline`: no known way to more rights on the node. Each is pure."""

from __future__ import annotations

from localcluster.apiserver.admission.podsecurity.facts import (
    Fault,
    Subject,
    containers,
    distinct,
    plural,
    quoted,
    setters,
)
from localcluster.client import Object

_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    }
)  # fmt: skip
_PROFILES = ("RuntimeDefault", "Localhost")
_APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
_SYSCTLS = (
    (0, "kernel.shm_rmid_forced"), (0, "net.ipv4.ip_local_port_range"), (0, "net.ipv4.tcp_syncookies"),
    (0, "net.ipv4.ping_group_range"), (0, "net.ipv4.ip_unprivileged_port_start"),
    (27, "net.ipv4.ip_local_reserved_ports"), (29, "net.ipv4.tcp_keepalive_time"), (29, "net.ipv4.tcp_fin_timeout"),
    (29, "net.ipv4.tcp_keepalive_intvl"), (29, "net.ipv4.tcp_keepalive_probes"), (32, "net.ipv4.tcp_rmem"),
    (32, "net.ipv4.tcp_wmem"),
)  # fmt: skip
"""Safe ones, and the minor version since which they count as such."""

_SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t")
_ENGINE_SINCE = 31
_OWN_USERS_SINCE = 35


def apparmor(pod: Subject) -> Fault | None:
    def bad(context: Object) -> str:
        kind = (context.get("appArmorProfile") or {}).get("type")
        return kind if kind is not None and kind not in _PROFILES else ""

    names = pod.named(lambda _, context: bad(context))
    values = distinct(filter(None, [bad(pod.context), *(bad(context) for _, _, context in pod.containers())]))
    annotations = sorted(
        f'{key}="{value}"'
        for key, value in (pod.metadata.get("annotations") or {}).items()
        if key.startswith(_APPARMOR_ANNOTATION) and not value.startswith("localhost/")
        if value not in ("", "runtime/default")
    )
    who = setters(pod=bool(bad(pod.context)), names=names)
    who = " and ".join(filter(None, [who, plural("annotation", len(annotations)) if annotations else ""]))
    if not who:
        return None
    values += annotations
    reason = plural("forbidden AppArmor profile", len(values))
    return Fault(reason, f"{who} must not set AppArmor profile type to {quoted(values)}")


def capabilities(pod: Subject) -> Fault | None:
    added = {name: set(_added(context)) - _CAPABILITIES for name, _, context in pod.containers()}
    names = [name for name, wrong in added.items() if wrong]
    if not names:
        return None
    wrong = quoted(sorted(set().union(*added.values())))
    detail = f"{containers(names)} must not include {wrong} in securityContext.capabilities.add"
    return Fault("non-default capabilities", detail)


def host_namespaces(pod: Subject) -> Fault | None:
    used = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if pod.spec.get(field)]
    return Fault("host namespaces", ", ".join(used)) if used else None


def host_paths(pod: Subject) -> Fault | None:
    names = [volume["name"] for volume in pod.spec.get("volumes") or () if "hostPath" in volume]
    return Fault("hostPath volumes", f"{plural('volume', len(names))} {quoted(names)}") if names else None


def host_ports(pod: Subject) -> Fault | None:
    def ports(container: Object) -> list[int]:
        return [port["hostPort"] for port in container.get("ports") or () if port.get("hostPort")]

    names = pod.named(lambda container, _: ports(container))
    if not names:
        return None
    found = distinct(port for _, container, _ in pod.containers() for port in ports(container))
    use = "uses" if len(names) == 1 else "use"
    return Fault("hostPort", f"{containers(names)} {use} {plural('hostPort', len(found))} {', '.join(found)}")


def host_probes(pod: Subject) -> Fault | None:
    names = sorted(set(pod.named(lambda container, _: _hosts(container))))
    if not names:
        return None
    found = distinct(host for _, container, _ in pod.containers() for host in _hosts(container))
    use = "uses" if len(names) == 1 else "use"
    what = plural("probe or lifecycle host", len(found))
    return Fault("probe or lifecycle host", f"{containers(names)} {use} {what} {quoted(found)}")


def privileged(pod: Subject) -> Fault | None:
    names = pod.named(lambda _, context: context.get("privileged"))
    return Fault("privileged", f"{containers(names)} must not set securityContext.privileged=true") if names else None


def proc_mount(pod: Subject) -> Fault | None:
    if pod.own_users and pod.minor >= _OWN_USERS_SINCE:
        return None
    return any_proc_mount(pod)


def any_proc_mount(pod: Subject) -> Fault | None:
    """As `restricted` has it: also for pods with users of their own."""
    names = pod.named(lambda _, context: context.get("procMount", "Default") != "Default")
    if not names:
        return None
    kinds = {context.get("procMount", "Default") for _, _, context in pod.containers()} - {"Default"}
    return Fault("procMount", f"{containers(names)} must not set securityContext.procMount to {quoted(sorted(kinds))}")


def selinux(pod: Subject) -> Fault | None:
    allowed = (*_SELINUX_TYPES, "container_engine_t") if pod.minor >= _ENGINE_SINCE else _SELINUX_TYPES

    def options(context: Object) -> Object:
        return context.get("seLinuxOptions") or {}

    def bad(context: Object) -> bool:
        given = options(context)
        return given.get("type", "") not in allowed or bool(given.get("user") or given.get("role"))

    who = setters(pod=bad(pod.context), names=pod.named(lambda _, context: bad(context)))
    if not who:
        return None
    given = [options(context) for context in (pod.context, *(context for _, _, context in pod.containers()))]
    types = distinct(each["type"] for each in given if each.get("type", "") not in allowed)
    told = [f"{plural('type', len(types))} {quoted(types)}"] if types else []
    told += [f"{field} may not be set" for field in ("user", "role") if any(each.get(field) for each in given)]
    return Fault("seLinuxOptions", f"{who} set forbidden securityContext.seLinuxOptions: {'; '.join(told)}")


def seccomp(pod: Subject) -> Fault | None:
    """A profile that is set must be a confining one."""

    def bad(context: Object) -> str:
        profile = context.get("seccompProfile")
        return str(profile.get("type")) if profile and profile.get("type") not in _PROFILES else ""

    who = setters(pod=bool(bad(pod.context)), names=pod.named(lambda _, context: bad(context)))
    if not who:
        return None
    values = distinct(filter(None, [bad(pod.context), *(bad(context) for _, _, context in pod.containers())]))
    return Fault("seccompProfile", f"{who} must not set securityContext.seccompProfile.type to {quoted(values)}")


def sysctls(pod: Subject) -> Fault | None:
    allowed = {name for since, name in _SYSCTLS if since <= pod.minor}
    wrong = [each["name"] for each in pod.context.get("sysctls") or () if each.get("name") not in allowed]
    return Fault("forbidden sysctls", ", ".join(wrong)) if wrong else None


def windows_host_process(pod: Subject) -> Fault | None:
    def bad(context: Object) -> bool:
        return bool((context.get("windowsOptions") or {}).get("hostProcess"))

    who = setters(pod=bad(pod.context), names=pod.named(lambda _, context: bad(context)))
    return Fault("hostProcess", f"{who} must not set securityContext.windowsOptions.hostProcess=true") if who else None


def _added(context: Object) -> list[str]:
    return list((context.get("capabilities") or {}).get("add") or ())


def _hosts(container: Object) -> list[str]:
    lifecycle = container.get("lifecycle") or {}
    handlers = [container.get(f"{kind}Probe") for kind in ("liveness", "readiness", "startup")]
    handlers += [lifecycle.get("postStart"), lifecycle.get("preStop")]
    found = [(handler or {}).get(kind) or {} for handler in handlers for kind in ("httpGet", "tcpSocket")]
    return [action["host"] for action in found if action.get("host")]
