"""Takes README's picture of a real run: starts everything, deploys, loads, waits until it has scaled, photographs.

Run by `make screenshot`. Needs what the browser tests need.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURE = Path(__file__).with_name("stage.png")
PORT = "8765"
REPLICAS = 5
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
READY = "Number(document.querySelector('#figures [data-f=ready]').textContent)"
DEPLOYED = "document.querySelector('#deploy-progress [data-f=sentence]').textContent.startsWith('Deployed')"


def main() -> None:
    """The whole demonstration with a camera."""
    with tempfile.TemporaryDirectory() as folder, surgeboard(Path(folder)) as url, sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-headless-shell")
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(url)
        deploy(page)
        start_swarm(page)
        wait(page, f"{READY} >= {REPLICAS}", seconds=240)
        page.wait_for_timeout(20_000)  # some seconds of the new pods' effect belong in the picture
        page.screenshot(path=PICTURE)
        page.locator("#stop-swarm").click()
        wait(page, "!document.querySelector('#open-swarm').hidden", seconds=30)
        browser.close()
    print(f"wrote {PICTURE}")


@contextmanager
def surgeboard(folder: Path) -> Iterator[str]:
    """A running `surgeboard up`; gives its sign-in URL."""
    command = [sys.executable, "-m", "dashboard", "up", "--port", PORT, "--api-port", "0", "--data-dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def deploy(page: Page) -> None:
    """All bundles, to the end."""
    page.locator("#open-deploy").click()
    page.locator("#deploy-form button[type=submit]").click()
    wait(page, DEPLOYED, seconds=400)
    page.keyboard.press("Escape")


def start_swarm(page: Page) -> None:
    """The profile with steps shows more than a plateau does."""
    page.locator("#open-swarm").click()
    page.locator("#swarm-form input[value=steps]").check(force=True)
    page.locator("#swarm-form button[type=submit]").click()
    page.locator("#confirm-swarm").click()


def wait(page: Page, expression: str, *, seconds: float) -> None:
    """Until the expression is true in the page; its policy forbids Playwright's own waiting."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        if time.monotonic() > end:
            sys.exit(f"never true: {expression}")
        page.wait_for_timeout(200)


if __name__ == "__main__":
    main()
