"""Log lines for whoever runs the process: time, level, who, what. Payloads and credentials are never logged."""

from __future__ import annotations

import logging


def configure(level: str) -> None:
    """Sets the level of our own loggers; the socket libraries print payloads at INFO, so they stay at WARNING."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("dashboard").setLevel(level)
