"""What a person may want to do next."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from dashboard.access.links import FILE_NAME
from dashboard.cli.session import Session


def next_steps(session: Session, names: Sequence[str]) -> list[str]:
    """Where to look; the page only where one is served that shows this very cluster."""
    page = page_of(session.settings.data_dir) if session.is_local else None
    steps = [f"How it is: surgeboard status {' '.join(names)}"]
    if page is not None:
        steps.append(f"The page: {page}/deploy (surgeboard url signs a browser in)")
    return steps


def page_of(data_dir: Path) -> str | None:
    """The address of the dashboard that runs with this data folder, without what signs in."""
    try:
        url = urlsplit((data_dir / FILE_NAME).read_text(encoding="utf-8").strip())
        with socket.create_connection((url.hostname or "", url.port or 80), timeout=0.5):
            return f"{url.scheme}://{url.netloc}"
    except (OSError, ValueError):
        return None
