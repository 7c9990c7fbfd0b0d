"""What is logged, in either form: one line a record, and nothing that looks like a credential, tracebacks included."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from dashboard.logs import LIBRARIES, configure, formatter

CANARY = "hunter2-canary"


def record(message: str, *arguments: object, error: bool = False) -> logging.LogRecord:
    told = logging.LogRecord("dashboard.kube", logging.WARNING, __file__, 1, message, arguments, None)
    if error:
        try:
            raise ValueError(f"password={CANARY}")
        except ValueError:
            told.exc_info = sys.exc_info()
    told.__dict__["session"] = CANARY
    return told


@pytest.mark.parametrize("form", ["text", "json"])
def test_credentials_are_taken_out(form: str) -> None:
    line = formatter(form).format(record("refused: %s", f"Authorization: Bearer {CANARY}", error=True))

    assert CANARY not in line
    assert "refused" in line
    assert "ValueError" in line


def test_a_json_line_is_one_document() -> None:
    line = formatter("json").format(record("two\nlines of %d", 2, error=True))

    assert "\n" not in line
    document = json.loads(line)
    assert (document["level"], document["logger"]) == ("WARNING", "dashboard.kube")
    assert document["message"] == "two\nlines of 2"
    assert set(document) == {"time", "level", "logger", "message", "error"}


def test_libraries_that_print_payloads_stay_quiet_whatever_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in (*LIBRARIES, "dashboard"):
        monkeypatch.setattr(logging.getLogger(each), "level", logging.NOTSET)
    configure("DEBUG")
    assert {"engineio", "socketio", "urllib3", "kubernetes"} <= set(LIBRARIES)
    assert [logging.getLogger(each).level for each in LIBRARIES] == [logging.WARNING] * len(LIBRARIES)
    assert logging.getLogger("dashboard").level == logging.DEBUG
