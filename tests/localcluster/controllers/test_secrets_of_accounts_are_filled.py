"""A Secret of type `kubernetes.io/service-account-token` gets its token, and goes with its account."""

from __future__ import annotations

import base64
from typing import Any

from localcluster.resources import SECRETS, SERVICE_ACCOUNTS

SECRET = {
    "metadata": {"name": "robot", "annotations": {"kubernetes.io/service-account.name": "robot"}},
    "type": "kubernetes.io/service-account-token",
}


def data_of(secret: Any) -> dict[str, str]:
    return {key: base64.b64decode(text).decode() for key, text in (secret.get("data") or {}).items()}


async def test_a_secret_of_an_account_is_filled_and_goes_with_it(cluster: Any) -> None:
    account = await cluster.api.create(SERVICE_ACCOUNTS, {"metadata": {"name": "robot"}}, namespace="demo")
    await cluster.api.create(SECRETS, SECRET, namespace="demo")
    await cluster.until(lambda: "data" in cluster.one(SECRETS, "robot"))
    secret = cluster.one(SECRETS, "robot")
    assert data_of(secret) == {
        "ca.crt": "(certificate)", "namespace": "demo", "token": "a token of demo/robot in robot",
    }  # fmt: skip
    assert secret["metadata"]["annotations"]["kubernetes.io/service-account.uid"] == account["metadata"]["uid"]
    await cluster.api.delete(SERVICE_ACCOUNTS, "robot", namespace="demo")
    await cluster.until(lambda: cluster.one(SECRETS, "robot") is None)


async def test_a_secret_of_no_account_goes_at_once(cluster: Any) -> None:
    await cluster.api.create(SECRETS, SECRET, namespace="demo")
    await cluster.until(lambda: cluster.one(SECRETS, "robot") is None)


async def test_what_was_taken_from_a_secret_comes_back(cluster: Any) -> None:
    await cluster.api.create(SERVICE_ACCOUNTS, {"metadata": {"name": "robot"}}, namespace="demo")
    await cluster.api.create(SECRETS, {**SECRET, "data": {"token": ""}}, namespace="demo")
    await cluster.until(lambda: data_of(cluster.one(SECRETS, "robot")).get("token"))
    secret = await cluster.api.get(SECRETS, "robot", namespace="demo")
    del secret["data"]["ca.crt"]
    await cluster.api.update(SECRETS, secret)
    await cluster.until(lambda: "ca.crt" in cluster.one(SECRETS, "robot")["data"])
