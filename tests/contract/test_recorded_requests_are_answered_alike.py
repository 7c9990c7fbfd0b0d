"""Play the requests of a recording of a real cluster and compare status, reason and message.

What differs by nature (uids, versions, times, tokens) is learnt from the answers, put into later requests, and
masked in messages. Run with `-s` to see every difference and the share that is equal.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CURRENT = re.compile(r"(current: )\d+")
_NAMESPACE = re.compile(r"/namespaces/(golden-[a-z]+)")
_LEARNT = ("uid", "resourceVersion", "continue")
_VENDOR = ("failed to create typed patch object",)
"""Messages of answers in which the recorded cluster's own build shows (see the recordings' README)."""

FLOORS = {"objects": 1.0, "list-watch": 1.0}
"""The share reached; it may only rise."""


@dataclass
class Player:
    """Sends recorded requests with what was learnt from earlier answers."""

    session: aiohttp.ClientSession
    url: str
    _known: dict[str, str] = field(default_factory=dict)

    async def play(self, row: dict[str, Any]) -> tuple[int, Any]:
        body = row["body"]
        data = body if isinstance(body, str) else None if body is None else json.dumps(self._translated(body))
        url = URL(self.url + self._translated_path(row["path"]), encoded=True)
        headers = {**row["headers"], "User-Agent": "python-urllib3/2"}
        async with self.session.request(row["method"], url, data=data, headers=headers) as answer:
            raw = await answer.text()
            received = json.loads(raw) if answer.content_type == "application/json" else raw
            self._learn(row["response"], received)
            return answer.status, received

    def _learn(self, recorded: Any, received: Any) -> None:
        if isinstance(recorded, dict) and isinstance(received, dict):
            for key in recorded.keys() & received.keys():
                if key in _LEARNT and isinstance(recorded[key], str):
                    self._known[recorded[key]] = str(received[key])
                else:
                    self._learn(recorded[key], received[key])
        elif isinstance(recorded, list) and isinstance(received, list):
            for one, other in zip(recorded, received, strict=False):
                self._learn(one, other)

    def _translated(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: self._known.get(item, item) if key in _LEARNT and isinstance(item, str) else self._translated(item)
                for key, item in value.items()
            }
        return [self._translated(item) for item in value] if isinstance(value, list) else value

    def _translated_path(self, path: str) -> str:
        def known(match: re.Match[str]) -> str:
            return match[1] + quote(self._known.get(match[2], match[2]))

        return re.sub(r"((?:resourceVersion|continue)=)([^&]+)", known, path)


def _outcome(status: int, body: Any) -> tuple[int, str, str]:
    if not isinstance(body, dict) or body.get("kind") != "Status":
        return status, "", ""
    message = _CURRENT.sub(r"\1<current>", _UID.sub("<uid>", body.get("message", "")))
    return status, body.get("reason", ""), message


def _is_vendors(row: dict[str, Any]) -> bool:
    response = row["response"]
    return isinstance(response, dict) and str(response.get("message", "")).startswith(_VENDOR)


@pytest.mark.parametrize("scenario", FLOORS)
async def test_recorded_requests_are_answered_alike(
    scenario: str, recordings: Path, cluster: tuple[aiohttp.ClientSession, str]
) -> None:
    """The same request gets the same status code, reason and message as a real cluster gave."""
    session, url = cluster
    rows = [json.loads(line) for line in (recordings / f"{scenario}.jsonl").read_text().splitlines()]
    requests = [row for row in rows if row["type"] == "request" and not _is_vendors(row)]
    names = {match[1] for row in requests for match in [_NAMESPACE.search(row["path"])] if match}
    for name in sorted(names):
        await session.post(f"{url}/api/v1/namespaces", json={"metadata": {"name": name}})
    player, differences = Player(session, url), []
    for row in requests:
        expected = _outcome(row["status"], row["response"])
        status, body = await player.play(row)
        received = _outcome(status, body)
        if received != expected:
            differences.append(f"{row['method']} {row['path']}\n    recorded {expected}\n    received {received}")
    share = 1 - len(differences) / len(requests)
    print(f"\n{scenario}: {len(requests) - len(differences)} of {len(requests)} alike ({share:.1%})")
    print("\n".join(differences))
    assert share >= FLOORS[scenario], f"{scenario}: only {share:.1%} alike\n" + "\n".join(differences)
