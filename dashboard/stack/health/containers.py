"""What is wrong with one container, read off its state, its last end and the Events of its pod. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.stack.health.cause import Cause, caused
from dashboard.stack.health.events import EventRow
from dashboard.stack.health.fields import Object, count, mapping, mappings, text

IMAGE_REASONS = frozenset({
    "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError",
    "RegistryUnavailable",
})  # fmt: skip

_IMAGE_TROUBLES = (
    (r"no such host|dial tcp|connection refused|i/o timeout|TLS handshake", "its registry cannot be reached",
     "Check the registry's name and the nodes' way to it"),
    (r"unauthorized|denied|authentication required|no basic auth|403 Forbidden|401", "the registry refuses to give it",
     "Check the name, or add imagePullSecrets"),
    (r"manifest unknown|not found|does not exist", "the registry has no such image or tag",
     "Correct the image's name or tag, or push it"),
    (r"no match for platform", "it is not built for this node's architecture", "Build it for the nodes' architecture"),
    (r"toomanyrequests|rate limit|429", "the registry limits how often it may be pulled",
     "Wait, or pull with a credential"),
)  # fmt: skip
_MISSING = re.compile(r'^(configmap|secret) "([^"]+)" not found$')
_MISSING_KEY = re.compile(r"^couldn't find key (\S+) in (ConfigMap|Secret) (\S+)$")
_EXITS = {
    126: "its command cannot be executed", 127: "its command is not found", 128: "it could not be started",
    134: "it aborted", 137: "it was killed", 139: "it used memory that is not its own", 143: "it was told to stop",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod: its status, its part of the spec, and the Events of the pod, newest first."""

    pod: str
    status: Object
    spec: Object
    events: Sequence[EventRow]

    @property
    def name(self) -> str:
        """As the pod names it."""
        return text(self.status, "name")

    @property
    def subject(self) -> str:
        """How a sentence begins."""
        return f"Container {self.name} of pod {self.pod}"

    @property
    def waiting(self) -> Object:
        """Why it waits, or an empty mapping."""
        return mapping(self.status, "state", "waiting")

    @property
    def last_end(self) -> Object:
        """How it ended last."""
        return mapping(self.status, "state", "terminated") or mapping(self.status, "lastState", "terminated")

    @property
    def image(self) -> str:
        """As the pod asks for it."""
        return text(self.spec, "image") or text(self.status, "image")

    def caused(self, kind: str, what: str, advice: str) -> Cause:
        """A cause that is this container's."""
        return caused(kind, f"{self.subject} {what}", advice, pod=self.pod, container=self.name)


def of_pod(pod: Object, events: Sequence[EventRow]) -> list[Container]:
    """All that have a status, init containers first."""
    specs = {
        text(each, "name"): each for kind in ("initContainers", "containers") for each in mappings(pod, "spec", kind)
    }
    return [
        Container(text(pod, "metadata", "name"), status, specs.get(text(status, "name"), {}), events)
        for kind in ("initContainerStatuses", "containerStatuses")
        for status in mappings(pod, "status", kind)
    ]


def cause_of(container: Container) -> Cause | None:
    """What is wrong with it, or None. A container that is ready now has no cause, whatever was before."""
    if container.status.get("ready") is True:
        return None
    return next((found for read in _READERS if (found := read(container))), None)


def _image(container: Container) -> Cause | None:
    reason = text(container.waiting, "reason")
    if reason not in IMAGE_REASONS:
        return None
    if reason == "InvalidImageName":
        return container.caused("image", f"has no valid image name: {container.image}", "Correct the image's name")
    if reason == "ErrImageNeverPull":
        why, advice = "it is not on the node, and imagePullPolicy is Never", "Load it onto the node or allow pulling"
        return container.caused("image", f"cannot get its image {container.image}: {why}", advice)
    pulls = (each.message for each in container.events if each.message.startswith("Failed to pull image"))
    told = text(container.waiting, "message") or next(pulls, reason)
    for pattern, why, advice in _IMAGE_TROUBLES:
        if re.search(pattern, told):
            return container.caused("image", f"cannot get its image {container.image}: {why}", advice)
    last = re.split(r'": (?=[^"]*$)', told)[-1]
    return container.caused("image", f"cannot get its image {container.image}: {last}", "Check its name and tag")


