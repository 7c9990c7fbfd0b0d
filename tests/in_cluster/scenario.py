"""One working day of the dashboard: its own background threads, an operator and a viewer, each by their own account.

Run once; what everybody asked of the API is in the record.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard.access.capabilities import Capability
from dashboard.access.rights import Rights
from dashboard.acting import ClusterActions
from dashboard.core import Core
from dashboard.errors import Refused
from dashboard.kube.credential import Credential, acting_as
from dashboard.kube.reviews import Reviews
from dashboard.load.request import SwarmRequest
from dashboard.settings import Settings
from dashboard.stack.bundles.bundle import ref_of
from tests.in_cluster.rights import RecordingClient

OPERATOR, VIEWER = "surgeboard-operator", "surgeboard-viewer"
LEAVER = "who leaves"
"""Somebody with a token of the operator's, who signs out while others stay."""
OWN = "shop"
"""The name of a stack and of a load scenario of one's own, in folders that are mounted."""
STACK = ["mongodb", "flask", "load"]
SHOWN = ("flask", "mongodb", "load", "kube-system")
OVER = ("done", "failed", "cancelled")


@dataclass
class Day:
    """The dashboard in this process with its own account; `as_` does something in a person's name."""

    client: RecordingClient
    tokens: dict[str, str]
    folder: Path
    bundles_dir: Path
    own_dir: Path
    """With a stack `OWN` and a file `OWN`.py."""
    wait: Callable[..., Any]
    core: Core = field(init=False)
    actions: ClusterActions = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A process of the dashboard."""
        settings = Settings(auth="token", urls=("http://localhost:8080",), data_dir=self.folder,
                            bundles_dir=self.bundles_dir, namespaces=SHOWN, stacks_dir=self.own_dir,
                            locustfiles_dir=self.own_dir)  # fmt: skip
        self.core = Core(settings, self.client)
        self.actions = ClusterActions(
            self.client, self.core.stack, self.core.swarms, self.core.starting, self.core.audit, self.core.target,
            self.core.data.killing, self.core.limits.starting, self.core.app_refused,
        )  # fmt: skip
        self.core.start()

    @contextlib.contextmanager
    def as_(self, person: str) -> Iterator[ClusterActions]:
        with acting_as(Credential(person, lambda: self.tokens.get(person))):
            yield self.actions

    def row(self, view: str, key: str = "current") -> dict[str, Any]:
        return dict(self.core.views.get(view, key) or {})

    def deployed(self) -> None:
        self.wait(lambda: self.row("deploy").get("state") in OVER, seconds=300, what=lambda: self.row("deploy"))
        assert self.row("deploy")["state"] == "done", self.row("deploy")["error"]

    def settled(self, view: str, *states: str, key: str = "current", seconds: float = 240) -> dict[str, Any]:
        """The row once it is in one of the states."""
        told: Callable[[], object] = lambda: self.row(view, key)  # noqa: E731
        self.wait(lambda: self.row(view, key).get("state") in states, seconds=seconds, what=told)
        return self.row(view, key)

    def again(self) -> None:
        """The process ends, and another one begins."""
        self.core.stop()
        self.begin()


def signs_in(day: Day, person: str) -> frozenset[Capability]:
    """As the sign-in page does: whose token it is, and what its owner may."""
    reviews = Reviews(day.client)
    found = reviews.whose(day.tokens[person])
    assert found is not None
    assert found.name == f"system:serviceaccount:surgeboard:{person}"
    rights = Rights("flask", SHOWN)
    rights.check_view(reviews, found)
    return rights.of_token(reviews, Credential(person, lambda: day.tokens[person])).capabilities


def looks_around(day: Day, person: str) -> None:
    """Every page that reads in the name of whoever looks: objects of all bundles, what was deployed, the app."""
    with day.as_(person) as actions:
        bundles = [bundle for bundle in actions.bundles() if not bundle.own]
        actions.plan([bundle.name for bundle in bundles])
        for bundle in bundles:
            actions.plan_back(bundle.name, actions.history(bundle.name)[0]["number"])
            actions.removal(bundle.name)
            drift = actions.drift(bundle.name).document()
            known = [each for each in drift["objects"] if each["state"] != "unknown"]
            assert all(each["state"] == "as applied" for each in known), known
            refs = map(ref_of, bundle.objects)
            for ref in {(ref.namespace, ref.kind): ref for ref in refs}.values():  # of each kind one
                told = actions.evidence(bundle.name, ref.id).document()
                assert not told["unreadable"], told["unreadable"]
        day.wait(lambda: _opens(actions), seconds=60, what="the app opens")


def plans_own_stack(day: Day) -> dict[str, Any]:
    """A stack in a namespace that the roles know nothing of; the plan."""
    with day.as_(OPERATOR) as actions:
        return actions.plan([OWN]).document()


def _opens(actions: ClusterActions) -> bool:
    answer = actions.app_request("GET", "", "", {}, b"")
    answer.close()
    return answer.status == 200


def deploys(day: Day, bundles: list[str]) -> None:
    with day.as_(OPERATOR) as actions:
        plan = actions.plan(bundles).document()
        assert plan["may_apply"], plan
        actions.deploy(bundles, OPERATOR)
    day.deployed()


def deploys_again_and_again(day: Day, bundle: str, *, times: int) -> None:
    """Each time with a change, so that the oldest records go; then back to one that is kept."""
    file = day.bundles_dir / bundle / "limits.yaml"
    text = file.read_text()
    for number in range(times):
        file.write_text(text.replace("part-of: surgeboard", f"part-of: surgeboard\n    try: t{number}"))
        deploys(day, [bundle])
    with day.as_(OPERATOR) as actions:
        seal = actions.plan_back(bundle, times).seal
        actions.roll_back(bundle, times, OPERATOR, seal=seal)
    day.deployed()
    file.write_text(text)


def reads_a_failing_log(day: Day, person: str, *, object_id: str) -> None:
    """Evidence of what cannot start holds the last words of its program."""

    def told() -> Any:
        with day.as_(person) as actions:
            return actions.evidence("flask", object_id).document()["log"]

    day.wait(told, seconds=90, what="the log of what fails")


def begins_a_swarm(day: Day, person: str, request: SwarmRequest) -> None:
    with day.as_(person) as actions:
        plan = actions.plan_swarm(request, person, "session")
        actions.start_swarm(plan.nonce, person, "session")


def loads(day: Day) -> None:
    """A swarm with a scenario of one's own, started, changed, outliving the process that started it, and stopped."""
    begins_a_swarm(day, OPERATOR, SwarmRequest(users=5, spawn_rate=5, duration_s=300, scenario=OWN))
    day.wait(lambda: day.row("swarm").get("users") == 5, seconds=120, what=lambda: day.row("swarm"))
    with day.as_(OPERATOR) as actions:
        actions.set_swarm_users(8, 5, OPERATOR)
    day.wait(lambda: day.row("swarm").get("users") == 8, seconds=60, what=lambda: day.row("swarm"))
    day.again()
    day.settled("swarm", "running")
    with day.as_(OPERATOR) as actions:
        actions.stop_swarm(OPERATOR)
    day.settled("swarm", "stopped", "failed", "none")


