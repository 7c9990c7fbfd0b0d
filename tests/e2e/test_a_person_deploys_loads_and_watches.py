"""The product in a real browser on the real local cluster: sign in, deploy, load, watch it scale, stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.browser]

FIGURE = "Number(document.querySelector('#figures [data-f={}]').textContent)"
BAR_COLOURS = """() => {
  const canvas = document.querySelector('#tide-plot canvas');
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] === 255) colours.add(pixels.slice(i, i + 3).join());
  return colours.size;
}"""


@pytest.fixture
def page(chromium: Any, up: Any) -> Iterator[Any]:
    """A signed-in page; at the end it may not have complained."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    made = context.new_page()
    complaints: list[str] = []
    made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.goto(up.url)
    yield made
    context.close()
    assert [each for each in complaints if "503" not in each] == []


def test_from_an_empty_cluster_to_three_replicas_and_a_verified_stop(
    page: Any, up: Any, until: Callable[..., None]
) -> None:
    until(page, "document.querySelector('#connection').textContent.includes('live')", seconds=120)
    page.evaluate("window.neverReloaded = true")

    deploy(page, until)
    until(page, "document.querySelector('#groups').textContent.includes('mongo-2')")
    until(page, "document.querySelector('#groups').textContent.includes('primary')", seconds=120)
    assert "guestbook" in up.kubectl("-n", "flask", "get", "deployments")

    page.locator("#open-swarm").click()
    page.locator("#swarm-form button[type=submit]").click()
    page.locator("#confirm-swarm").click()
    until(page, "!document.querySelector('#stop-swarm').hidden", seconds=120)
    until(page, f"{FIGURE.format('ready')} >= 3", seconds=240)
    until(page, f"{FIGURE.format('cpu')} > 50")
    until(page, f"{FIGURE.format('users')} === 60")
    assert page.evaluate(BAR_COLOURS) > 3
    assert "SuccessfulRescale" in up.kubectl("-n", "flask", "get", "events")

    page.locator("#stop-swarm").click()
    until(page, "!document.querySelector('#open-swarm').hidden", seconds=120)
    until(page, f"{FIGURE.format('users')} === 0 && {FIGURE.format('rps')} === 0")
    assert page.evaluate("window.neverReloaded")


def deploy(page: Any, until: Callable[..., None]) -> None:
    """Deploys every bundle with the dialog and waits until it says so."""
    page.locator("#open-deploy").click()
    page.locator("#deploy-form button[type=submit]").click()
    sentence = "document.querySelector('#deploy-progress [data-f=sentence]').textContent"
    until(page, f"{sentence}.startsWith('Deployed')", seconds=400)
    page.keyboard.press("Escape")
