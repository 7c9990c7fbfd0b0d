"""What a page hands over of the preview that a person read gets to the stack, and the record says who asked for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard.acting import ClusterActions
from dashboard.audit import Audit
from dashboard.errors import Refused
from dashboard.settings import Target

APP = Target("guestbook", "flask", "guestbook", 8080)


class Stack:
    """The lever: `refuses`."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, dict[str, Any]]] = []
        self.refuses = False

    def roll_back(self, *_what: Any, **more: Any) -> None:
        self._begin("roll back", more)

    def teardown(self, *_what: Any, **more: Any) -> None:
        self._begin("teardown", more)

    def deploy(self, *_what: Any, **more: Any) -> None:
        self._begin("deploy", more)

    def _begin(self, action: str, more: dict[str, Any]) -> None:
        if self.refuses:
            raise Refused("It has changed since you looked.", status=409)
        self.begun.append((action, more))


@pytest.fixture
def stack() -> Stack:
    return Stack()


@pytest.fixture
def actions(stack: Stack, tmp_path: Path) -> ClusterActions:
    nobody: Any = None
    given: Any = stack
    audit = Audit(tmp_path / "audit.jsonl", lambda: datetime(2026, 11, 23, tzinfo=UTC))
    return ClusterActions(nobody, given, nobody, nobody, audit, APP, nobody, nobody)


def test_the_seal_of_the_preview_goes_along(actions: ClusterActions, stack: Stack) -> None:
    actions.roll_back("shop", 1, "ada", seal="as shown", remove=["a"], take_over=["b"])
    actions.teardown("shop", "ada", also=["c"], seal="as shown")
    assert stack.begun == [
        ("roll back", {"by": "ada", "take_over": ["b"], "remove": ["a"], "seal": "as shown"}),
        ("teardown", {"by": "ada", "also": ["c"], "seal": "as shown"}),
    ]


def test_the_revisions_of_the_plan_go_along(actions: ClusterActions, stack: Stack) -> None:
    actions.deploy(["shop"], "ada", expect={"shop": "abc"}, remove=["a"])
    ((_, given),) = stack.begun
    assert (given["by"], given["expect"], given["remove"]) == ("ada", {"shop": "abc"}, ["a"])


@pytest.mark.parametrize("refuses", [False, True])
def test_who_asked_is_on_record_with_what_became_of_it(
    actions: ClusterActions, stack: Stack, tmp_path: Path, refuses: bool
) -> None:
    stack.refuses = refuses
    for ask in (
        lambda: actions.deploy(["shop"], "ada"),
        lambda: actions.roll_back("shop", 1, "ada", seal="s"),
        lambda: actions.teardown("shop", "ada", seal="s"),
    ):
        if refuses:
            with pytest.raises(Refused):
                ask()
        else:
            ask()
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    outcome = "refused" if refuses else "begun"
    assert len(lines) == 3
    assert all('"by": "ada"' in each and f'"outcome": "{outcome}"' in each for each in lines)
