"""Each field of each form, one at a time, with values that nobody means, beside usual ones: never a failure of ours.

What is made up at random seldom meets the one field that is read carelessly, behind all the others that are right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dashboard.access.capabilities import ROUTES, Capability

ODD = ("", "x", "-1", "1.5", "NaN", "1e308", "9" * 400, "٦٠", "²", "\x00", "\u202e", "//[", "/\\", "%00", "a:b:c")
USUAL = {
    "bundle": "flask", "confirm": "flask", "seal": "0" * 64, "expect": "flask:abc", "users": "10", "spawn_rate": "5",
    "minutes": "1", "duration_s": "60", "profile": "steady", "workers": "1", "target": "guestbook", "nonce": "n",
    "label": "a", "hours": "8", "p95_limit_ms": "1000", "failed_limit_percent": "1", "variant": "alone", "number": "1",
    "yes": "on",
}  # fmt: skip
FORMS = Path(__file__).resolve().parents[3] / "dashboard" / "web" / "forms.py"
PARTS = {"bundle": "flask", "number": "1", "link_id": "00000000", "filename": "js/main.js", "run": "x"}
READS = re.compile(r"\.get(?:list)?\(\s*\"([a-z_0-9]+)\"|(?:ids_of|only)\([^)]*\"([a-z_0-9]+)\"")


def fields_of(view: Any) -> list[str]:
    """Those that the view's module names, and where it asks the forms, all that they name."""
    source = Path(view.__code__.co_filename).read_text(encoding="utf-8")
    source += FORMS.read_text(encoding="utf-8") if "forms" in source else ""
    return sorted({name for pair in READS.findall(source) for name in pair if name})


def requests_of(web: Any, endpoint: str) -> Iterator[tuple[str, dict[str, str]]]:
    fields = fields_of(web.app.view_functions[endpoint])
    for rule in web.app.url_map.iter_rules():
        if rule.endpoint == endpoint and "POST" in rule.methods:
            path = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda found: PARTS.get(found[1], "x"), rule.rule)
            usual = {name: USUAL[name] for name in fields if name in USUAL}
            yield from ((path, {**usual, name: odd}) for name in fields for odd in ODD)


def test_no_value_of_a_field_is_answered_with_a_failure_of_ours(
    web: Any, recorded: Callable[[], None], htmx: Callable[..., dict[str, str]]
) -> None:
    recorded()
    client, tried = web.signed_in(Capability.APPLY), 0
    for number, endpoint in enumerate(sorted(set(ROUTES) - {"sign_in.sign_out", "app_frame.relay"})):
        somebody = {"REMOTE_ADDR": f"10.0.0.{number}"}  # an address has a pace
        for path, values in requests_of(web, endpoint):
            with client.post(path, headers=htmx(), data=values, environ_overrides=somebody) as answer:
                assert answer.status_code < 500, (path, values)
                assert answer.status_code != 429, path
            tried += 1
    assert tried > 1000


def test_the_fields_are_found(web: Any) -> None:
    views = web.app.view_functions
    assert {"label", "hours"} == set(fields_of(views["share.make"]))
    assert {"users", "nonce", "seal", "minutes", "number", "confirm"} <= set(fields_of(views["operations.deploy"]))
