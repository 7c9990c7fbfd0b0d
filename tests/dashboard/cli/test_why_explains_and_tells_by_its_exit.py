"""`surgeboard why`: the explanation in lines and as a document, and what its exit status says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from dashboard import cli
from dashboard.cli import why
from dashboard.cli.options import Misused
from dashboard.cli.session import Session
from dashboard.cli.terminal import Terminal
from dashboard.errors import Refused
from dashboard.scaling.states import STATES
from dashboard.settings import Settings

HPA = {"namespace": "flask", "name": "guestbook", "target": {"kind": "Deployment", "name": "guestbook"}, "min": 1,
       "max": 8, "current": 8, "desired": 8, "cpu_percent": 120, "cpu_target": 50}  # fmt: skip
WHY = {
    "hpa": {"namespace": "flask", "name": "guestbook"}, "state": "at_max", "word": "At its maximum", "tone": "stale",
    "sentence": "At its maximum of 8.", "advice": "Raise maxReplicas.", "confidence": "computed",
    "sum": [{"label": "replicas now", "value": "8", "deciding": False},
            {"label": "bounds", "value": "1 to 8", "deciding": True}],
    "countdowns": [{"kind": "sync", "text": "next look", "ends_at": "2999-01-01T00:00:00Z"}],
    "evidence": [{"kind": "condition", "name": "ScalingLimited", "text": "TooManyReplicas\x1b[31m",
                  "at": "2026-01-01T10:00:00Z"}],
}  # fmt: skip


@pytest.fixture
def said(stream: Callable[..., Any]) -> Any:
    """Runs the command on hand-made explanations: (how it ended, what it told)."""

    def run(*words: str, states: tuple[str, ...] = ("at_max",), names: tuple[str, ...] = ("guestbook",)) -> Any:
        arguments = cli._parser().parse_args(["why", *words])
        out = stream()
        terminal = Terminal(out, stream(), stream(), arguments.json, {})
        nothing: Any = None
        cluster = {"name": "here", "server": "https://127.0.0.1"}
        session = Session(arguments, terminal, nothing, nothing, nothing, cluster, Settings())
        pairs = [({**HPA, "name": n}, {**WHY, "state": s}) for s, n in zip(states, names, strict=True)]
        why.check(arguments, terminal)
        return why.work(session, lambda _: pairs), out.getvalue()

    return run


def test_it_tells_the_sentence_the_sum_the_evidence_and_what_to_do(said: Any) -> None:
    ended, told = said()

    assert ended.status == 0
    assert "flask/guestbook scales Deployment guestbook: At its maximum" in told
    assert "  At its maximum of 8." in told
    assert "What to do: Raise maxReplicas." in told
    assert "  > bounds        1 to 8" in told
    assert "    replicas now  8" in told
    assert "condition ScalingLimited: TooManyReplicas" in told
    assert "How it is known: computed" in told
    assert "\x1b" not in told


def test_the_document_has_what_a_script_needs(said: Any) -> None:
    ended, told = said("--json")

    assert told == ""
    assert ended.document["state"] == "ok"
    (row,) = ended.document["hpas"]
    assert (row["state"], row["scales"], row["max"], row["sum"][1]["deciding"]) == ("at_max", True, 8, True)


@pytest.mark.parametrize("state", sorted(STATES))
def test_every_state_has_its_exit_status(said: Any, state: str) -> None:
    cannot = {
        "no_metrics_api", "no_metrics_yet", "missing_request", "target_not_found", "paused_at_zero", "quota_blocked",
        "pods_refused", "unschedulable", "stale_controller", "not_synced", "invalid_metric", "unknown",
        "ambiguous",
    }  # fmt: skip
    ended, _ = said(states=(state,))

    assert ended.status == (1 if state in cannot else 0)
    assert ended.document["hpas"][0]["scales"] is (state not in cannot)


def test_one_that_cannot_scale_makes_the_whole_fail_unless_another_was_asked_about(said: Any) -> None:
    two = partial(said, states=("ok", "no_metrics_api"), names=("guestbook", "shop"))

    assert two()[0].status == 1
    assert two("--hpa", "flask/guestbook")[0].status == 0
    assert two("--hpa", "flask/shop")[0].status == 1


def test_an_hpa_that_is_not_there_is_told_with_those_that_are(said: Any) -> None:
    with pytest.raises(Refused, match=r"There is no HPA flask/gone\. There are: flask/guestbook\."):
        said("--hpa", "flask/gone")


def test_without_any_hpa_it_says_so(said: Any) -> None:
    with pytest.raises(Refused, match="nothing scales by itself"):
        said(states=(), names=())


@pytest.mark.parametrize("name", ["guestbook", "/guestbook", "flask/", ""])
def test_a_name_without_namespace_is_wrong_usage(said: Any, name: str) -> None:
    with pytest.raises(Misused, match="NAMESPACE/NAME"):
        said("--hpa", name)
