"""Report, JSON and CSV of a run hold no secret, and no text of the cluster or of a person breaks out of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret

CANARY = "c4n4ry-7f3a91d2"
HOSTILE = "</script><script>alert(1)</script>\u2028<img src=x onerror=alert(2)> ' \" & ]]> <!--"
EVENTS = (
    f"Failed to pull image: registry.example/app: Authorization: Basic {CANARY}",
    f"MongoServerError: mongodb://guestbook:{CANARY}@mongo-0/guestbook is not there",
    f"password={CANARY} was refused; token: {CANARY}",
    f"Set-Cookie: surgeboard-8080={CANARY}; Path=/",
    f"Bearer {CANARY}{CANARY}",
    HOSTILE,
    '=HYPERLINK("http://evil.example","open")',
)
FILES = ("report.html", "run.json", "samples.csv", "events.csv")


def object_of(kind: str, **more: Any) -> dict[str, Any]:
    version = "apps/v1" if kind == "Deployment" else "v1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "shop", "namespace": "shop"}, **more}


SHOP = Bundle(
    "shop",
    (
        object_of("Secret", stringData={"password": CANARY}, data={"other": CANARY}),
        object_of("ConfigMap", data={"api-key": CANARY, "url": f"mongodb://me:{CANARY}@mongo", "words": HOSTILE}),
        object_of("Deployment", spec={"template": {"spec": {"containers": [
            {"name": "app", "args": [f"--password={CANARY}"], "env": [{"name": "DB_PASSWORD", "value": CANARY}]},
        ]}}}),
    ),
    secrets=(GeneratedSecret("shop", "made", generate={"key": 32}),),
)  # fmt: skip


@pytest.fixture
def taken(web: Any, recorded: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The files of a run that holds canaries wherever one might get in."""
    told = {"id": "e", "t": "2026-11-23T09:51:00Z", "kind": "warning", "object": None, "count": 1, "quiet": False}
    run_id = recorded(
        name=HOSTILE[:60],
        note="",
        why=HOSTILE,
        by=f"operator token={CANARY}",
        request={"target": "guestbook", "nonce": CANARY, "token": CANARY, "note": HOSTILE, "env": {"A": CANARY}},
        revisions={"shop": {"number": 1, "revision": SHOP.revision, "at": None, "by": HOSTILE, "secret": CANARY}},
        events=[{**told, "id": str(at), "text": text} for at, text in enumerate(EVENTS)],
        flags=[{**told, "text": HOSTILE, "sentence": HOSTILE}],
        explanations=[{"t": told["t"], "state": "x", "sentence": HOSTILE, "confidence": HOSTILE, "advice": HOSTILE,
                       "sum": [{"label": HOSTILE, "value": HOSTILE, "deciding": True, "token": CANARY}]}],
        failures_by=[{"method": "GET", "name": HOSTILE, "error": f"Cookie: {CANARY}", "occurrences": 1}],
        workers=[{"id": "w", "pod": HOSTILE, "token": CANARY}],
    )  # fmt: skip
    web.archive.note(run_id, "<script>note</script>")
    monkeypatch.setattr(web.actions, "bundles", lambda: [SHOP])
    client = web.signed_in()
    files = {name: client.get(f"/runs/{run_id}/{name}").get_data(as_text=True) for name in FILES}
    return {**files, "page": client.get(f"/runs/{run_id}").text, "api": client.get(f"/api/v1/runs/{run_id}").text}


class Read(HTMLParser):
    """The elements of a page as a browser's parser takes them, text by element, and what attributes run scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.handlers: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self._open = [""]
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append(tag)
        self._open.append(tag)
        self.handlers += [name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "")]

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1 and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1], data))


@pytest.mark.parametrize("name", [*FILES, "page", "api"])
def test_no_canary_is_in_any_of_them(taken: dict[str, str], name: str) -> None:
    assert len(taken[name]) > 400
    assert CANARY not in taken[name]


@pytest.mark.parametrize(("name", "scripts"), [("report.html", 2), ("page", 2)])
def test_no_text_becomes_markup(taken: dict[str, str], name: str, scripts: int) -> None:
    read = Read(taken[name])
    assert read.elements.count("script") == scripts
    assert read.handlers == []
    assert "onerror=alert(2)" in "".join(text for tag, text in read.texts if tag not in ("script", "style"))
    assert [tag for tag in read.elements if tag in ("iframe", "object", "embed", "base")] == []


def test_the_data_of_a_report_ends_neither_its_element_nor_a_line(taken: dict[str, str]) -> None:
    data = next(text for tag, text in Read(taken["report.html"]).texts if tag == "script" and text.startswith("{"))
    assert json.loads(data)["flags"][0]["text"] == HOSTILE
    assert not set("<>&\u2028\u2029") & set(data)


def test_a_report_allows_itself_nothing_but_its_own_script_and_style(taken: dict[str, str]) -> None:
    text = taken["report.html"]
    policy = text.partition('http-equiv="Content-Security-Policy" content="')[2].partition('"')[0]
    assert policy.startswith("default-src &#39;none&#39;; script-src &#39;sha256-")
    assert "unsafe" not in policy
    for loading in (' src="http', "url(http", "@import", '<link rel="stylesheet"'):
        assert loading not in text, loading


def test_manifests_go_along_without_what_they_must_not_tell(taken: dict[str, str]) -> None:
    text = taken["report.html"]
    for words in ("Deployment shop/shop", "DB_PASSWORD", "&lt;not shown&gt;", "Secret shop/made", "made once"):
        assert words in text, words


def test_a_spreadsheet_takes_no_text_for_a_formula(taken: dict[str, str]) -> None:
    rows = list(csv.reader(io.StringIO(taken["events.csv"], newline="")))
    assert rows[-1][-1].startswith("'=HYPERLINK")
    assert rows[-2][-1] == HOSTILE
    samples = list(csv.reader(io.StringIO(taken["samples.csv"], newline="")))
    assert float(samples[1][1]) < 0  # a number below zero stays one
    assert {len(row) for row in samples} == {12}


def test_files_are_saved_and_never_shown_within_our_origin(web: Any, recorded: Callable[..., str]) -> None:
    run_id, client = recorded(), web.signed_in()
    for name in FILES:
        headers = client.get(f"/runs/{run_id}/{name}").headers
        assert headers["Content-Disposition"].startswith(f'attachment; filename="surgeboard-run-{run_id}')
        assert headers["Cache-Control"] == "no-store"