def loses_its_master(day: Day, kubectl: Callable[..., str]) -> None:
    """A swarm whose master dies under it."""
    begins_a_swarm(day, OPERATOR, SwarmRequest(users=2, spawn_rate=5, duration_s=300))
    day.settled("swarm", "running")
    kubectl("delete", "pod", "--force", "--grace-period=0", "-l", "surgeboard.dev/role=master")
    day.settled("swarm", "failed")


def leaves(day: Day) -> dict[str, Any]:
    """Who started a swarm signs out, and then a rail says stop; the row that says so. Its end is not waited for."""
    begins_a_swarm(day, LEAVER, SwarmRequest(users=5, spawn_rate=5, duration_s=600))
    day.wait(lambda: day.row("swarm").get("users") == 5, seconds=120, what=lambda: day.row("swarm"))
    del day.tokens[LEAVER]
    day.core.swarms.guard.around = lambda: (1, ("a node",))  # that is short of memory
    return day.settled("swarm", "stopping", seconds=60)


def leaks(day: Day) -> None:
    """The experiment of the page Limits in both its ways, of which one is started, and its stop."""
    with day.as_(OPERATOR) as actions:
        actions.plan_blast("own", OPERATOR, "session")
        plan = actions.plan_blast("shared", OPERATOR, "session")
        actions.start_blast(plan.nonce, OPERATOR, "session")
    day.settled("blast", "running", "cleaning", "done")
    with day.as_(OPERATOR) as actions, contextlib.suppress(Refused):
        actions.stop_blast(OPERATOR)
    day.settled("blast", "stopped", "done")


def kills(day: Day) -> None:
    """The primary, under test writes."""
    with day.as_(OPERATOR) as actions:
        plan = actions.plan_kill(OPERATOR, "session")
        actions.kill_primary(plan.nonce, OPERATOR, "session")
    day.wait(lambda: day.row("data", "kill").get("state") in ("done", "failed"), seconds=240,
             what=lambda: day.row("data", "kill"))  # fmt: skip


def tears_down(day: Day, bundle: str) -> None:
    with day.as_(OPERATOR) as actions:
        seal = actions.removal(bundle).seal
        actions.teardown(bundle, OPERATOR, seal=seal)
    day.deployed()


def tears_down_what_stayed(day: Day, bundle: str) -> dict[str, str]:
    """One of each kind that stays unless it is ticked, each ticked by itself; kind → what the operator is told."""
    told: dict[str, str] = {}
    with day.as_(OPERATOR) as actions:
        stays = actions.removal(bundle).document()["stays"]
    for item in {each["ref"]["kind"]: each for each in stays if each["tickable"]}.values():
        with day.as_(OPERATOR) as actions:
            actions.teardown(bundle, OPERATOR, also=[item["id"]], seal=actions.removal(bundle).seal)
        day.wait(lambda: day.row("deploy").get("state") in OVER, seconds=120, what=lambda: day.row("deploy"))
        told[item["ref"]["kind"]] = f"{day.row('deploy')['state']}: {day.row('deploy')['error']}"
    return told
