"""After a deploy: where to look. The page is named only where one is served, and never with what signs in."""

from __future__ import annotations

import socket
from pathlib import Path

from dashboard.cli.hints import page_of


def test_the_page_is_named_while_it_is_served(tmp_path: Path) -> None:
    assert page_of(tmp_path) is None
    with socket.create_server(("127.0.0.1", 0)) as served:
        port = served.getsockname()[1]
        (tmp_path / "sign-in-url").write_text(f"http://127.0.0.1:{port}/sign-in?token=secret\n")
        assert page_of(tmp_path) == f"http://127.0.0.1:{port}"

    assert page_of(tmp_path) is None
