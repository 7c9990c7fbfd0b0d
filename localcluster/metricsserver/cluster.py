"""Asks the API and the nodes: which nodes and pods there are, what a node measured. No arithmetic."""

from __future__ import annotations

import ssl
from typing import Any

import aiohttp

from localcluster.metricsserver.settings import Settings

KUBELET_PORT = 10250
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
"""A scrape must be over before the next is due."""


class ClusterError(Exception):
    """The API or a node did not answer as it should; the text says who and what."""


class Cluster:
    """The API server and its nodes, with the pod's own service account."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._session = session
        self._api_tls = ssl.create_default_context(cafile=str(settings.ca_file))
        self._node_tls: ssl.SSLContext | bool = False if settings.insecure_kubelet else self._api_tls

    async def nodes(self, *, label_selector: str = "") -> list[dict[str, Any]]:
        """Nodes the selector matches; all without one."""
        return await self._items("/api/v1/nodes", label_selector)

    async def pods(self, namespace: str, *, label_selector: str) -> list[dict[str, Any]]:
        """Pods of a namespace, or of all with ""."""
        path = f"/api/v1/namespaces/{namespace}/pods" if namespace else "/api/v1/pods"
        return await self._items(path, label_selector)

    async def scrape(self, node: dict[str, Any]) -> str:
        """The node's /metrics/resource as text."""
        address, port = self._address(node)
        url = f"https://{address}:{port}/metrics/resource"
        return str(await self._get(url, tls=self._node_tls, as_json=False, params={}))

    def _address(self, node: dict[str, Any]) -> tuple[str, int]:
        status = node.get("status", {})
        known = {one["type"]: one["address"] for one in status.get("addresses") or []}
        address = next((known[one] for one in self._settings.address_types if one in known), None)
        if address is None:
            raise ClusterError(f"node {node['metadata']['name']} has no address of a preferred type")
        port = KUBELET_PORT
        if self._settings.use_node_status_port:
            port = status.get("daemonEndpoints", {}).get("kubeletEndpoint", {}).get("Port") or KUBELET_PORT
        return address, port

    async def _items(self, path: str, label_selector: str) -> list[dict[str, Any]]:
        params = {"labelSelector": label_selector} if label_selector else {}
        document = await self._get(self._settings.api_url + path, tls=self._api_tls, as_json=True, params=params)
        items: list[dict[str, Any]] = document["items"]
        return items

    async def _get(self, url: str, *, tls: ssl.SSLContext | bool, as_json: bool, params: dict[str, str]) -> Any:
        headers = {"Authorization": f"Bearer {self._settings.token_file.read_text().strip()}"}
        try:
            async with self._session.get(url, headers=headers, ssl=tls, params=params, timeout=TIMEOUT) as answer:
                if answer.status != 200:
                    raise ClusterError(f"GET {url} answered {answer.status}")
                return await answer.json() if as_json else await answer.text()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ClusterError(f"GET {url} failed: {error or type(error).__name__}") from error