def _configuration(container: Container) -> Cause | None:
    if text(container.waiting, "reason") != "CreateContainerConfigError":
        return None
    told = text(container.waiting, "message")
    missing, key = _MISSING.match(told), _MISSING_KEY.match(told)
    if missing:
        kind = {"configmap": "ConfigMap", "secret": "Secret"}[missing[1]]
        what, advice = f"needs {kind} {missing[2]}, which is not there", f"Create the {kind}, or correct its name"
    elif key:
        what = f"needs the key {key[1]} of {key[2]} {key[3]}, which that does not hold"
        advice = f"Add the key to the {key[2]}, or correct its name"
    elif "runAsNonRoot" in told:
        what = f"may not run as root (runAsNonRoot), and its image {container.image} would"
        advice = "Set runAsUser to a number other than 0, or use an image with a user of its own"
    else:
        what, advice = f"cannot be configured: {told}", "Correct the pod template"
    return container.caused("config", what, advice)


def _out_of_memory(container: Container) -> Cause | None:
    if text(container.last_end, "reason") != "OOMKilled":
        return None
    limit = mapping(container.spec, "resources", "limits").get("memory")
    bound = f"it needed more than its limit of {limit}" if limit else "it has no limit of its own, so its node ran out"
    again = _restarts(container)
    return container.caused(
        "oom",
        f"is killed for lack of memory (OOMKilled): {bound}{again}",
        "Raise its memory limit, or find out what it holds",
    )


def _start(container: Container) -> Cause | None:
    reasons = {text(container.waiting, "reason"), text(container.last_end, "reason")}
    if not reasons & {"RunContainerError", "CreateContainerError", "StartError", "ContainerCannotRun"}:
        return None
    told = text(container.last_end, "message") or text(container.waiting, "message")
    command = re.search(r'exec: "([^"]+)"', told)
    if command:
        what, advice = f"cannot start: there is no {command[1]} in {container.image}", "Correct its command"
        return container.caused("start", what, advice)
    return container.caused("start", f"cannot start: {told}", "Correct its command, mounts or security context")


def _check_failing(container: Container) -> Cause | None:
    code = count(container.last_end, "exitCode")
    for kind in ("Liveness", "Startup"):
        told = next((each for each in container.events if each.message.startswith(f"{kind} probe failed")), None)
        if told and code in (0, 137, 143) and count(container.status, "restartCount"):
            return container.caused(
                "liveness" if kind == "Liveness" else "startup",
                f"is restarted because its {kind.lower()} check fails{probe_words(told)}{_restarts(container)}",
                "See in its log why it does not answer, or give it more time",
            )
    return None


def probe_words(event: EventRow) -> str:
    """What a probe that failed has said, as the end of a sentence; a command may fail without a word."""
    said = event.message.partition(":")[2].strip()
    return f": {said}" if said else ""


def _crash(container: Container) -> Cause | None:
    loops = text(container.waiting, "reason") == "CrashLoopBackOff" or count(container.status, "restartCount") > 1
    if not container.last_end or not loops:
        return None
    what = f"crashes again and again: it ends with {_end(container)}{_restarts(container)}"
    return container.caused("crash_loop", what, "Read the log of the instance before")


def _exit(container: Container) -> Cause | None:
    if not count(container.last_end, "exitCode"):
        return None
    return container.caused("exit", f"ended with {_end(container)}", "Read the log of that instance")


def _end(container: Container) -> str:
    code = count(container.last_end, "exitCode")
    meaning = f" ({_EXITS[code]})" if code in _EXITS else ""
    words = text(container.last_end, "message")
    return f"exit code {code}{meaning}{f', saying: {words[:200]}' if words else ''}"


def _restarts(container: Container) -> str:
    number = count(container.status, "restartCount")
    return f" ({number} {'restart' if number == 1 else 'restarts'})" if number else ""


_READERS: tuple[Callable[[Container], Cause | None], ...] = (
    _image, _configuration, _out_of_memory, _start, _check_failing, _crash, _exit,
)  # fmt: skip
