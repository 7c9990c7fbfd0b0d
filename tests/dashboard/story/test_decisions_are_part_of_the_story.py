"""A rescale's line carries the sum it was decided by; what a person scaled is a line of its own, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dashboard.story.asking import Asked
from dashboard.story.decided import Decided

SUM = [{"label": "bounds", "value": "1 to 8", "deciding": True}]
HPA = {"kind": "HorizontalPodAutoscaler", "namespace": "flask", "name": "guestbook"}


def decision(at: str = "05:00:00", **more: Any) -> dict[str, Any]:
    return {"id": f"h-{at}", "t": f"2026-11-23T{at}.000Z", "before": 1, "after": 3, "by": "hpa", "manager": None,
            "hpa": {"namespace": "flask", "name": "guestbook", "uid": "h"}, "sum": SUM,
            "target": {"kind": "Deployment", "name": "guestbook"}, "sentence": "Scaling up.", **more}  # fmt: skip


@pytest.fixture
def decided(telling: Any) -> Decided:
    telling.start()
    keeper, story = telling.keeper, telling.story
    return Decided(telling.views, story.note, keeper.explained, lambda: telling.time.timestamp())


def kept(telling: Any) -> list[dict[str, Any]]:
    telling.seconds()
    return list(telling.archive.page("c1", Asked(), most=9).lines)


def test_a_sum_that_comes_later_finds_its_line(telling: Any, decided: Decided) -> None:
    telling.story.note("scaled", "guestbook 1 → 3 replicas: CPU is above its target", about=HPA)
    telling.views.put("decisions", "d", decision(sum=None))
    decided.tick()
    assert kept(telling)[0]["sum"] is None
    telling.views.put("decisions", "d", decision("05:00:03"))
    decided.tick()
    (line,) = kept(telling)
    assert line["sum"] == SUM


def test_another_rescale_keeps_its_own_sum(telling: Any, decided: Decided) -> None:
    telling.story.note("scaled", "guestbook 3 → 5 replicas: CPU is above its target", about=HPA)
    telling.views.put("decisions", "d", decision())
    decided.tick()
    assert kept(telling)[0]["sum"] is None


def test_what_a_person_scaled_is_told_with_who_and_a_flag(telling: Any, decided: Decided) -> None:
    sentence = "kubectl set guestbook from 1 to 3 replicas; the autoscaler did not."
    telling.views.put("decisions", "d", decision(by="person", manager="kubectl", sentence=sentence))
    decided.tick()
    decided.tick()
    (line,) = kept(telling)
    assert (line["kind"], line["by"], line["text"], line["flag"]) == ("scaled", "kubectl", sentence, "1 → 3")
    assert line["object"] == {"kind": "Deployment", "namespace": "flask", "name": "guestbook"}


def test_after_a_restart_the_same_is_not_told_again(telling: Any, decided: Decided) -> None:
    row = decision(by="person", manager="kubectl", sentence="kubectl set guestbook from 1 to 3 replicas.")
    telling.views.put("decisions", "d", row)
    decided.tick()
    after = telling.restarted()
    again = Decided(after.views, after.story.note, after.keeper.explained, lambda: after.time.timestamp())
    after.views.put("decisions", "e", {**row, "id": "another", "t": "2026-11-23T05:00:01.000Z"})
    again.tick()
    assert len(after.texts) == 1


def test_a_mere_change_of_the_reason_is_no_line(telling: Any, decided: Decided) -> None:
    telling.views.put("decisions", "d", decision(before=3, after=3))
    decided.tick()
    telling.time += timedelta(seconds=1)
    assert kept(telling) == []
