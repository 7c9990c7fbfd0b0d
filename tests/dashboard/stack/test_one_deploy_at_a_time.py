"""Deploying and tearing down on a person's behalf: one at a time, seen at once, never stuck."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.actions import Stack


class Asked:
    """A Stack whose background work waits until the test runs it."""

    def __init__(self, cluster: Any, time: Any, folder: Path) -> None:
        (folder / "shop").mkdir()
        (folder / "shop" / "kustomization.yaml").write_text("resources: [namespace.yaml]")
        (folder / "shop" / "namespace.yaml").write_text("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")
        self.rows: list[Any] = []
        self.waiting: list[Callable[[], None]] = []
        self.stack = Stack(
            cluster, folder, self.rows.append, lambda *_, **__: None, time.now, time.clock, time.sleep,
            self.waiting.append,
        )  # fmt: skip

    def work(self) -> None:
        self.waiting.pop()()


@pytest.fixture
def asked(cluster: Any, time: Any, tmp_path: Path) -> Asked:
    return Asked(cluster, time, tmp_path)


def test_the_row_tells_the_work_before_the_answer_is_given(asked: Asked) -> None:
    asked.stack.deploy(["shop"], by="operator")

    assert asked.rows[-1]["state"] == "planning"
    with pytest.raises(Refused, match="under way"):
        asked.stack.teardown("shop", by="operator")


def test_the_next_may_begin_as_soon_as_the_end_is_told(asked: Asked) -> None:
    asked.stack.deploy(["shop"], by="operator")
    began: list[str] = []

    def begin_at_once(row: Any) -> None:
        if row["finished_at"] and not began:
            began.append(row["state"])
            asked.stack.teardown("shop", by="operator")

    asked.stack._progress.publish = begin_at_once  # type: ignore[union-attr]
    asked.work()

    assert began == ["done"]


def test_what_nobody_expected_ends_as_failed_and_blocks_nothing(asked: Asked, cluster: Any) -> None:
    cluster.get = None
    asked.stack.deploy(["shop"], by="operator")
    asked.work()

    assert asked.rows[-1]["state"] == "failed"
    assert "log tells" in asked.rows[-1]["error"]
    asked.stack.deploy(["shop"], by="operator")


def test_only_a_deploy_can_be_stopped(asked: Asked) -> None:
    with pytest.raises(Refused, match="Nothing is being deployed"):
        asked.stack.cancel()
    asked.stack.teardown("shop", by="operator")
    with pytest.raises(Refused, match="Nothing is being deployed"):
        asked.stack.cancel()
