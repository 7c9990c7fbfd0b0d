"""Deploying and tearing down on a person's behalf: one at a time, seen at once, never stuck."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.errors import Refused


@pytest.fixture
def asked(deploying: Any, objects: Any) -> Any:
    """A Stack whose background work waits until the test runs it."""
    deploying.put(objects[:1])
    return deploying


def test_the_row_tells_the_work_before_the_answer_is_given(asked: Any) -> None:
    asked.stack.deploy(["shop"], by="operator")

    assert asked.rows[-1]["state"] == "planning"
    with pytest.raises(Refused, match="under way"):
        asked.stack.teardown("shop", by="operator")


def test_the_next_may_begin_as_soon_as_the_end_is_told(asked: Any) -> None:
    asked.stack.deploy(["shop"], by="operator")
    began: list[str] = []

    def begin_at_once(row: Any) -> None:
        if row["finished_at"] and not began:
            began.append(row["state"])
            asked.stack.teardown("shop", by="operator")

    asked.stack._progress.publish = begin_at_once
    asked.waiting.pop()()

    assert began == ["done"]


def test_what_nobody_expected_ends_as_failed_and_blocks_nothing(asked: Any, cluster: Any) -> None:
    asked.stack.deploy(["shop"], by="operator")
    get, cluster.get = cluster.get, None
    asked.waiting.pop()()

    assert asked.rows[-1]["state"] == "failed"
    assert "log tells" in asked.rows[-1]["error"]
    cluster.get = get
    asked.stack.deploy(["shop"], by="operator")


def test_only_a_deploy_can_be_stopped(asked: Any) -> None:
    with pytest.raises(Refused, match="Nothing is being deployed"):
        asked.stack.cancel()
    asked.stack.teardown("shop", by="operator")
    with pytest.raises(Refused, match="Nothing is being deployed"):
        asked.stack.cancel()


def test_a_folder_that_changed_since_it_was_planned_is_not_deployed(asked: Any, objects: Any, cluster: Any) -> None:
    seen = asked.stack.plan(["shop"]).revisions
    asked.put(objects)

    with pytest.raises(Refused, match="changed since it was planned") as refused:
        asked.stack.deploy(["shop"], by="operator", expect=seen)

    assert refused.value.status == 409
    assert cluster.requests == []
    asked.stack.deploy(["shop"], by="operator", expect=asked.stack.plan(["shop"]).revisions)


def test_bundles_are_deployed_in_the_catalogues_order(asked: Any, objects: Any) -> None:
    asked.put([{**objects[0], "metadata": {"name": "later"}}], name="later")

    asked.deploy("later", "shop")

    assert asked.last["bundles"] == ["shop", "later"]


def test_an_unknown_bundle_is_refused_by_name(asked: Any) -> None:
    with pytest.raises(Refused, match="no bundle nosuch"):
        asked.stack.deploy(["nosuch"], by="operator")
    with pytest.raises(Refused, match="No bundle was chosen"):
        asked.stack.deploy([], by="operator")


def test_the_story_tells_who_asked_and_how_it_ended(asked: Any) -> None:
    asked.deploy()

    assert asked.notes == [("apply", "Deploying shop, asked for by operator"), ("apply", "shop deployed")]
