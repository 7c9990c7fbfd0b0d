"""An error says what to do and nothing of the inside."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_shows_no_internals(web: Any, htmx: Any, caplog: pytest.LogCaptureFixture) -> None:
    web.actions.refuse = RuntimeError("password=hunter2")
    client = web.signed_in()
    answer = client.post("/swarm/stop", headers=htmx())
    assert answer.status_code == 500
    assert "hunter2" not in answer.text + json.dumps(dict(answer.headers))
    assert "a route failed: POST /swarm/stop" in caplog.text


def test_a_missing_page_is_a_page(web: Any) -> None:
    answer = web.signed_in().get("/nowhere")
    assert answer.status_code == 404
    assert "Back to the Stage" in answer.text


def test_a_missing_document_is_a_document(web: Any) -> None:
    assert web.signed_in().get("/api/v1/nowhere").json["error"] == "There is no such page"


def test_a_wrong_method_is_refused(web: Any) -> None:
    assert web.signed_in().get("/teardown").status_code == 405


@pytest.mark.parametrize("path", ["/", "/nowhere", "/sign-in", "/signed-out"])
def test_no_page_has_inline_script_or_style(web: Any, path: str) -> None:
    text = web.signed_in().get(path).text.lower()
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text
    assert "<script>" not in text
    assert "javascript:" not in text
