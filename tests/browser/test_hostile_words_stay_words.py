"""Names and messages are anybody's who may write to the cluster: on every page they are text, and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

FIXTURES = Path(__file__).resolve().parents[1] / "dashboard" / "fixtures"
MARKUP = (
    "'\"`><script>pwned()</script></template></title><img src=x onerror=pwned()><svg onload=pwned()>"
    "<a href=javascript:pwned()>&lt;b&gt;${pwned()}{{7*7}}"
)
ODD = "\u202eGPJ.exe\u200b\u2066\x00\x1b[31m\ufeff" + "x" * 253
SCHEME = "javascript:pwned()"
FREE = frozenset(
    {"name", "short", "namespace", "text", "sentence", "detail", "reason", "message", "node", "cluster", "server",
     "error", "label", "value", "started_by", "by", "why", "note", "word", "cause", "advice", "title", "trouble",
     "container", "pod", "ip", "phase", "role", "image", "manager", "field", "object", "url", "tags", "from", "to",
     "host", "first", "last", "about", "rule", "what", "evidence", "line", "said", "volume", "claim", "member"}
)  # fmt: skip
"""Fields that hold words of the cluster or of people; what is left are our own words of a fixed number."""
PAGES = ("/", "/deploy", "/deploy/flask", "/load", "/scaling", "/data", "/limits", "/story", "/runs", "/runs/{run}",
         "/runs/compare?run={run}&run={other}", "/present", "/share")  # fmt: skip
REDACTED = ("/present", "/share")
"""There is none of these words to be shown."""


LOOK = """() => ({
  violations,
  markup: document.querySelectorAll('img[src=x], svg[onload], [href^="javascript:" i]').length,
  scripts: [...document.scripts].filter((each) => each.textContent.includes("pwned()")).length,
  text: document.documentElement.textContent,
})"""


def poisoned(value: Any, words: str, *, key: str = "") -> Any:
    """The same with `words` in every field that is free text."""
    if isinstance(value, Mapping):
        return {name: poisoned(each, words, key=name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [poisoned(each, words, key=key) for each in value]
    if not isinstance(value, str) or key not in FREE:
        return value
    return SCHEME if key == "url" else f"{value}{words}"


def dated(value: Any) -> Any:
    """The fixture's seconds from now as times."""
    if isinstance(value, list):
        return [dated(each) for each in value]
    if not isinstance(value, dict):
        return value
    moments = {"at", "t", "ends_at", "metrics_at"}
    return {
        key: datetime.fromtimestamp(time.time() + each, UTC).isoformat(timespec="seconds")
        if key in moments and isinstance(each, int)
        else dated(each)
        for key, each in value.items()
    }


def fill(stand: Any, words: str) -> None:
    """Every view that a page shows, with `words` wherever the cluster or a person may put some."""
    stand.script.everything()
    stand.script.deploying(failed=True)
    stand.script.bundles(json.loads((FIXTURES / "deploy-page.json").read_text())["rows"])
    for name in ("data-rows", "limits-rows"):
        for view, rows in json.loads((FIXTURES / f"{name}.json").read_text()).items():
            stand.views.replace(view, rows)
    stand.views.put("swarm", "current", json.loads((FIXTURES / "swarm-row.json").read_text()))
    scaling = json.loads((FIXTURES / "scaling-rows.json").read_text())
    stand.views.put("why", "uid-hpa", dated(scaling["why"]))
    for row in dated(scaling["decisions"]):
        stand.views.put("decisions", row["id"], {**row, "hpa": scaling["why"]["hpa"]})
    for view, rows in stand.views.snapshot().views.items():
        for key, row in rows.items():
            stand.views.put(view, key, poisoned(row, words))
    stand.views.put(
        "connection", "cluster", poisoned({**stand.views.rows("connection")["cluster"], "state": "stale"}, words)
    )


@pytest.mark.parametrize("words", [MARKUP, ODD], ids=["markup", "odd characters"])
def test_words_of_the_cluster_stay_words_on_every_page(stand: Any, open_page: Any, recorded: Any, words: str) -> None:
    fill(stand, words)
    poison = poisoned(dict.fromkeys(("name", "note", "by", "error"), "x"), words)
    run, other = recorded(**poison), recorded(**poison)
    page = open_page()
    page.add_init_script(
        "window.violations = []; window.pwned = () => violations.push('pwned');"
        "document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));"
    )
    for address in PAGES:
        path = address.format(run=run, other=other)
        answer = page.goto(stand.url + path)
        assert answer.status == 200, path
        page.wait_for_timeout(700)  # nothing has to come true: this is time for what must not happen
        told = page.evaluate(LOOK)
        assert (told["violations"], told["markup"], told["scripts"]) == ([], 0, 0), path
        if words == MARKUP and path not in REDACTED:
            assert MARKUP in told["text"], f"{path} does not show it as it is"
