"""The raw way to the API server: one `Request` out, bytes back, over the official client's transport.

That keeps its TLS, proxies, exec plugins and token refresh, without its typed models, its retries, its following of
redirects and its re-encoding of bodies. It knows nothing of resources: paths come from `resources`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
import urllib3
from kubernetes.client import ApiClient
from urllib3.exceptions import ProtocolError
from urllib3.exceptions import TimeoutError as TooSlow

from dashboard.kube import proxying, requests
from dashboard.kube.config import Cluster, without_credential
from dashboard.kube.credential import Credential, changes, nobody_asks, taken_no_more, whose
from dashboard.kube.errors import ApiError, Garbled, Unauthorized, Unreachable, from_response
from dashboard.kube.requests import FIELD_MANAGER, Query, Request
from dashboard.kube.streams import TRANSPORT_ERRORS, Stream

Timeout = tuple[float, float]
USUAL: Timeout = (5.0, 30.0)  # seconds to connect, seconds of silence
LISTING: Timeout = (5.0, 60.0)


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer; header names are looked up in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded body; `Garbled` when it is not JSON."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise Garbled(f"the answer is not JSON: {error}") from error


class _ListMeta(msgspec.Struct):
    token: str | None = msgspec.field(name="continue", default=None)


class _Page(msgspec.Struct):
    metadata: _ListMeta = msgspec.field(default_factory=_ListMeta)


_PAGE = msgspec.json.Decoder(_Page)


class KubeClient:
    """One cluster, and our own credential for it unless a person is named (credential.py). Thread-safe.

    `only_reads`: our own account changes nothing, whatever it may; without a person such a request is not even sent.
    Every verb raises a `dashboard.kube.errors.ApiError`.
    """

    def __init__(self, cluster: Cluster, *, only_reads: bool = False) -> None:
        self.cluster = cluster
        self.only_reads = only_reads
        self._api = _api_of(cluster.load())
        self._persons: Any = None
        """The transport without our credential; a client certificate would win over a person's token."""

    def reload(self) -> None:
        """Load the configuration anew: a token file or a client certificate may have changed (after a 401)."""
        self._api = _api_of(self.cluster.load())
        self._persons = None

    def close(self) -> None:
        """Let idle connections go."""
        self._api.close()
        if self._persons is not None:
            self._persons.close()

    # Sending

    def open(self, request: Request, *, timeout: Timeout = USUAL) -> Stream:
        """Send, and return the answer as soon as its head is there, whatever its status."""
        person = self._whose(request)
        headers = {"Accept": "application/json", **request.headers}
        if person is not None:
            headers["Authorization"] = person.header()
        api = self._api if person is None else self._for_persons()
        _, url, headers, _, _ = api.param_serialize(
            request.method, request.target, header_params=headers,
            auth_settings=["BearerToken"] if person is None else [],
        )  # fmt: skip
        return Stream(self._send(api, request, url, headers, timeout), name=f"{request.method} {request.path}")

    def send(self, request: Request, *, timeout: Timeout = USUAL) -> Response:
        """Send, and return the whole answer; a status of 400 or more is raised."""
        with self.open(request, timeout=timeout) as stream:
            body = stream.read()
        if stream.status >= 400:
            raise _refusal(from_response(stream.status, stream.headers, body, path=request.path), request)
        return Response(stream.status, stream.headers, body)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Any = None,
        content_type: str | None = None,
        timeout: Timeout = USUAL,
    ) -> Response:
        """Any request: `body` is bytes, or anything JSON can tell. A status of 400 or more is raised."""
        if body is None:
            return self.send(Request(method, path, query or {}), timeout=timeout)
        request = requests.writing(
            method, path, body=_encoded(body), content_type=content_type or requests.JSON, query=query
        )
        return self.send(request, timeout=timeout)

    # Reading

    def get(self, path: str, *, query: Query | None = None, timeout: Timeout = USUAL) -> Any:
        """The decoded object at a path."""
        return self.send(Request("GET", path, query or {}), timeout=timeout).json()

    def list_pages(
        self, path: str, *, query: Query | None = None, limit: int = 500, timeout: Timeout = LISTING
    ) -> Iterator[bytes]:
        """The pages of one consistent list, undecoded. `Expired` midway means: begin again."""
        token = ""
        while True:
            body = self.send(requests.listing(path, query=query, limit=limit, token=token), timeout=timeout).body
            yield body
            try:
                token = _PAGE.decode(body).metadata.token or ""
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise Garbled(f"the list of {path} is not readable: {error}") from error
            if not token:
                return

    def list(self, path: str, *, query: Query | None = None, timeout: Timeout = LISTING) -> list[dict[str, Any]]:
        """All items of a collection, decoded; for small ones."""
        items: list[dict[str, Any]] = []
        for page in self.list_pages(path, query=query, timeout=timeout):
            items.extend(msgspec.json.decode(page).get("items") or [])
        return items

    def stream(self, path: str, *, query: Query | None = None, timeout: Timeout = (5.0, 70.0)) -> Stream:
        """An answer without an end, such as a watch or a followed log; `.lines()` iterates, `.close()` ends it."""
        request = Request("GET", path, query or {})
        stream = self.open(request, timeout=timeout)
        if stream.status >= 400:
            raise _refusal(from_response(stream.status, stream.headers, stream.read(), path=path), request)
        return stream

    # Writing

    def create(self, path: str, body: Any, *, field_manager: str = FIELD_MANAGER, dry_run: bool = False) -> Any:
        """POST to a collection; `AlreadyExists` when the name is taken."""
        query = requests.write_options(field_manager=field_manager, dry_run=dry_run)
        return self.request("POST", path, body=body, query=query).json()

    def apply(
        self, path: str, body: Any, *, field_manager: str = FIELD_MANAGER, force: bool = False, dry_run: bool = False
    ) -> Any:
        """Server-side apply at an object's path; `Conflict` when another manager owns a field, unless `force`."""
        query = requests.write_options(field_manager=field_manager, dry_run=dry_run, force=force)
        return self.request("PATCH", path, body=body, content_type=requests.APPLY, query=query).json()

    def patch(
        self, path: str, body: Any, *, content_type: str = requests.MERGE, field_manager: str = FIELD_MANAGER,
        dry_run: bool = False,
    ) -> Any:  # fmt: skip
        """A merge patch, or another by `content_type`."""
        query = requests.write_options(field_manager=field_manager, dry_run=dry_run)
        return self.request("PATCH", path, body=body, content_type=content_type, query=query).json()

    def delete(
        self, path: str, *, uid: str | None = None, propagation_policy: str = "Background",
        grace_period_seconds: int | None = None,
    ) -> Any:  # fmt: skip
        """Delete one object; with `uid` only that very one (`Conflict` otherwise)."""
        options = requests.deletion(
            uid=uid, propagation_policy=propagation_policy, grace_period_seconds=grace_period_seconds
        )
        return self.request("DELETE", path, body=options).json()

    # Through the API server to what runs in the cluster

    def proxy_service(
        self, namespace: str, service: str, port: str | int, path: str = "/", method: str = "GET",
        headers: Mapping[str, str] | None = None, body: bytes | None = None, *, timeout: Timeout = USUAL,
    ) -> proxying.ProxyAnswer:  # fmt: skip
        """One HTTP request to a Service; the answer whatever its status, its body unread.

        Only that the API server itself does not let us through is raised (`Forbidden`, `Unauthorized`).
        """
        request = proxying.to_service(
            namespace, service, port, path=path, method=method, headers=headers or {}, body=body
        )
        return self._through(request, timeout)

    def proxy_pod(
        self, namespace: str, pod: str, port: str | int, path: str = "/", method: str = "GET",
        headers: Mapping[str, str] | None = None, body: bytes | None = None, *, timeout: Timeout = USUAL,
    ) -> proxying.ProxyAnswer:  # fmt: skip
        """One HTTP request to a Pod; the same."""
        request = proxying.to_pod(namespace, pod, port, path=path, method=method, headers=headers or {}, body=body)
        return self._through(request, timeout)

    def _through(self, request: Request, timeout: Timeout) -> proxying.ProxyAnswer:
        try:
            return proxying.answer(self.open(request, timeout=timeout), path=request.path)
        except Unauthorized as error:
            raise _refusal(error, request) from error

    def _whose(self, request: Request) -> Credential | None:
        person = whose(request.method, request.path)
        if person is None and self.only_reads and changes(request.method, request.path):
            raise nobody_asks()
        return person

    def _for_persons(self) -> Any:
        if self._persons is None:
            self._persons = _api_of(without_credential(self.cluster.load()))
        return self._persons

    @staticmethod
    def _send(
        api: Any, request: Request, url: str, headers: Mapping[str, str], timeout: Timeout
    ) -> urllib3.BaseHTTPResponse:
        again = request.method == "GET"  # an idle connection may have been closed just before it was used
        while True:
            try:
                response: urllib3.BaseHTTPResponse = api.rest_client.pool_manager.urlopen(
                    request.method, url, body=request.body, headers=headers, retries=False, redirect=False,
                    timeout=urllib3.Timeout(connect=timeout[0], read=timeout[1]), preload_content=False,
                )  # fmt: skip
                return response
            except ProtocolError as error:
                if not again:
                    raise Unreachable(f"{request.method} {request.path}: {error}") from error
                again = False
            except TRANSPORT_ERRORS as error:
                raise Unreachable(_told(error, request, url)) from error


def _api_of(configuration: Any) -> Any:
    """The transport, under our name: the audit log is to say who asked."""
    api: Any = ApiClient(configuration)
    api.user_agent = FIELD_MANAGER
    return api


def _refusal(error: ApiError, request: Request) -> ApiError:
    """A token that the API server does not take is told to be the person's, not ours."""
    person = whose(request.method, request.path)
    if person is not None and isinstance(error, Unauthorized) and person.is_there:
        return taken_no_more(person)
    return error


def _told(error: Exception, request: Request, url: str) -> str:
    """The two failures that people meet in plain words, the others as they come."""
    server = urlsplit(url).netloc
    if isinstance(error.__cause__, ConnectionRefusedError):
        return f"{server} refuses connections: nothing runs there now."
    if isinstance(error, TooSlow):
        return f"{server} does not answer in time."
    return f"{request.method} {request.path}: {error}"


def _encoded(body: Any) -> bytes:
    return body if isinstance(body, bytes) else msgspec.json.encode(body)
