"""Modules are linked into one script or refused; the picture and the words of a report say what the run says."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dashboard.runs import compare, linking, picture, report, side_by_side, telling, wording

RUN = json.loads((Path(__file__).resolve().parents[1] / "fixtures" / "run.json").read_text())
MADE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def linked(**modules: str) -> str:
    return linking.link("js/main.js", lambda path: modules[path.removeprefix("js/").removesuffix(".js")])


def test_modules_are_put_below_what_they_import() -> None:
    script = linked(
        main='import { a as b } from "./a.js";\nimport c from "./c.js";\nb(c);',
        a='import c from "./c.js";\nexport function a() {}\nexport const x = 1;',
        c="const c = 1;\nexport { c as default };",
    )
    order = [script.index(f'modules["js/{name}.js"] = ') for name in ("c", "a", "main")]
    assert order == sorted(order)
    assert 'const { a: b } = modules["js/a.js"];' in script
    assert "return { a: a, x: x };" in script
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)


@pytest.mark.parametrize(
    "text",
    ['import * as all from "./a.js";', "export default function () {}", 'export * from "./a.js";',
     'import "./a.js";', "export { a, };\nexport const [x] = [1];", 'const end = "</script>";', "const c = '<!--';"],
)  # fmt: skip
def test_what_is_not_known_is_refused_rather_than_guessed(text: str) -> None:
    with pytest.raises(linking.NotLinked):
        linked(main=text, a="")


def test_a_circle_is_refused() -> None:
    with pytest.raises(linking.NotLinked, match="in a circle"):
        linked(main='import { a } from "./a.js";', a='import { b } from "./main.js";\nexport const a = 1;')


def test_exports_in_a_comment_are_none() -> None:
    assert "return {  };" in linked(main="/*\nexport function old() {}\n*/\nconst now = 1;")


def test_a_report_holds_its_run_and_is_not_heavy() -> None:
    text = report.report(RUN, made_at=MADE)
    assert len(text.encode()) < 500_000
    data = text.partition('id="run-data">')[2].partition("</script>")[0]
    assert json.loads(data) == RUN
    for words in ("Permission is hereby granted", "Before the cache", "None are kept with this run"):
        assert words in text


def test_a_document_that_tells_little_still_makes_a_report() -> None:
    short = {name: RUN[name] for name in ("run_id", "started_at", "samples", "flags", "explanations")}
    assert "<polyline" in report.report(short, made_at=MADE)
    assert "nothing to draw" in report.report({"run_id": "x"}, made_at=MADE)


def test_a_gap_in_the_data_is_a_gap_in_the_picture() -> None:
    drawn: Any = picture.picture(RUN)
    users = next(band for band in drawn["bands"] if band["name"] == "load")["series"][0]
    assert len(users["lines"]) == 2  # the fixture misses eight seconds under load


def test_pods_are_bars_that_stack_and_end() -> None:
    drawn: Any = picture.picture(RUN)
    assert len(drawn["bars"]) == 5
    assert len({bar["y"] for bar in drawn["bars"]}) == 5
    assert sum(bar["starting"] > 0 for bar in drawn["bars"]) == 4
    assert all(bar["from"] + bar["ready"] <= picture.RIGHT for bar in drawn["bars"])


def test_flags_do_not_lie_on_one_another() -> None:
    flags = [{"t": f"2026-11-23T09:51:{second:02}Z", "kind": "scaled", "text": "1 → 3"} for second in range(0, 40, 2)]
    drawn: Any = picture.picture({**RUN, "flags": flags})
    for lane in (0, 1):
        placed = [flag for flag in drawn["flags"] if flag["lane"] == lane]
        assert all(one["left"] + one["width"] <= after["left"] for one, after in pairwise(placed))
    assert len(drawn["flags"]) == 20


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0 s"), (4.25, "4.2 s"), (45.4, "45 s"), (185, "3 min 05 s"), (7800, "2 h 10 min")],
)  # fmt: skip
def test_spans_are_told_as_people_say_them(value: float | None, text: str) -> None:
    assert wording.span(value) == text


def test_times_are_told_since_the_load_began() -> None:
    told = telling.events(RUN)
    assert [told[0]["since"], told[1]["since"]] == ["−0:01", "+0:18"]


def test_few_failures_are_not_told_as_none() -> None:
    assert wording.failed({"requests": 100_000, "failures": 1}) == "< 0.1"
    assert wording.failed({"requests": 0, "failures": 0}) == "–"


def test_what_is_better_is_told_by_word_and_sign() -> None:
    faster = {**RUN, "run_id": "b", "reaction": {**RUN["reaction"], "load_to_ready_s": 12.1}, "failures": 76}
    told = side_by_side.told(compare.compared([RUN, faster]), [RUN, faster])
    by_label = {line["label"]: line["others"][0] for line in told["measures"]}
    assert by_label["load to new pod Ready"]["sign"] == "−12 s (−50 %)"
    assert by_label["load to new pod Ready"]["word"] == "better"
    assert (by_label["failed requests"]["sign"], by_label["failed requests"]["word"]) == ("+38 (+100 %)", "worse")
    assert by_label["requests"]["word"] == "the same"
    assert [len(band["runs"]) for band in told["picture"]["bands"]] == [2] * 6


def test_a_pod_has_its_share_of_all_requests_of_the_run() -> None:
    """Not the one of the last seconds, which is recorded with it."""
    pods = [{"pod": "a", "requests": 75, "share_percent": 50.0}, {"pod": "b", "requests": 25, "share_percent": 50.0}]
    assert [each["share"] for each in telling.whole({**RUN, "pods": pods})["pods"]] == ["75.0", "25.0"]
    assert telling.whole({**RUN, "pods": [{"pod": "a", "requests": None}]})["pods"][0]["share"] == wording.UNKNOWN
