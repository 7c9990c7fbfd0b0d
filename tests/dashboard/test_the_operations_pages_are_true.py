"""docs/operations.md and SECURITY.md name what there is: settings with their defaults, series, bounds, tests."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from prometheus_client.core import Metric

from dashboard.access import gate, share_links
from dashboard.access.paces import IPV6_NETWORK
from dashboard.cli import serve
from dashboard.live import admission, mailbox, sockets, websocket
from dashboard.settings import COMPUTED, Settings
from dashboard.telemetry import Telemetry

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
SECURITY = (ROOT / "SECURITY.md").read_text()
KIB = 1024


def series() -> list[Metric]:
    nothing = Telemetry(list, lambda: 0, lambda: 0, {}, {})
    return list(nothing.collect())


def test_every_setting_is_in_the_table_and_no_other() -> None:
    settings = {f"SURGEBOARD_{each.name.upper()}" for each in fields(Settings) if each.name not in COMPUTED}
    named = {name for row in re.findall(r"^\| (`SURGEBOARD_.*?) \|", OPERATIONS, re.MULTILINE)
             for name in re.findall(r"SURGEBOARD_[A-Z_]+", row)}  # fmt: skip
    assert named == settings


def test_every_default_is_as_it_is_told() -> None:
    made = Settings()
    rows = re.findall(r"^\| `SURGEBOARD_([A-Z_]+)` \|.*\| `([^`]*)` \|$", OPERATIONS, re.MULTILINE)
    assert len(rows) >= 8
    for name, told in rows:
        default = getattr(made, name.lower())
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        assert shown.endswith(told.rstrip("/")), name


def test_every_series_is_explained_and_no_other() -> None:
    told = set(re.findall(r"^\| `(surgeboard_[a-z_]+)", OPERATIONS, re.MULTILINE))
    assert told == {f"{each.name}_total" if each.type == "counter" else each.name for each in series()}


@pytest.mark.parametrize(
    "bound",
    [
        f"{gate.REQUESTS_PER_SECOND} requests a second, {gate.REQUESTS_AT_ONCE} at once",
        f"{admission.PER_ADDRESS} sockets; {admission.HANDSHAKES_PER_SECOND} handshakes a second",
        f"| session | {admission.PER_SESSION} sockets |",
        f"| share link | {share_links.SOCKETS_PER_LINK} sockets |",
        f"{Settings().viewers_max} sockets, and {serve.HTTP_RESERVE} connections",
        f"a head within {serve.HEAD_S} s",
        f"{gate.BODY_MAX // KIB} KiB, within {gate.BODY_S:.0f} s",
        f"a message of {websocket.LARGEST_MESSAGE // KIB} KiB, {sockets.EVENTS_PER_SECOND} a second",
        f"{websocket.BYTES_PER_SECOND // KIB} KiB a second in all",
        f"the latest of {mailbox.MOST} rows, then a snapshot; not taken for {2 * sockets.PING} s",
        f"{serve.UNHEARD_MS // 1000} s | closed",
        f"of IPv6 the /{IPV6_NETWORK}",
    ],
)
def test_every_bound_is_as_it_is_told(bound: str) -> None:
    assert bound in OPERATIONS


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`([a-z_/]+/(?:test_[a-z_]+\.py)?)`", SECURITY)
    assert len(named) > 10
    for path in named:
        assert any((ROOT / base / path).exists() for base in ("tests/dashboard", "tests", ".")), path


def test_links_lead_somewhere() -> None:
    for text, folder in ((OPERATIONS, ROOT / "docs"), (SECURITY, ROOT)):
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert (folder / target).exists(), target
