"""The `exec` and `attach` subresources of pods: who is meant, and a WebSocket between the client and the program."""

from __future__ import annotations

from aiohttp import web

from localcluster.apiserver.access.identity import Identity
from localcluster.apiserver.http.containerlogs import container_of
from localcluster.apiserver.http.paths import Target
from localcluster.apiserver.http.requests import Call
from localcluster.apiserver.node import Command, Kubelet
from localcluster.apiserver.registry import Registry
from localcluster.apiserver.remote import channels
from localcluster.apiserver.remote.sockets import check_upgrade, upgrade
from localcluster.errors import ApiError, bad_request
from localcluster.resources import PODS


class Commands:
    """`kubelet` is set once the node has started."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.kubelet: Kubelet | None = None

    async def handle(self, request: web.Request, target: Target, _who: Identity) -> web.StreamResponse:
        call = Call(request, PODS, target)
        pod = self._registry.get(PODS, target.name, namespace=target.namespace).object
        container = container_of(pod, request.query.get("container", ""))
        if not pod["spec"].get("nodeName") or self.kubelet is None:
            raise bad_request(f"pod {target.name} does not have a host assigned")
        if target.subresource == "exec" and not request.query.getall("command", []):
            raise bad_request("you must specify at least one command for the container")
        if not any(call.flag(end) for end in ("stdin", "stdout", "stderr")):
            raise bad_request("must specify at least 1 of stdin, stdout, stderr")
        check_upgrade(request, channels.PROTOCOLS)
        socket = await upgrade(request, channels.PROTOCOLS)
        try:
            command = await _opened(self.kubelet, call, container)
        except ApiError as refusal:
            await channels.fail(socket, refusal)
        else:
            await channels.serve(socket, command)
        return socket


async def _opened(kubelet: Kubelet, call: Call, container: str) -> Command:
    stdin, tty = call.flag("stdin"), call.flag("tty")
    if call.target.subresource == "attach":
        return await kubelet.attach(call.namespace, call.name, container, stdin=stdin)
    arguments = call.request.query.getall("command")
    return await kubelet.open_command(call.namespace, call.name, container, arguments, stdin=stdin, tty=tty)
