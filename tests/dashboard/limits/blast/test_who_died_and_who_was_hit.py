from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.limits.blast import judging, picture
from dashboard.limits.blast.keeping import Results
from dashboard.limits.blast.plan import Bound
from dashboard.limits.blast.variants import OWN, SHARED

MI = 2**20
BOUND = Bound("256Mi", 256 * MI, "LimitRange load")
OK, GONE = [1, 9 * MI, None], [None, None, "connection refused"]


def record(**answers: str) -> dict[str, Any]:
    """A record in which `.` is answered and `x` is not, ten a second."""
    probes = {
        who: [[100 * i, *(OK if each == "." else GONE)] for i, each in enumerate(text)] for who, text in answers.items()
    }
    return {"phase": "over", "marks": {"leaking": 200}, "leak": {"ended": None}, "probes": probes}


def pod(role: str, container: str, *, code: int = 137, reason: str = "OOMKilled") -> dict[str, Any]:
    ended = {"exitCode": code, "reason": reason, "finishedAt": "2026-11-23T12:00:00Z"}
    return {
        "metadata": {"name": f"blast-a-{role}", "labels": {"surgeboard.dev/role": role}},
        "spec": {"containers": [{"name": container, "resources": {"limits": {"memory": "96Mi"}}}]},
        "status": {"containerStatuses": [{"name": container, "lastState": {"terminated": ended}, "restartCount": 1}]},
    }  # fmt: skip


def told(variant: Any, document: dict[str, Any], *pods: dict[str, Any]) -> tuple[dict[str, str], str, str]:
    died = judging.deaths(pods)
    found = judging.parties(variant, document, died)
    words = {each["who"]: each["word"] for each in found}
    return words, judging.sentence(found, died, BOUND, over=True), judging.lesson(variant, found, died, BOUND, document)


def test_with_a_limit_of_its_own_the_leaker_dies_alone() -> None:
    words, sentence, lesson = told(
        OWN, record(leaker="...xx..", beside=".......", elsewhere="......."), pod("subject", "leaker")
    )
    assert words == {"leaker": "killed", "beside": "untouched", "elsewhere": "untouched"}
    assert "Nobody else was hit. 2 of 21 requests failed." in sentence
    assert "did not notice" in lesson


def test_the_real_record_without_a_limit_of_its_own_hit_the_neighbour(shared_record: dict[str, Any]) -> None:
    words, sentence, lesson = told(SHARED, shared_record, pod("subject", "both"))
    assert words == {"leaker": "killed", "beside": "killed", "elsewhere": "untouched"}
    assert "Hit besides the leaker: its neighbour in the same pod." in sentence
    assert "shares the end" in lesson


def test_where_nobody_is_killed_the_lesson_says_so_and_why_it_ended() -> None:
    document = record(leaker="....", beside="....", elsewhere="....") | {"leak": {"ended": "its own ceiling"}}
    words, sentence, lesson = told(SHARED, document)
    assert set(words.values()) == {"untouched"}
    assert "Nobody was killed." in sentence
    assert "its own ceiling" in lesson
    assert "not enforced" in lesson


def test_a_neighbour_that_stutters_without_dying_was_hit() -> None:
    words, _, lesson = told(OWN, record(leaker="..x.", beside="..x.", elsewhere="...."), pod("subject", "leaker"))
    assert words["beside"] == "hit"
    assert "more than the limit stands between" in lesson


def test_an_end_for_another_reason_is_no_kill() -> None:
    assert judging.deaths([pod("subject", "leaker", code=0, reason="Completed")]) == []


def test_nothing_is_claimed_before_anybody_was_asked() -> None:
    words, sentence, _ = told(OWN, {}, pod("watch", "prober", code=1, reason="Error"))
    assert set(words.values()) == {"not asked yet"}
    assert sentence == "It ended before anybody was asked, as far as is known."


def test_who_died_is_told_though_the_record_was_lost() -> None:
    died = judging.deaths([pod("subject", "leaker")])
    found = judging.parties(OWN, {}, died, over=True)
    assert [each["word"] for each in found] == ["killed", "not known", "not known"]
    assert {each[name] for each in found for name in ("asked", "answered", "failed")} == {"–"}
    sentence = judging.sentence(found, died, BOUND, over=True)
    assert sentence.startswith(f"Killed at the bound of {BOUND.amount}: container leaker")
    assert sentence.endswith("Which requests failed is not known.")


def test_the_picture_has_a_hole_where_nobody_answered(shared_record: dict[str, Any]) -> None:
    drawn = picture.draw(SHARED, shared_record, BOUND)
    assert len(drawn["lines"]) >= 2
    assert [lane["failed"] for lane in drawn["lanes"]] == [6, 10, 0]
    assert [[span["tone"] for span in lane["spans"]] for lane in drawn["lanes"]] == [
        ["answered", "failed", "answered"], ["answered", "failed", "answered"], ["answered"],
    ]  # fmt: skip
    assert "6 of 58 requests failed" in drawn["says"]
    assert all(
        0 <= float(y) <= picture.HEIGHT
        for line in drawn["lines"]
        for y in [p.split(",")[1] for p in line["points"].split()]
    )


def test_an_empty_record_draws_no_line() -> None:
    drawn = picture.draw(OWN, {}, BOUND)
    assert (drawn["lines"], drawn["peak"]) == ([], None)
    assert "nothing is known" in drawn["says"]


def test_the_last_result_of_each_variant_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "blast.json"
    results = Results(path, "https://one")
    assert results.read() == {}
    results.keep("own", {"id": "a"})
    results.keep("shared", {"id": "b"})
    results.keep("own", {"id": "c"})
    assert results.read() == {"own": {"id": "c"}, "shared": {"id": "b"}}
    assert path.stat().st_mode & 0o077 == 0
    assert Results(path, "https://another").read() == {}


@pytest.mark.parametrize("text", ["nonsense", "[]", json.dumps({"form": 99, "results": {"own": {}}}), '{"form": 1}'])
def test_results_that_cannot_be_read_are_absent(tmp_path: Path, text: str) -> None:
    path = tmp_path / "blast.json"
    path.write_text(text)
    assert Results(path, "https://one").read() == {}
