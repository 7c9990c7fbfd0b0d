"""`baseline` and `restricted` by namespace label: what is refused, warned of and noted, in Kubernetes' words."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from localcluster.apiserver.admission.plugins import admit
from localcluster.apiserver.admission.podsecurity.policy import NEWEST, Standard, policy_of
from localcluster.apiserver.admission.podsecurity.standards import detail, faults
from localcluster.apiserver.admission.remarks import Remarks
from localcluster.errors import ApiError
from localcluster.resources import DEPLOYMENTS, NAMESPACES, PODS

PREFIX = "pod-security.kubernetes.io/"
MANIFESTS = Path(__file__).parents[3] / "manifests"
HARDENED = {
    "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}  # fmt: skip
PLAIN = (
    'allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), '
    'unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), '
    'runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), '
    'seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or '
    '"Localhost")'
)


def spec(context: Any = None, *, pod: Any = None, container: Any = None, **more: Any) -> dict[str, Any]:
    main = {"name": "main", "image": "a", **({"securityContext": context} if context else {}), **(container or {})}
    return {"containers": [main], **({"securityContext": pod} if pod else {}), **more}


def told(level: str, body: dict[str, Any], *, minor: int | None = None, annotations: Any = None) -> str:
    return detail(faults(Standard(level, minor), {"annotations": annotations or {}}, body))


def test_a_plain_pod_is_baseline_and_not_restricted() -> None:
    assert told("privileged", spec({"privileged": True})) == ""
    assert told("baseline", spec()) == ""
    assert told("restricted", spec()) == PLAIN
    assert told("restricted", spec(HARDENED)) == ""


def test_several_containers_are_told_in_one_sentence() -> None:
    body = spec({"privileged": True}, initContainers=[{"name": "first", "securityContext": {"privileged": True}}])
    assert (
        told("baseline", body) == 'privileged (containers "first", "main" must not set securityContext.privileged=true)'
    )


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (spec(hostNetwork=True, hostPID=True), "host namespaces (hostNetwork=true, hostPID=true)"),
        (spec(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), 'hostPath volumes (volume "v")'),
        (spec(container={"ports": [{"hostPort": 80}, {"hostPort": 443}]}),
         'hostPort (container "main" uses hostPorts 443, 80)'),
        (spec(container={"livenessProbe": {"httpGet": {"host": "10.0.0.1"}}}),
         'probe or lifecycle host (container "main" uses probe or lifecycle host "10.0.0.1")'),
        (spec({"capabilities": {"add": ["SYS_ADMIN", "NET_RAW", "CHOWN"]}}),
         ('non-default capabilities (container "main" must not include "NET_RAW", "SYS_ADMIN" in '
         "securityContext.capabilities.add)")),
        (spec({"procMount": "Unmasked"}),
         'procMount (container "main" must not set securityContext.procMount to "Unmasked")'),
        (spec({"seLinuxOptions": {"type": "spc_t", "user": "u"}}, pod={"seLinuxOptions": {"role": "r"}}),
         ('seLinuxOptions (pod and container "main" set forbidden securityContext.seLinuxOptions: type "spc_t"; '
         "user may not be set; role may not be set)")),
        (spec(pod={"seccompProfile": {"type": "Unconfined"}}),
         'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")'),
        (spec(pod={"sysctls": [{"name": "kernel.msgmax", "value": "1"}, {"name": "net.ipv4.tcp_rmem", "value": "1"}]}),
         "forbidden sysctls (kernel.msgmax)"),
        (spec(pod={"appArmorProfile": {"type": "Unconfined"}}),
         'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")'),
        (spec({"windowsOptions": {"hostProcess": True}}),
         'hostProcess (container "main" must not set securityContext.windowsOptions.hostProcess=true)'),
    ],
)  # fmt: skip
def test_baseline_refuses_known_ways_out(body: dict[str, Any], sentence: str) -> None:
    assert told("baseline", body) == sentence


@pytest.mark.parametrize(
    ("context", "pod", "sentence"),
    [
        ({"runAsNonRoot": False}, {"runAsNonRoot": False},
         'runAsNonRoot != true (pod and container "main" must not set securityContext.runAsNonRoot=false)'),
        ({"runAsUser": 0}, None, 'runAsUser=0 (container "main" must not set runAsUser=0)'),
        ({"capabilities": {"drop": ["ALL"], "add": ["CHOWN", "NET_BIND_SERVICE"]}}, None,
         'unrestricted capabilities (container "main" must not include "CHOWN" in securityContext.capabilities.add)'),
        ({"seccompProfile": {"type": "Unconfined"}}, None,
         'seccompProfile (container "main" must not set securityContext.seccompProfile.type to "Unconfined")'),
    ],
)  # fmt: skip
def test_restricted_asks_for_more(context: Any, pod: Any, sentence: str) -> None:
    assert told("restricted", spec({**HARDENED, **context}, pod=pod)) == sentence


def test_restricted_knows_few_volumes() -> None:
    volumes = [{"name": "a", "emptyDir": {}}, {"name": "b", "nfs": {}}, {"name": "c", "hostPath": {}}]
    assert told("restricted", spec(HARDENED, volumes=volumes)) == (
        'restricted volume types (volumes "b", "c" use restricted volume types "hostPath", "nfs")'
    )


def test_older_versions_ask_what_they_asked() -> None:
    probing = spec(container={"readinessProbe": {"tcpSocket": {"host": "h"}}})
    assert told("baseline", probing, minor=33) == ""
    root = spec({**HARDENED, "runAsUser": 0, "runAsNonRoot": None}, hostUsers=False)
    assert "runAsUser=0" in told("restricted", root, minor=34)
    assert told("restricted", root) == told("restricted", root, minor=NEWEST + 5) == ""


def test_annotations_count_as_profiles() -> None:
    annotations = {"container.apparmor.security.beta.kubernetes.io/main": "unconfined"}
    key = next(iter(annotations))
    assert told("baseline", spec(), annotations=annotations) == (
        f'forbidden AppArmor profile (annotation must not set AppArmor profile type to "{key}="unconfined"")'
    )


def test_warnings_follow_what_is_enforced_unless_labels_say_more() -> None:
    policy, causes = policy_of({f"{PREFIX}enforce": "baseline", f"{PREFIX}enforce-version": "v1.30"})
    assert (str(policy.enforce), str(policy.warn), str(policy.audit), causes) == (
        "baseline:v1.30", "baseline:v1.30", "privileged:latest", []
    )  # fmt: skip
    policy, causes = policy_of({f"{PREFIX}enforce": "strict"})
    assert (str(policy.enforce), str(policy.warn)) == ("restricted:latest", "privileged:latest")
    (cause,) = causes
    assert cause["field"] == f"metadata.labels[{PREFIX}enforce]"
    assert cause["message"] == 'Invalid value: "strict": must be one of privileged, baseline, restricted'


def label(lister: Any, **modes: str) -> None:
    labels = {f"{PREFIX}{mode.replace('_', '-')}": level for mode, level in modes.items()}
    lister.add(NAMESPACES, {"metadata": {"name": "space", "labels": labels}, "status": {"phase": "Active"}})


def pod(name: str = "p", **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "space"}, "spec": {**spec(), **more}}


async def test_a_pod_is_refused_where_its_namespace_enforces(lister: Any) -> None:
    label(lister, enforce="restricted", enforce_version="v1.36")
    remarks = Remarks()
    with pytest.raises(ApiError) as refused:
        await admit("CREATE", PODS, pod(), None, lister, remarks=remarks)
    error = refused.value
    assert (error.code, error.reason, error.details) == (403, "Forbidden", {"name": "p", "kind": "pods"})
    assert error.message == f'pods "p" is forbidden: violates PodSecurity "restricted:v1.36": {PLAIN}'
    assert remarks.warnings == []
    assert remarks.annotations == {f"{PREFIX}enforce-policy": "restricted:v1.36"}


async def test_a_pod_is_let_in_with_a_warning_and_a_note(lister: Any) -> None:
    label(lister, audit="restricted", warn="restricted")
    remarks = Remarks()
    await admit("CREATE", PODS, pod(), None, lister, remarks=remarks)
    would = f'would violate PodSecurity "restricted:latest": {PLAIN}'
    assert remarks.warnings == [would]
    assert remarks.annotations == {f"{PREFIX}enforce-policy": "privileged:latest", f"{PREFIX}audit-violations": would}


async def test_a_template_is_never_refused_but_warned_of(lister: Any) -> None:
    label(lister, enforce="restricted")
    remarks = Remarks()
    deployment = {"metadata": {"name": "d", "namespace": "space"}, "spec": {"template": {"spec": spec()}}}
    await admit("CREATE", DEPLOYMENTS, deployment, None, lister, remarks=remarks)
    assert remarks.warnings == [f'would violate PodSecurity "restricted:latest": {PLAIN}']
    quiet = Remarks()
    await admit("UPDATE", DEPLOYMENTS, deployment, deployment, lister, subresource="status", remarks=quiet)
    assert quiet.warnings == []


async def test_a_running_pod_is_judged_again_only_with_another_image(lister: Any) -> None:
    label(lister, enforce="restricted")
    before = pod()
    labelled, updated = copy.deepcopy(before), copy.deepcopy(before)
    labelled["metadata"]["labels"] = {"a": "b"}
    updated["spec"]["containers"][0]["image"] = "b"
    await admit("UPDATE", PODS, labelled, before, lister)
    with pytest.raises(ApiError, match="violates PodSecurity"):
        await admit("UPDATE", PODS, updated, before, lister)


async def test_senseless_labels_are_invalid_and_stricter_ones_tell_who_would_be_refused(lister: Any) -> None:
    bad = {"metadata": {"name": "space", "labels": {f"{PREFIX}warn-version": "1.2"}}}
    with pytest.raises(ApiError) as refused:
        await admit("CREATE", NAMESPACES, bad, None, lister)
    assert refused.value.message == (
        f'Namespace "space" is invalid: metadata.labels[{PREFIX}warn-version]: Invalid value: "1.2": '
        'must be "latest" or "v1.x"'
    )
    for name in ("b", "a"):
        lister.add(PODS, pod(name))
    lister.add(PODS, {"metadata": {"name": "good", "namespace": "space"}, "spec": spec(HARDENED)})
    before = {"metadata": {"name": "space"}}
    after = {"metadata": {"name": "space", "labels": {f"{PREFIX}enforce": "restricted"}}}
    remarks = Remarks()
    await admit("UPDATE", NAMESPACES, after, before, lister, remarks=remarks)
    assert remarks.warnings == [
        'existing pods in namespace "space" violate the new PodSecurity enforce level "restricted:latest"',
        (
            "a (and 1 other pod): allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, "
            "seccompProfile"
        ),
    ]
    relaxed = Remarks()
    await admit("UPDATE", NAMESPACES, before, after, lister, remarks=relaxed)
    assert relaxed.warnings == []


@pytest.mark.parametrize("bundle", ["flask", "mongodb", "load"])
def test_our_own_bundles_are_restricted(bundle: str) -> None:
    documents = [each for path in (MANIFESTS / bundle).rglob("*.yaml") for each in yaml.safe_load_all(path.read_text())]
    templates = [each["spec"]["template"] for each in documents if each and "template" in (each.get("spec") or {})]
    assert templates
    for template in templates:
        found = faults(Standard("restricted"), template.get("metadata") or {}, template["spec"])
        assert not found, f"{bundle}: {detail(found)}"
