"""Play the recording of tokens, reviews, refusals and impersonation; whole bodies are compared, not only outcomes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

NAMESPACE = "golden-auth"
_REDACTED = "<redacted>"
_VENDORS_URLS = ["/.well-known", "/.well-known/*"]
"""A rule that only the recorded cluster's build has."""

_MADE_ANEW = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|eyJ[\w-]+\.[\w-]+\.[\w-]+|<token>"
)


@pytest.fixture
async def token(cluster: tuple[aiohttp.ClientSession, str]) -> str:
    """The namespace and its account are there before the recording begins, as its reader needs a token."""
    session, url = cluster
    await session.post(f"{url}/api/v1/namespaces", json={"metadata": {"name": NAMESPACE}})
    accounts = f"{url}/api/v1/namespaces/{NAMESPACE}/serviceaccounts"
    await session.post(accounts, json={"metadata": {"name": "viewer"}})
    async with session.post(f"{accounts}/viewer/token", json={}) as answer:
        return str((await answer.json())["status"]["token"])


async def test_access_is_answered_as_recorded(
    recordings: Path, cluster: tuple[aiohttp.ClientSession, str], stranger: aiohttp.ClientSession, token: str
) -> None:
    session, url = cluster
    rows = [json.loads(line) for line in (recordings / "auth.jsonl").read_text().splitlines()]
    requests = [row for row in rows if row["type"] == "request" and not row["path"].endswith("/serviceaccounts")]
    anonymous = next(row for row in requests if "system:anonymous" in json.dumps(row["response"]))
    differences = []
    for row in requests:
        headers = {**row.get("headers", {}), "User-Agent": "python-urllib3/2"}
        known = row is not anonymous and "Authorization" not in headers
        if headers.get("Authorization", "").endswith(_REDACTED):
            headers["Authorization"] = f"Bearer {token}"
        body = None if row.get("body") is None else json.dumps(row["body"]).replace("<token>", token)
        sent = {**headers, "Content-Type": "application/json"} if body else headers
        sender = session if known else stranger
        async with sender.request(row["method"], url + row["path"], data=body, headers=sent) as answer:
            received = answer.status, _comparable(await answer.json())
        expected = row["status"], _comparable(row["response"])
        if received != expected:
            differences.append(f"{row['method']} {row['path']}\n    recorded {expected}\n    received {received}")
    assert not differences, "\n".join(differences)
    assert len(requests) == 25


def _comparable(body: dict[str, Any]) -> dict[str, Any]:
    """The body without what every cluster makes anew; rules in an order of our own, since theirs is by chance."""
    cleaned: dict[str, Any] = json.loads(_MADE_ANEW.sub("<anew>", json.dumps(body)))
    cleaned["metadata"].pop("resourceVersion", None)
    status = cleaned.get("status")
    if isinstance(status, dict) and "nonResourceRules" in status:
        own = [rule for rule in status["nonResourceRules"] if rule["nonResourceURLs"] != _VENDORS_URLS]
        status["nonResourceRules"] = sorted(own, key=json.dumps)
        status["resourceRules"] = sorted(status["resourceRules"], key=json.dumps)
    return cleaned
