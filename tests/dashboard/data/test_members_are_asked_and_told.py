"""Every agent is asked through the pod proxy; rows, roles, elections and the story follow from what they say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dashboard.data.asking import Asking
from dashboard.data.members import Members
from dashboard.kube import errors
from dashboard.store.views import Views


class Dashboard:
    """Members on views of their own, with what they told."""

    def __init__(self, world: Any, clock: Any) -> None:
        self.world, self.views = world, Views()
        self.roles: dict[str, str | None] = {}
        self.told: list[tuple[str, str]] = []
        self.refusals: list[errors.Forbidden | None] = []
        self.members = Members(
            self.views, Asking(world.proxy_pod), self.roles.__setitem__, self._note, clock.now, self.refusals.append
        )  # fmt: skip

    def _note(self, kind: str, text: str, **_more: Any) -> None:
        self.told.append((kind, text))

    def tick(self) -> None:
        self.views.replace("pods", {row["uid"]: row for row in self.world.rows()})
        self.members.tick()

    def row(self, key: str) -> dict[str, Any]:
        return dict(self.views.get("data", key) or {})


@pytest.fixture
def dashboard(world: Any, clock: Any) -> Dashboard:
    return Dashboard(world, clock)


def test_rows_are_kept_by_the_pods_uid_and_roles_are_told(dashboard: Dashboard) -> None:
    dashboard.tick()
    rows = dashboard.views.rows("members")
    assert {key: row["word"] for key, row in rows.items()} == {
        "uid-mongo-0": "primary", "uid-mongo-1": "secondary", "uid-mongo-2": "secondary",
    }  # fmt: skip
    assert dashboard.roles == {"uid-mongo-0": "primary", "uid-mongo-1": "secondary", "uid-mongo-2": "secondary"}
    assert sorted(dashboard.world.asked) == [(f"mongo-{number}", "/status") for number in range(3)]
    assert dashboard.refusals == [None]


def test_pods_of_others_are_not_asked(dashboard: Dashboard) -> None:
    world = dashboard.world
    world.pods["mongo-9"] = world.pod("mongo-9", 9, namespace="other")
    world.pods["guest"] = world.pod("guest", 8, workload=None)
    world.pods["mongo-1"]["phase"] = "Pending"
    dashboard.tick()
    assert {pod for pod, _ in world.asked} == {"mongo-0", "mongo-2"}


def test_an_equal_round_sends_nothing_to_browsers(dashboard: Dashboard) -> None:
    dashboard.tick()
    before = dashboard.views.snapshot().seq
    dashboard.members.tick()
    assert dashboard.views.snapshot().seq == before


def test_the_election_before_we_came_is_known_and_no_news(dashboard: Dashboard) -> None:
    dashboard.tick()
    (row,) = dashboard.row("elections")["rows"]
    assert (row["winner"], row["before"], row["term"], row["took_ms"]) == ("mongo-0", "mongo-2", 4, 84)
    assert row["sentence"] == (
        "Before it was mongo-2; no primary was heard of for the election timeout; 2 votes were needed; "
        "writes were confirmed 84 ms later."
    )
    assert dashboard.told == []


def test_a_failover_is_told_with_its_reason(dashboard: Dashboard) -> None:
    dashboard.tick()
    world = dashboard.world
    world.primary, world.states["mongo-0"], world.term, world.prior = None, "DOWN", 5, 0
    dashboard.tick()
    assert dashboard.told == []
    assert dashboard.row("set")["state"] == "no_primary"
    world.primary, world.reason = "mongo-1", "stepUpRequestSkipDryRun"
    dashboard.tick()
    dashboard.tick()
    assert dashboard.told == [
        (
            "failover",
            "mongo-1 is primary now, before it was mongo-0: the former primary handed over as it was told to stop",
        )
    ]
    assert [row["term"] for row in dashboard.row("elections")["rows"]] == [5, 4]


def test_a_member_that_is_elected_again_is_news_too(dashboard: Dashboard) -> None:
    dashboard.tick()
    dashboard.world.term, dashboard.world.prior = 6, 0
    dashboard.tick()
    assert dashboard.told == [
        ("failover", "mongo-0 is primary now again: no primary was heard of for the election timeout")
    ]


def test_a_set_that_was_made_anew_has_its_own_elections(dashboard: Dashboard) -> None:
    dashboard.tick()
    world = dashboard.world
    world.term, world.primary, world.prior = 1, "mongo-1", None
    world.elected_at += timedelta(hours=1)
    dashboard.tick()
    assert [(row["term"], row["winner"]) for row in dashboard.row("elections")["rows"]] == [(1, "mongo-1")]
    assert dashboard.told == []


def test_one_that_still_calls_itself_primary_is_no_election(dashboard: Dashboard) -> None:
    dashboard.tick()
    world = dashboard.world
    world.term, world.primary = 3, "mongo-1"
    world.elected_at -= timedelta(hours=1)
    dashboard.tick()
    assert [(row["term"], row["winner"]) for row in dashboard.row("elections")["rows"]] == [(4, "mongo-0")]
    assert dashboard.told == []


def test_an_older_mongod_that_gives_no_reason_leaves_it_open(dashboard: Dashboard) -> None:
    dashboard.tick()
    world = dashboard.world
    world.primary, world.term, world.reason, world.prior = "mongo-2", 5, None, None
    dashboard.tick()
    assert dashboard.told == [("failover", "mongo-2 is primary now, before it was mongo-0")]


def test_the_denial_is_told_once_a_round_with_its_rule(dashboard: Dashboard) -> None:
    dashboard.world.denied = True
    dashboard.tick()
    row = dashboard.row("set")
    assert row["state"] == "forbidden"
    assert "get pods/proxy" in row["rule"]["sentence"]
    assert isinstance(dashboard.refusals[-1], errors.Forbidden)
    assert set(dashboard.roles.values()) == {None}


def test_a_garbled_or_endless_answer_is_none(world: Any) -> None:
    class Endless:
        status, closed = 200, False
        body = (b"x" * 65_536 for _ in range(1000))

        def close(self) -> None:
            Endless.closed = True

    answer = Asking(lambda *_a, **_k: Endless()).one(world.pods["mongo-0"])
    assert (answer.status, Endless.closed) == (None, True)


@pytest.mark.parametrize(
    ("pod", "trouble"),
    [
        ({"phase": "Pending", "state": "PodInitializing"}, "Its pod is being prepared (PodInitializing)."),
        ({"phase": "Pending", "state": "Init:0/1"}, "Its pod is being prepared (Init:0/1)."),
        ({"phase": "Pending", "state": "ImagePullBackOff"}, "Its pod does not run (ImagePullBackOff)."),
        ({"phase": "Pending", "state": "Init:ErrImagePull"}, "Its pod does not run (Init:ErrImagePull)."),
        ({"phase": "Pending", "state": "Pending"}, "Its pod waits for a place (Pending)."),
        ({"ready_at": None}, "Nothing answers in its pod yet."),
        ({}, "Its agent cannot be reached (the cluster answers 503)."),
    ],
)
def test_why_nothing_is_said_is_told_in_plain_words(world: Any, pod: dict[str, Any], trouble: str) -> None:
    class Unavailable:
        status, body = 503, (b"error trying to reach service",)

        def close(self) -> None:
            pass

    assert Asking(lambda *_a, **_k: Unavailable()).one({**world.pods["mongo-0"], **pod}).trouble == trouble


def test_another_cluster_has_another_past(dashboard: Dashboard) -> None:
    dashboard.tick()
    dashboard.members.forget()
    dashboard.world.term, dashboard.world.primary = 9, "mongo-2"
    dashboard.tick()
    assert [row["term"] for row in dashboard.row("elections")["rows"]] == [9]
    assert dashboard.told == []
