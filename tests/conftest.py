"""What all tests share: the pace of examples, a real Chromium, waiting in a page, and a record of what was asked."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.recording.plugin import SuiteRecord

# How long an example takes says something of the machine, nothing of the program.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")

LONGEST = (
    "test_promises_hold_when_programs_die.py",
    "test_a_run_tells_the_truth.py",
    "test_the_rehearsal_scales_up_and_back.py",
    "test_every_account_may_just_what_it_uses.py",
    "test_a_person_deploys_loads_and_watches.py",
)
"""Modules of minutes: begun last, one of them would keep everybody waiting."""

CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest modules first; everything else stays where it was."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(LONGEST)))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SuiteRecord(config), "suite-record")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser of the module's own: Playwright keeps an event loop running, which the next module's tests may need."""
    program = next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium on PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def until() -> Callable[..., None]:
    """Waits until an expression is true in the page. Playwright's own waiting needs `eval`; our policy forbids it."""

    def wait(page: Any, expression: str, *, seconds: float = 40) -> None:
        end = time.monotonic() + seconds
        while not page.evaluate(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            page.wait_for_timeout(50)

    return wait
