"""Fills Secrets of type `kubernetes.io/service-account-token`, and removes those whose account has gone."""

from __future__ import annotations

import base64
from collections.abc import Callable

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informers
from localcluster.controllers.meta import (
    annotations_of,
    is_terminating,
    key_of,
    name_of,
    namespace_of,
    split_key,
    uid_of,
)
from localcluster.controllers.recorder import Recorder
from localcluster.errors import ApiError
from localcluster.resources import SECRETS, SERVICE_ACCOUNTS

TYPE = "kubernetes.io/service-account-token"
ACCOUNT = "kubernetes.io/service-account.name"
ACCOUNT_UID = "kubernetes.io/service-account.uid"

IssueToken = Callable[[str, str, str], str]
"""(namespace, account, name of the Secret) -> a token that ends with either."""


class AccountTokenController(Controller):
    """Reconciles keys of Secrets. `root_ca`: the cluster's certificate in PEM."""

    name = "tokens-controller"

    def __init__(
        self, client: Client, informers: Informers, recorder: Recorder, clock: Clock, *, root_ca: str,
        issue: IssueToken,
    ) -> None:  # fmt: skip
        super().__init__(client, informers, recorder, clock)
        self._secrets = self.reads(SECRETS)
        self._accounts = self.reads(SERVICE_ACCOUNTS)
        self._root_ca = root_ca
        self._issue = issue
        self._secrets.on_change(self._secret_changed)
        self._accounts.on_change(self._account_changed)

    def _secret_changed(self, _before: Object | None, after: Object | None) -> None:
        if after is not None and after.get("type") == TYPE:
            self.queue.add(key_of(after))

    def _account_changed(self, before: Object | None, after: Object | None) -> None:
        account = after or before or {"metadata": {}}
        for secret in self._secrets.list(namespace_of(account)):
            if secret.get("type") == TYPE and annotations_of(secret).get(ACCOUNT) == name_of(account):
                self.queue.add(key_of(secret))

    async def reconcile(self, key: str) -> None:
        secret = self._secrets.get(*split_key(key))
        if secret is None or secret.get("type") != TYPE or is_terminating(secret):
            return
        account = await self._account_of(secret)
        if account is None:
            await self._remove(secret)
        else:
            await self._fill(secret, account)

    async def _account_of(self, secret: Object) -> Object | None:
        """As it is now: what has just been created may not have come by yet."""
        annotations = annotations_of(secret)
        try:
            account = await self.client.get(
                SERVICE_ACCOUNTS, annotations.get(ACCOUNT, ""), namespace=namespace_of(secret)
            )
        except ApiError as error:
            if error.code != 404:
                raise
            return None
        return account if annotations.get(ACCOUNT_UID) in (None, uid_of(account)) else None

    async def _fill(self, secret: Object, account: Object) -> None:
        data = dict(secret.get("data") or {})
        wanted = {"ca.crt": self._root_ca, "namespace": namespace_of(secret)}
        after = {**data, **{name: _encoded(text) for name, text in wanted.items()}}
        if not data.get("token"):
            after["token"] = _encoded(self._issue(namespace_of(secret), name_of(account), name_of(secret)))
        annotations = {**annotations_of(secret), ACCOUNT_UID: uid_of(account)}
        if after == data and annotations == annotations_of(secret):
            return
        metadata = {**secret["metadata"], "annotations": annotations}
        await self.client.update(SECRETS, {**secret, "metadata": metadata, "data": after})

    async def _remove(self, secret: Object) -> None:
        try:
            await self.client.delete(SECRETS, name_of(secret), namespace=namespace_of(secret), uid=uid_of(secret))
        except ApiError as error:
            if error.code not in (404, 409):  # gone already, or another by now
                raise


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
