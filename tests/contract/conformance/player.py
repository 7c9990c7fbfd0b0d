"""Plays a scenario against a cluster: sends what was sent, watches what was watched, waits for what was waited for.

Wall time is replaced by milestones: before a step the objects under watch must stand where they stood in the
recording. What no watch shows is waited for as long as the recording waited.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
from yarl import URL

from tests.contract.conformance import preparing
from tests.contract.conformance.recording import Scenario, Step
from tests.contract.conformance.substituting import Substitutes
from tests.contract.conformance.target import Target
from tests.contract.conformance.waiting import Follower

_USER_AGENT = "python-urllib3/2"
_POLL_S = 0.05
_PATIENCE, _GRACE_S = 1.5, 4.0
_BLIND_S = 0.4
"""A pause of the recording shorter than this is only its own slowness."""
_MOMENT = re.compile(r"(time\(\)<)(\d+)")
_MADE_UP_POD = re.compile(r"/namespaces/([^/]+)/pods/([a-z0-9-]+-[0-9a-f]{8,10}-[a-z0-9]{5})(?=[:/?]|$)")


@dataclass(frozen=True)
class Answer:
    """What came back for one recorded request or watch."""

    row: dict[str, Any]
    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Played:
    """Everything a scenario brought: the answers in order, and the watch events by label."""

    answers: list[Answer] = field(default_factory=list)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


class Player:
    """One scenario against one cluster."""

    def __init__(self, scenario: Scenario, *, target: Target) -> None:
        self._scenario = scenario
        self._target = target
        self._played = Played()
        self._substitutes = Substitutes()
        self._recorded, self._followed = Follower(), Follower()
        self._taken: dict[str, int] = {}
        self._watches: dict[str, asyncio.Task[None]] = {}
        self._token = ""

    async def play(self) -> Played:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as self._session:
            await preparing.prepare(self._scenario, send=self._admin, target=self._target)
            before = 0.0
            for step in self._scenario.steps:
                await self._stand(step, pause=step.at - before)
                await self._take(step, pause=step.at - before)
                before = step.at
            end = Step(self._scenario.ended_at, {"type": "end"}, {k: len(v) for k, v in self._scenario.events.items()})
            await self._stand(end, pause=end.at - before)
            await asyncio.sleep(_BLIND_S)
            for watch in self._watches.values():
                watch.cancel()
            await asyncio.gather(*self._watches.values(), return_exceptions=True)
            if self._target.goes_on:
                await preparing.clear(self._scenario, send=self._admin)
        return self._played

    async def _take(self, step: Step, *, pause: float) -> None:
        row = step.row
        if step.kind == "request":
            answer = await self._request(row)
            if row["method"] == "GET" and pause > _BLIND_S:
                answer = await self._again_until_alike(row, answer, until=time.monotonic() + pause * _PATIENCE)
            self._played.answers.append(answer)
            self._substitutes.learn(row.get("response"), answer.body)
        elif step.kind == "watch-open":
            await self._open(row)
        elif step.kind == "watch-close" and row["label"] in self._watches:
            await asyncio.wait([self._watches[row["label"]]], timeout=pause * _PATIENCE + _GRACE_S)
        elif step.kind == "note":
            await preparing.milestone(str(row["text"]), target=self._target)

    async def _again_until_alike(self, row: dict[str, Any], answer: Answer, *, until: float) -> Answer:
        """A recorded look after a pause waited for something; look until it is there."""
        while answer.status != row["status"] and time.monotonic() < until:
            await asyncio.sleep(_BLIND_S)
            answer = await self._request(row)
        return answer

    async def _stand(self, step: Step, *, pause: float) -> None:
        """Wait until the objects under watch stand where they stood, at most somewhat longer than was recorded."""
        for label, count in step.seen.items():
            for event in self._scenario.events[label][self._taken.get(label, 0) : count]:
                self._recorded.take(label, event)
            self._taken[label] = count
        patient_until = time.monotonic() + pause * _PATIENCE + _GRACE_S
        expected = self._recorded.standing()
        by_the_clock = self._scenario.name in preparing.BY_THE_CLOCK and step.kind != "end"
        if by_the_clock or (pause > _BLIND_S and not self._watches):
            await asyncio.sleep(pause)
            return
        while self._watches and pause > _BLIND_S and time.monotonic() < patient_until:
            if self._followed.standing() == expected:
                break
            await asyncio.sleep(_POLL_S)

    async def _open(self, row: dict[str, Any]) -> None:
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        label = str(row["label"])
        self._played.events.setdefault(label, [])
        self._watches[label] = asyncio.create_task(self._watch(row, label=label, opened=opened))
        await asyncio.wait_for(opened, 30)

    async def _watch(self, row: dict[str, Any], *, label: str, opened: asyncio.Future[None]) -> None:
        url = URL(self._target.url + self._substitutes.path(row["path"]), encoded=True)
        headers = {"Accept": "application/json", "User-Agent": _USER_AGENT, **self._target.headers}
        try:
            async with self._session.get(url, headers=headers, ssl=self._target.admin) as response:
                streamed = response.status == 200
                body = None if streamed else await _body(response)
                self._played.answers.append(Answer(row, response.status, dict(response.headers), body))
                opened.set_result(None)
                rest = b""
                async for chunk in response.content.iter_any() if streamed else _nothing():
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in filter(None, lines):
                        event = json.loads(line)
                        self._played.events[label].append(event)
                        self._followed.take(label, event)
        except aiohttp.ClientError as error:
            if not opened.done():
                opened.set_exception(error)

    async def _request(self, row: dict[str, Any]) -> Answer:
        await self._find_made_up(row["path"])
        headers = {"User-Agent": _USER_AGENT, **(row.get("headers") or {"Content-Type": "application/json"})}
        body = _in_time(row, body=self._substitutes.into(row.get("body")))
        as_nobody = "Authorization" in headers or "system:anonymous" in json.dumps(row.get("response"))
        if "<redacted>" in headers.get("Authorization", "") or "<token>" in json.dumps(body):
            self._token = self._token or await self._viewers_token()
            headers = {key: value.replace("<redacted>", self._token) for key, value in headers.items()}
            body = json.loads(json.dumps(body).replace("<token>", self._token))
        context = self._target.nobody if as_nobody else self._target.admin
        if not as_nobody:
            headers |= self._target.headers
        return await self._send(row, body=body, headers=headers, context=context)

    async def _send(self, row: dict[str, Any], *, body: Any, headers: dict[str, str], context: Any) -> Answer:
        url = URL(self._target.url + self._substitutes.path(row["path"]), encoded=True)
        data = body if isinstance(body, str) else None if body is None else json.dumps(body)
        async with self._session.request(row["method"], url, data=data, headers=headers, ssl=context) as response:
            return Answer(row, response.status, dict(response.headers), await _body(response))

    async def _admin(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """A request that is no part of the recording."""
        row = {"method": method, "path": path}
        headers = {"User-Agent": _USER_AGENT, "Content-Type": "application/json", **self._target.headers}
        if method == "PATCH":
            headers["Content-Type"] = "application/apply-patch+yaml"
        answer = await self._send(row, body=body, headers=headers, context=self._target.admin)
        return answer.status, answer.body

    async def _viewers_token(self) -> str:
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        path = "/api/v1/namespaces/golden-auth/serviceaccounts/viewer/token"
        status, body = await self._admin("POST", path, request)
        return str(body["status"]["token"]) if status == 201 else f"no token: {status}"

    async def _find_made_up(self, path: str) -> None:
        """A path with a made-up pod's name that no answer told: take one of the same owner."""
        found = _MADE_UP_POD.search(path)
        if found is None or found[2] in self._substitutes.names:
            return
        owner = found[2].rsplit("-", 2)[0]
        _, pods = await self._admin("GET", f"/api/v1/namespaces/{found[1]}/pods")
        taken = set(self._substitutes.names.values())
        for pod in pods.get("items", []):
            name = str(pod["metadata"]["name"])
            if name.startswith(f"{owner}-") and name not in taken:
                self._substitutes.names[found[2]] = name
                return


def _in_time(row: dict[str, Any], *, body: Any) -> Any:
    """A load that ends at a moment of the recording ends as long after its start here."""
    text = json.dumps(body)
    if not isinstance(body, dict) or not _MOMENT.search(text):
        return body
    created = datetime.fromisoformat(row["response"]["metadata"]["creationTimestamp"]).timestamp()
    later = round(time.time() - created)
    return json.loads(_MOMENT.sub(lambda match: f"{match[1]}{int(match[2]) + later}", text))


async def _body(response: aiohttp.ClientResponse) -> Any:
    raw = await response.text()
    return json.loads(raw) if response.content_type == "application/json" and raw else raw


async def _nothing() -> AsyncIterator[bytes]:
    for chunk in tuple[bytes, ...]():
        yield chunk
