"""The real web application with scripted rows, and a real Chromium before it. The cluster is not needed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.standing import Stand
from tests.dashboard.web.recorded import put_run


@pytest.fixture
def read_only() -> bool:
    """Whether the dashboard is; a file of tests may say otherwise."""
    return False


@pytest.fixture
def stand(tmp_path: Path, read_only: bool) -> Iterator[Stand]:
    made = Stand(tmp_path, read_only=read_only)
    yield made
    made.close()


@pytest.fixture
def recorded(stand: Stand) -> Callable[..., str]:
    """Puts a run into the archive, as it was recorded or with changes; gives its id."""
    return lambda **changes: put_run(stand.archive, **changes)


@pytest.fixture
def open_page(chromium: Any, stand: Stand) -> Iterator[Callable[..., Any]]:
    """Opens a signed-in page; at the end no page may have complained in its console."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_it(
        *, width: int = 1440, height: int = 1000, dark: bool = False, signed_in: bool = True, **more: Any
    ) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", **more
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(40_000)
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(stand.links.renew() if signed_in else stand.url)
        return page

    open_it.complaints = complaints  # type: ignore[attr-defined]
    yield open_it
    for context in contexts:
        context.close()
    expected = ("503", "WebSocket", "401", "409", "422", "403")
    assert [text for text in complaints if not any(word in text for word in expected)] == []
