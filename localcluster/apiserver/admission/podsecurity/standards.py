"""Which checks make up a standard at a version, in the order in which Kubernetes tells their faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from localcluster.apiserver.admission.podsecurity import baseline, restricted
from localcluster.apiserver.admission.podsecurity.facts import Fault, Subject
from localcluster.apiserver.admission.podsecurity.policy import Standard
from localcluster.client import Object


@dataclass(frozen=True, slots=True)
class Check:
    """`since`: the first minor version that has it. `replaces`: the check of `baseline` it stands for."""

    look: Callable[[Subject], Fault | None]
    since: int = 0
    replaces: Callable[[Subject], Fault | None] | None = None


_BASELINE = (
    Check(baseline.apparmor), Check(baseline.capabilities), Check(baseline.host_namespaces), Check(baseline.host_paths),
    Check(baseline.host_ports), Check(baseline.host_probes, since=34), Check(baseline.privileged),
    Check(baseline.proc_mount), Check(baseline.selinux), Check(baseline.seccomp, since=19), Check(baseline.sysctls),
    Check(baseline.windows_host_process),
)  # fmt: skip
_RESTRICTED = (
    Check(restricted.privilege_escalation, since=8),
    Check(restricted.capabilities, since=22, replaces=baseline.capabilities),
    Check(baseline.any_proc_mount, since=35, replaces=baseline.proc_mount),
    Check(restricted.volumes, replaces=baseline.host_paths),
    Check(restricted.non_root),
    Check(restricted.run_as_user, since=23),
    Check(restricted.seccomp, since=19, replaces=baseline.seccomp),
)


def faults(standard: Standard, metadata: Object, spec: Object) -> list[Fault]:
    """What keeps a pod with this metadata and spec from meeting the standard."""
    subject = Subject(metadata, spec, standard.effective)
    return [fault for check in _checks(standard) if (fault := check.look(subject)) is not None]


def detail(found: list[Fault]) -> str:
    """All of it in one line."""
    return ", ".join(f"{fault.reason} ({fault.detail})" if fault.detail else fault.reason for fault in found)


def _checks(standard: Standard) -> Iterator[Check]:
    if standard.level == "privileged":
        return
    added = [check for check in _RESTRICTED if check.since <= standard.effective]
    if standard.level == "baseline":
        added = []
    replaced = [check.replaces for check in added]
    for check in _BASELINE:
        if check.since <= standard.effective and check.look not in replaced:
            yield check
    yield from added
