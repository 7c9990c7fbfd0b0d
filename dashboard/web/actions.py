"""What the pages can have done, as a contract. The web layer must not know how any of it happens."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.load.request import SwarmRequest
from dashboard.settings import Target
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.bundles.options import Chosen as Options

Headers = Sequence[tuple[str, str]]


def nothing() -> None:
    """For answers that hold no connection."""


@dataclass(frozen=True, slots=True)
class ProxyAnswer:
    """What the sample app answered. `body` may still be on its way; `close` gives the connection back."""

    status: int
    headers: Headers
    body: Iterable[bytes]
    close: Callable[[], None] = nothing


class Documented(Protocol):
    """A plan, a drift, a removal or evidence: a value that can say itself as plain data, for pages and programs."""

    def document(self) -> dict[str, Any]: ...


class SwarmPlan(Documented, Protocol):
    """A swarm that could be started by its nonce, which is in the document and nowhere else."""

    @property
    def request(self) -> SwarmRequest: ...


class Deploying(Protocol):
    """What the Deploy page has done. Every method raises Refused, with a sentence for the person."""

    def bundles(self) -> Sequence[Bundle]:
        """Every bundle that can be read, ours first in the order in which they depend on each other."""

    def bundle_problems(self) -> Mapping[str, str]:
        """Name → sentence, for each folder that cannot be read."""

    def may_write_roles(self) -> bool | None:
        """Whether whoever asks may write roles of the whole cluster; None where it does not tell. Raises nothing."""

    def plan(
        self, bundles: Sequence[str], *, take_over: Collection[str] = (), options: Options | None = None
    ) -> Documented:
        """What an apply would do, by a dry run; `take_over` are ids of objects whose conflicts are overruled.

        `options`: those chosen, by bundle; a bundle that is not named keeps what it stands with.
        """

    def plan_back(self, bundle: str, number: int, *, take_over: Collection[str] = ()) -> Documented:
        """What rolling back to a kept revision would do, by a dry run."""

    def drift(self, bundle: str) -> Documented:
        """What has become of the bundle's objects since they were applied, and by whom."""

    def removal(self, bundle: str) -> Documented:
        """What a teardown would delete, and what it would leave."""

    def evidence(self, bundle: str, object_id: str) -> Documented:
        """Health, Events, pods and log of one object."""

    def history(self, bundle: str) -> Sequence[Mapping[str, Any]]:
        """The kept revisions, newest first."""

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
        """Begin to apply in the background; progress is the view `deploy`.

        `expect`: bundle → the revision that was planned. `remove`: ids of what the plan would remove and a person
        agreed to; None: nobody was asked. `options`: as in `plan`.
        """

    def roll_back(
        self, bundle: str, number: int, by: str, *, take_over: Collection[str] = (), remove: Collection[str] = (),
        seal: str,
    ) -> None:  # fmt: skip
        """Begin to apply a kept revision again. `seal`: of the plan that was looked at; refused if that has changed."""

    def cancel_deploy(self) -> None:
        """Stop after the object that is being applied; what is applied stays."""

    def teardown(self, bundle: str, by: str, *, also: Collection[str] = (), seal: str) -> None:
        """Begin to delete what the bundle holds, and of what else would stay the objects `also` names.

        `seal`: of the removal that was looked at; refused if that has changed.
        """


@dataclass(frozen=True, slots=True)
class LoadChoices:
    """What a swarm may be made of: the Services it may aim at, and the scenarios by name."""

    targets: Sequence[Target]
    scenarios: Sequence[str]


class Actions(Deploying, Protocol):
    """Every method raises Refused, with a sentence for the person, when it cannot or may not."""

    def load_choices(self) -> LoadChoices:
        """What the form of a swarm offers."""

    def plan_swarm(self, request: SwarmRequest, by: str, session: str) -> SwarmPlan:
        """The first step of a start: what it would be. Starts nothing."""

    def start_swarm(self, nonce: str, by: str, session: str) -> SwarmPlan:
        """The second step: start what was planned, once; its state is the view `swarm`."""

    def set_swarm_users(self, users: int, spawn_rate: int, by: str) -> None:
        """Change the running swarm."""

    def stop_swarm(self, by: str) -> None:
        """Stop the running swarm."""

    def plan_kill(self, by: str, session: str) -> Documented:
        """The first step of killing the database's primary: what would be done. Changes nothing."""

    def kill_primary(self, nonce: str, by: str, session: str) -> Documented:
        """The second step: do what was planned, once; how it goes is the row `kill` of the view `data`."""

    def plan_blast(self, variant: str, by: str, session: str) -> Documented:
        """The first step of an experiment: what would leak, where, and what bounds it. Starts nothing."""

    def start_blast(self, nonce: str, by: str, session: str) -> Documented:
        """The second step: run what was planned, once; its state is the view `blast`."""

    def stop_blast(self, by: str) -> None:
        """End the experiment that runs, and remove all of it."""

    def app_request(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> ProxyAnswer:
        """Send one request to the sample app through the cluster's service proxy. `path` has no leading slash."""


class SnapshotLike(Protocol):
    """All rows at one moment, and the number of the last change in them."""

    @property
    def epoch(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def views(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]: ...


class ViewsLike(Protocol):
    """The part of the store that pages read."""

    def snapshot(self) -> SnapshotLike: ...
