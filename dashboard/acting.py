"""What the pages can have done, done by `stack` and `load` on the cluster at hand (the contract is web/actions.py)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dashboard.audit import Audit, asking
from dashboard.data.kill_plan import KillPlan
from dashboard.data.killing import Killing
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.kube.credential import acting_with
from dashboard.kube.reviews import Reviews
from dashboard.kube.rules import Rule
from dashboard.limits.blast.plan import BlastPlan
from dashboard.limits.blast.starting import Starting as Blast
from dashboard.load.plan import Plan
from dashboard.load.request import GUESTBOOK, SwarmRequest
from dashboard.load.starting import Starting
from dashboard.load.swarms import Swarms
from dashboard.settings import Target
from dashboard.stack.actions import Stack
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.bundles.options import Chosen as Options
from dashboard.web.actions import Documented, Headers, LoadChoices, ProxyAnswer

WRITES_ROLES = Rule("rbac.authorization.k8s.io", "clusterroles", None, ("create",), None)
"""Whoever lacks it cannot deploy what holds objects of the whole cluster."""


@dataclass(frozen=True, slots=True)
class ClusterActions:
    """`client`: the KubeClient; `app`: the Service shown in the frame."""

    client: Any
    stack: Stack
    swarms: Swarms
    starting: Starting
    audit: Audit
    app: Target
    killing: Killing
    blast: Blast
    app_refused: Callable[[errors.ApiError | None], None] = lambda _error: None
    """Hears whether the app may be asked."""

    def bundles(self) -> Sequence[Bundle]:
        return self.stack.catalogue.all()

    def bundle_problems(self) -> Mapping[str, str]:
        return self.stack.catalogue.problems()

    def may_write_roles(self) -> bool | None:
        try:
            return Reviews(self.client).may_with(acting_with.get(), WRITES_ROLES)
        except errors.ApiError:
            return None  # the plan finds out

    def plan(
        self, bundles: Sequence[str], *, take_over: Collection[str] = (), options: Options | None = None
    ) -> Documented:
        with _sentences():
            return self.stack.plan(bundles, take_over=take_over, options=options)

    def plan_back(self, bundle: str, number: int, *, take_over: Collection[str] = ()) -> Documented:
        with _sentences():
            return self.stack.plan_back(bundle, number, take_over=take_over)

    def drift(self, bundle: str) -> Documented:
        with _sentences():
            return self.stack.drift(bundle)

    def removal(self, bundle: str) -> Documented:
        with _sentences():
            return self.stack.removal(bundle)

    def evidence(self, bundle: str, object_id: str) -> Documented:
        with _sentences():
            return self.stack.evidence(bundle, object_id)

    def history(self, bundle: str) -> Sequence[Mapping[str, Any]]:
        with _sentences():
            return [each.document() for each in self.stack.history(bundle)]

    def deploy(
        self,
        bundles: Sequence[str],
        by: str,
        *,
        take_over: Collection[str] = (),
        expect: Mapping[str, str] | None = None,
        remove: Collection[str] | None = None,
        options: Options | None = None,
    ) -> None:
        told = [f"{name} with {each}" for name, chosen in (options or {}).items() for each in chosen]
        with self.audit.of("deploy", by=by, target=[*bundles, *told]), _sentences():
            self.stack.deploy(bundles, by=by, take_over=take_over, expect=expect, remove=remove, options=options)

    def roll_back(
        self, bundle: str, number: int, by: str, *, take_over: Collection[str] = (), remove: Collection[str] = (),
        seal: str,
    ) -> None:  # fmt: skip
        with self.audit.of("roll back", by=by, target=[bundle, number]), _sentences():
            self.stack.roll_back(bundle, number, by=by, take_over=take_over, remove=remove, seal=seal)

    def cancel_deploy(self) -> None:
        asker = asking.get()
        with self.audit.of("cancel", by=asker.by if asker else "unknown", target=None):
            self.stack.cancel()

    def teardown(self, bundle: str, by: str, *, also: Collection[str] = (), seal: str) -> None:
        with self.audit.of("teardown", by=by, target=[bundle, *also]), _sentences():
            self.stack.teardown(bundle, by=by, also=also, seal=seal)

    def load_choices(self) -> LoadChoices:
        own = self.swarms.creation.templates.locustfiles.names()
        return LoadChoices(targets=list(self.swarms.targets.values()), scenarios=[GUESTBOOK, *own])

    def plan_swarm(self, request: SwarmRequest, by: str, session: str) -> Plan:
        return self.starting.plan(request, by=by, session=session)

    def start_swarm(self, nonce: str, by: str, session: str) -> Plan:
        return self.starting.start(nonce, by=by, session=session)

    def set_swarm_users(self, users: int, spawn_rate: int, by: str) -> None:
        self.swarms.set_users(users, spawn_rate, by=by)

    def stop_swarm(self, by: str) -> None:
        self.swarms.stop(by=by)

    def plan_kill(self, by: str, session: str) -> KillPlan:
        with _sentences():
            return self.killing.plan(by=by, session=session)

    def kill_primary(self, nonce: str, by: str, session: str) -> KillPlan:
        return self.killing.kill(nonce, by=by, session=session)

    def plan_blast(self, variant: str, by: str, session: str) -> BlastPlan:
        return self.blast.plan(variant, by=by, session=session)

    def start_blast(self, nonce: str, by: str, session: str) -> BlastPlan:
        return self.blast.start(nonce, by=by, session=session)

    def stop_blast(self, by: str) -> None:
        self.blast.stop(by=by)

    def app_request(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> ProxyAnswer:
        whole = f"/{path}?{query}" if query else f"/{path}"
        try:
            answer = self.client.proxy_service(
                self.app.namespace, self.app.service, self.app.port, whole, method, dict(headers), body or None
            )
        except errors.SignInAgain as error:
            raise Refused(error.message, status=401) from error
        except errors.Forbidden as error:
            self._tell(error)
            needs = f"The cluster denies it: {error.rule.sentence}." if error.rule else error.message
            what = "asked" if method == "GET" else "written to with this account"
            raise Refused(f"The app may not be {what}. {needs}", status=403) from error
        except errors.ApiError as error:
            raise Refused(f"The app cannot be reached: {error.message}", status=503) from error
        self._tell(None)
        return ProxyAnswer(answer.status, answer.headers, answer.body, answer.close)

    def _tell(self, error: errors.ApiError | None) -> None:
        """Everybody's page says whether the app may be asked; what one person may is no news for the others."""
        if acting_with.get() is None:
            self.app_refused(error)


@contextmanager
def _sentences() -> Iterator[None]:
    """What the cluster refuses or does not answer, as a sentence for a person."""
    try:
        yield
    except errors.Forbidden as error:
        raise Refused(f"The cluster does not allow it: {error.message}", status=403) from error
    except errors.SignInAgain as error:
        raise Refused(error.message, status=401) from error
    except errors.ApiError as error:
        if error.status:
            raise Refused(f"The cluster refuses: {error.message}", status=422) from error
        raise Refused(f"The cluster does not answer: {error.message}", status=503) from error
