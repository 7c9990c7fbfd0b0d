"""`surgeboard teardown`: nothing is deleted before the very name was typed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashboard.cli.options import Misused
from dashboard.stack.applying.deleting import GONE_BEFORE
from dashboard.stack.planning.removal import Removal


def test_it_shows_what_goes_and_what_stays_then_asks(asked: Any) -> None:
    ended = asked("teardown", "one", typed="one\n")

    assert "- ConfigMap shop/words: delete" in asked.err
    assert "= Secret shop/key: stays unless --also Secret/shop/key" in asked.err
    assert (ended.status, [action for action, _ in asked.stack.calls]) == (0, ["teardown"])


@pytest.mark.parametrize("typed", ["", "\n", "two\n", "y\n"])
def test_any_other_answer_changes_nothing(asked: Any, typed: str) -> None:
    with pytest.raises(Misused, match="nothing was changed"):
        asked("teardown", "one", typed=typed)

    assert asked.stack.calls == []


@pytest.mark.parametrize(("words", "told"), [([], "--confirm"), (["--confirm", "two"], "'two' is not the name")])
def test_a_script_must_give_the_name(asked: Any, words: list[str], told: str) -> None:
    with pytest.raises(Misused, match=told):
        asked("teardown", "one", *words)

    assert asked.stack.calls == []


def test_what_is_named_goes_too(asked: Any) -> None:
    asked("teardown", "one", "--confirm", "one", "--also", "Secret/shop/key")

    assert asked.stack.calls[0][1]["also"] == ["Secret/shop/key"]
    assert "- Secret shop/key: delete, as --also says" in asked.out


def test_only_what_was_shown_goes(asked: Any) -> None:
    asked.stack.removes = replace(asked.stack.removes, seal="as shown")
    asked("teardown", "one", "--confirm", "one")

    assert asked.stack.calls[0][1]["seal"] == "as shown"


def test_what_cannot_be_named_is_told(asked: Any) -> None:
    with pytest.raises(Misused, match="what could go besides is Secret/shop/key"):
        asked("teardown", "one", "--confirm", "one", "--also", "Secret/shop/other")


def test_a_recorded_stack_needs_no_files(asked: Any, revision: Any) -> None:
    asked.stack.records["shop"] = [revision("shop")]

    assert asked("teardown", "shop", "--confirm", "shop").status == 0
    with pytest.raises(Misused, match="There is no bundle other"):
        asked("teardown", "other", "--confirm", "other")


def test_where_nothing_is_left_it_is_done_without_a_question(asked: Any) -> None:
    asked.stack.removes = Removal("one", (), ())
    ended = asked("teardown", "one", typed="")

    assert (ended.status, asked.stack.calls) == (0, [])
    assert "There is nothing of one to delete." in asked.out


def test_what_was_gone_before_is_not_counted_as_its_doing(asked: Any) -> None:
    asked.stack.results = (("deleted", None), ("deleted", GONE_BEFORE), ("kept", "it stays"))
    asked("teardown", "one", "--confirm", "one")

    assert "one is removed: 1 gone, 1 kept, 1 not there before." in asked.out
