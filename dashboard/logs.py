"""Log lines for whoever runs the process: time, level, who, what; as text, or as one JSON document a line.

Payloads and credentials are never logged on purpose; what looks like a credential is taken out of every line all the
same, tracebacks included, for what an API refuses it likes to repeat.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from dashboard.redaction import scrub

LIBRARIES = ("engineio", "socketio", "geventwebsocket", "kubernetes", "urllib3")
"""They print payloads at INFO or DEBUG, so they stay at WARNING whatever is asked for."""


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


class _Json(logging.Formatter):
    """Only these fields, whatever else a record carries."""

    def format(self, record: logging.LogRecord) -> str:
        document = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        if record.exc_info:
            document["error"] = scrub(self.formatException(record.exc_info))
        return json.dumps(document, ensure_ascii=False)


def formatter(form: str) -> logging.Formatter:
    """Of a line: `text` or `json`."""
    return _Json() if form == "json" else _Text("%(asctime)s %(levelname)s %(name)s: %(message)s")


def configure(level: str, form: str = "text") -> None:
    """Sets the level of our own loggers and the form of all lines, which go to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(form))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("dashboard").setLevel(level)
    for each in LIBRARIES:
        logging.getLogger(each).setLevel(logging.WARNING)
