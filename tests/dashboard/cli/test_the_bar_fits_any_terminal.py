"""The bar: one line, never wider than the terminal, whatever the terminal and the words are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.cli.following import Following, bar, is_done
from dashboard.cli.terminal import Terminal, cells, cut, safe


def a_step(result: str, *, stage: str = "deployments", detail: str | None = None) -> dict[str, Any]:
    object_ = {"id": "Deployment.apps/shop/web", "kind": "Deployment", "namespace": "shop", "name": "web"}
    return {"bundle": "shop", "stage": stage, "object": object_, "result": result, "detail": detail}


def a_row(*steps: dict[str, Any], state: str = "applying", finished_at: str | None = None) -> dict[str, Any]:
    return {"state": state, "bundle": "shop", "steps": list(steps), "finished_at": finished_at}


@given(columns=st.integers(4, 200), detail=st.text(max_size=80), done=st.integers(0, 40), seconds=st.floats(0, 9999))
def test_it_is_one_line_that_fits(columns: int, detail: str, done: int, seconds: float) -> None:
    line = bar(a_row(a_step("waiting", detail=detail), *[a_step("ready")] * done), seconds, columns=columns)

    assert cells(line) <= columns
    assert line.isprintable()


def test_it_says_how_many_what_is_waited_for_and_how_long() -> None:
    row = a_row(a_step("ready"), a_step("waiting", detail="0 of 1 ready"), a_step("pending"), a_step("pending"))

    assert bar(row, 75, columns=70) == ("[####.............] 1/4 Deployment shop/web: 0 of 1 ready         1:15")
    assert bar(row, 75, columns=9) == "1/4 1:15"
    assert bar(row, 75, columns=5) == "1/4"
    assert bar(a_row(state="planning"), 3, columns=20).startswith("planning shop")


def test_what_is_waited_for_is_done_only_when_it_is_well() -> None:
    assert [is_done(a_step(result)) for result in ("created", "unchanged", "waiting", "ready")] == [
        False, False, False, True,
    ]  # fmt: skip
    assert is_done(a_step("created", stage="configuration"))


def test_a_terminal_gets_lines_for_what_has_happened_and_a_bar_below(stream: Any) -> None:
    err = stream(is_terminal=True)
    following = Following(Terminal(stream(), err, stream(), environ={"TERM": "xterm"}), lambda: 0.0, lambda _: None)

    following.show(a_row(a_step("waiting", detail="0 of 1 ready")))
    following.show(a_row(a_step("ready")))
    following.show(a_row(a_step("ready"), finished_at="2026-01-01T10:00:00Z"))
    following.end()

    told = err.getvalue()
    assert "shop: Deployment shop/web ready" in told
    assert "0/1 Deployment shop/web: 0 of 1 ready" in told
    assert "waiting: 0 of 1 ready\n" not in told
    assert told.endswith("\r\x1b[K")


@pytest.mark.parametrize("environ", [{}, {"TERM": "dumb"}])
def test_without_a_terminal_that_redraws_every_news_is_a_line(stream: Any, environ: dict[str, str]) -> None:
    err = stream(is_terminal=bool(environ))
    following = Following(Terminal(stream(), err, stream(), environ=environ), lambda: 0.0, lambda _: None)

    for _ in range(2):
        following.show(a_row(a_step("waiting", detail="0 of 1 ready")))
    following.end()

    assert err.getvalue() == "shop: Deployment shop/web waiting: 0 of 1 ready\n"


def test_a_terminal_that_got_narrower_loses_no_line(stream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    err = stream(is_terminal=True)
    terminal = Terminal(stream(), err, stream(), environ={"TERM": "xterm"})
    terminal.draw("x" * 70)
    monkeypatch.setattr(Terminal, "columns", lambda self: 40)
    terminal.draw("y" * 30)

    assert err.getvalue() == f"\r{'x' * 70}\x1b[K\n\r{'y' * 30}\x1b[K"


def test_nothing_of_the_cluster_steers_the_terminal() -> None:
    assert safe("a\x1b[31m\r\nb\u202e\x9b") == "a\\x1b[31m\\r\\nb\\u202e\\x9b"


@pytest.mark.parametrize(
    ("text", "columns", "told"),
    [("abcdef", 6, "abcdef"), ("abcdefg", 6, "abc..."), ("日本語", 5, "日..."), ("ab", 1, "")],
)
def test_a_text_is_cut_by_columns(text: str, columns: int, told: str) -> None:
    assert cut(text, columns) == told


@pytest.mark.parametrize(
    ("is_terminal", "environ", "told"),
    [
        (True, {"TERM": "xterm"}, "\x1b[31mno\x1b[0m\n"),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, "no\n"),
        (True, {"TERM": "dumb"}, "no\n"),
        (False, {"TERM": "xterm"}, "no\n"),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    stream: Any, is_terminal: bool, environ: dict[str, str], told: str
) -> None:
    out = stream(is_terminal=is_terminal)
    Terminal(out, stream(), stream(), environ=environ).tell("no", "red")

    assert out.getvalue() == told


def test_a_terminal_that_was_closed_stops_nothing(stream: Any) -> None:
    err = stream()
    err.close()
    terminal = Terminal(stream(), err, stream())

    terminal.say("unheard")
    terminal.draw("unseen")
    assert not terminal.can_ask
