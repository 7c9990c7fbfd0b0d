"""What the Deployment and the HPA tell in Events, weighed: who set the size, when, and from which one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.scaling.rescales import Rescaled, Resized
from dashboard.store.times import iso

HPA = {"manager": "kube-controller-manager", "operation": "Update", "subresource": "scale", "at": None}
KUBECTL = {"manager": "kubectl", "operation": "Update", "subresource": "scale", "at": None}


def changes(rows: list[dict[str, Any]]) -> list[tuple[int | None, int]]:
    return [(row["before"], row["after"]) for row in rows if row["before"] != row["after"]]


@pytest.fixture
def resized(watched: Any) -> Callable[..., None]:
    """A Deployment tells that it gave a replica set another size; `ago` seconds before the dashboard began."""

    def tell(before: int, after: int, *, ago: float, replica_set: str = "web-1") -> None:
        key = f"{replica_set}-{before}-{after}"
        watched.decisions.hear(Resized(key, "shop", "web", replica_set, before, after, watched.time - ago))

    return tell


@pytest.fixture
def rescaled(watched: Any) -> Callable[..., None]:
    """An HPA tells the same of itself."""

    def tell(size: int, *, ago: float) -> None:
        watched.decisions.hear(Rescaled(f"h-{size}", "shop", "web", "h", size, "above target", watched.time - ago))

    return tell


def test_what_the_deployment_tells_and_the_hpa_does_not_was_somebody_else(
    watched: Any, resized: Any, rescaled: Any
) -> None:
    watched.put(replicas=2)
    rescaled(7, ago=400)
    resized(5, 7, ago=400)
    resized(7, 3, ago=300)
    resized(3, 2, ago=200)
    rescaled(2, ago=200)
    watched.tick()

    rows = watched.rows("web")
    assert changes(rows) == [(5, 7), (7, 3), (3, 2)]
    assert [row["by"] for row in rows] == ["hpa", "other", "hpa"]
    assert rows[1]["confidence"] == "inferred"
    assert rows[1]["sentence"].startswith("Somebody who is not recorded set Deployment web from 7 to 3 replicas")
    assert (rows[1]["cpu_percent"], rows[1]["sum"]) == (None, None)


def test_what_was_before_an_hpa_was_made_is_none_of_its_story(watched: Any, resized: Any) -> None:
    watched.put(replicas=2, created_at=iso(watched.time - 250))
    resized(7, 3, ago=300)
    resized(3, 2, ago=200)
    watched.tick()

    assert changes(watched.rows("web")) == [(3, 2)]


def test_the_last_change_was_made_by_whoever_owns_the_number(watched: Any, resized: Any) -> None:
    watched.put(replicas=4, by=KUBECTL)
    resized(2, 6, ago=400)
    resized(6, 4, ago=300)
    watched.tick()

    rows = watched.rows("web")
    assert [(row["by"], row["manager"]) for row in rows] == [("other", None), ("person", "kubectl")]
    assert [each["kind"] for each in rows[1]["evidence"]] == ["object", "Event"]
    assert watched.decisions.changed_by("h")["before"] == 6


def test_what_managed_fields_tell_gets_its_size_from_the_event(watched: Any, resized: Any) -> None:
    watched.put(replicas=4, by={**KUBECTL, "at": iso(watched.time - 300)})
    resized(6, 4, ago=300)
    watched.tick()

    (row,) = watched.rows("web")
    assert (row["before"], row["after"], row["by"]) == (6, 4, "person")


def test_events_may_be_read_before_their_hpa(watched: Any, resized: Any, rescaled: Any) -> None:
    rescaled(5, ago=300)
    resized(2, 5, ago=300)
    watched.tick()
    assert watched.rows("web") == []
    watched.put(replicas=5, by=HPA)
    watched.tick()

    (row,) = watched.rows("web")
    assert (row["before"], row["after"], row["target"]) == (2, 5, {"kind": "Deployment", "name": "web"})


def test_events_of_an_hpa_that_is_gone_are_told_too(watched: Any, rescaled: Any) -> None:
    rescaled(5, ago=300)
    watched.tick()
    watched.tick(at=watched.time + 61)

    assert [row["after"] for row in watched.rows("web")] == [5]


def test_a_roll_out_is_no_scaling(watched: Any, resized: Any) -> None:
    watched.put(replicas=3)
    resized(0, 3, ago=500)
    resized(0, 1, ago=100, replica_set="web-2")
    resized(3, 2, ago=95)
    resized(1, 3, ago=90, replica_set="web-2")
    resized(2, 0, ago=80)
    watched.tick()

    assert watched.rows("web") == []


def test_what_is_watched_is_not_guessed(watched: Any, resized: Any) -> None:
    watched.put(replicas=3, by=HPA)
    watched.tick()
    watched.put(replicas=5, by=KUBECTL)
    watched.tick()
    resized(3, 5, ago=0)
    watched.tick()

    assert [row["by"] for row in watched.rows("web")] == ["person"]


def test_a_hand_that_raced_the_hpa_set_it_from_what_the_deployment_tells(
    watched: Any, resized: Any, rescaled: Any
) -> None:
    watched.put(replicas=3, by=HPA)
    watched.tick()
    watched.put(replicas=2, by=KUBECTL)
    watched.tick()
    rescaled(4, ago=1)
    resized(3, 4, ago=1)
    resized(4, 2, ago=0)
    watched.tick()

    (person,) = [row for row in watched.rows("web") if row["by"] == "person"]
    assert (person["before"], person["after"]) == (4, 2)
    assert " from 4 to 2 replicas" in person["sentence"]
