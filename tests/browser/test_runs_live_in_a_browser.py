"""The pages about runs with their scripts, and a report as a file of its own: charts, steps, print, no network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
HOSTILE = "</script><script>document.title = 'broken'</script>\u2028<img src=x onerror=\"document.title = 'broken'\">"
ALIVE = "document.querySelector('#tide').dataset.alive !== undefined && document.querySelector('#tide-plot canvas')"


@pytest.fixture
def report(stand: Any, recorded: Callable[..., str], open_page: Open, tmp_path: Path) -> Path:
    """A report of a run with hostile words, saved as a person saves it."""
    event = {"id": "x", "t": "2026-11-23T09:51:05Z", "kind": "warning", "object": None, "count": 1, "quiet": False}
    run_id = recorded(events=[{**event, "text": HOSTILE}], why=HOSTILE)
    page = open_page()
    page.goto(f"{stand.url}/runs/{run_id}")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Report").click()
    file = tmp_path / saved.value.suggested_filename
    assert file.name == f"surgeboard-run-{run_id}.html"
    saved.value.save_as(file)
    return file


def opened(chromium: Any, file: Path, **more: Any) -> tuple[Any, list[str], list[str]]:
    """The file in a browser without a network; what it asked for and what it complained of."""
    page = chromium.new_context(offline=True, **more).new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    return page, asked, complaints


def test_a_report_is_alive_without_a_network(chromium: Any, report: Path, until: Any) -> None:
    page, asked, complaints = opened(chromium, report)
    until(page, ALIVE)
    assert page.evaluate("getComputedStyle(document.querySelector('.still')).display") == "none"
    page.locator("#tide-cursor").focus()
    page.keyboard.press("End")
    assert "load users" in page.locator("#tide-cursor").get_attribute("aria-valuetext")
    page.locator("input[value=load]").check(force=True)
    page.locator("#tide-as-table").click()
    assert page.locator("#tide-table tbody tr").count() > 50
    page.locator("#step-on").click()
    page.locator("#step-on").click()
    until(page, "document.querySelector('#step-place').textContent === '2 of 6'")
    assert page.locator(".explanation[open]").count() == 1
    with page.expect_download() as saved:
        page.locator("#save-png").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []
    assert complaints == []
    assert "onerror" in page.locator("#run-events").text_content()
    assert page.title().startswith("Before the cache")
    page.context.close()


def test_a_report_s_own_policy_stops_what_would_get_in(chromium: Any, report: Path, until: Any) -> None:
    text = report.read_text(encoding="utf-8")
    report.write_text(text.replace("</main>", "</main><script>document.title = 'broken'</script>", 1), "utf-8")
    page, _, complaints = opened(chromium, report)
    until(page, ALIVE)
    assert page.title() != "broken"
    assert any("Content Security Policy" in words for words in complaints)
    page.context.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_report_prints_light_and_whole(chromium: Any, report: Path, until: Any, tmp_path: Path, dark: bool) -> None:
    page, _, complaints = opened(chromium, report, color_scheme="dark" if dark else "light")
    until(page, ALIVE)
    page.emulate_media(media="print", color_scheme="dark" if dark else "light")
    assert page.evaluate("getComputedStyle(document.querySelector('.still')).display") == "block"
    assert page.evaluate("getComputedStyle(document.querySelector('#tide-figure')).display") == "none"
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".explanation:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    until(page, "document.querySelectorAll('.explanation[open]').length === 0")
    page.emulate_media(media="screen")
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert (tmp_path / "report.pdf").stat().st_size > 20_000
    assert complaints == []
    page.context.close()


def test_a_report_is_whole_without_a_script(chromium: Any, report: Path) -> None:
    page, _, _ = opened(chromium, report, java_script_enabled=False)
    assert page.locator(".still polyline").count() > 4
    assert page.locator(".still").is_visible()
    assert not page.locator("#tide-figure").is_visible()
    assert page.locator(".still-table").is_visible()
    page.context.close()


def test_ticking_two_leads_to_their_comparison(stand: Any, open_page: Open, recorded: Any, until: Any) -> None:
    for name in "abcde":
        recorded(swarm_id=name, name=name)
    page = open_page()
    page.goto(f"{stand.url}/runs")
    button, boxes = page.locator("#compare-button"), page.locator("input[name=run]")
    until(page, "document.querySelector('#compare-button').disabled")
    boxes.nth(0).check()
    assert button.is_disabled()
    for place in (1, 2, 3):
        boxes.nth(place).check()
    assert boxes.nth(4).is_disabled()
    boxes.nth(3).uncheck()
    boxes.nth(2).uncheck()
    assert button.text_content() == "Compare 2"
    button.click()
    until(page, "document.querySelectorAll('#compare-plots canvas').length === 6")
    page.locator("#compare-plots .u-over").first.hover(position={"x": 300, "y": 20})
    until(page, "document.querySelector('#compare-readout').textContent.includes('B:')")


def test_a_comparison_is_read_by_keyboard(stand: Any, open_page: Open, recorded: Any, until: Any) -> None:
    ids = [recorded(swarm_id=name, name=name) for name in "ab"]
    page = open_page()
    page.goto(f"{stand.url}/runs/compare?run={ids[0]}&run={ids[1]}")
    until(page, "document.querySelectorAll('#compare-plots canvas').length === 6")
    plots = page.locator("#compare-plots")

    def told() -> str:
        text = plots.get_attribute("aria-valuetext")
        assert page.text_content("#compare-readout") == ("" if text == "No cursor" else text)
        return str(text)

    plots.focus()
    assert told() == "No cursor"
    seen = []
    for key in ("Home", "ArrowRight", "Shift+ArrowRight", "ArrowLeft", "End"):
        page.keyboard.press(key)
        seen.append(told())
    assert len(set(seen)) == 5
    assert all("A: " in each and "B: " in each for each in seen)
    page.keyboard.press("ArrowRight")
    assert told() == seen[-1]
    page.keyboard.press("Escape")
    assert told() == "No cursor"


def test_a_run_is_renamed_and_deleted_in_place(stand: Any, open_page: Open, recorded: Any, until: Any) -> None:
    run_id = recorded()
    page = open_page()
    page.goto(f"{stand.url}/runs/{run_id}")
    page.locator("#edit summary").click()
    page.locator("input[name=name]").fill("After the cache")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('h1').textContent === 'After the cache'")
    page.locator("input[name=tags]").fill("no spaces !")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#about-refusal').textContent.includes('is no tag')")
    page.locator("#delete input").check()
    page.locator("#delete-run").click()
    page.wait_for_url(f"{stand.url}/runs")
    assert page.locator("#no-runs").is_visible()


def test_a_run_that_is_being_recorded_grows_before_the_eyes(
    stand: Any, open_page: Open, recorded: Any, until: Any
) -> None:
    run_id = recorded(state="recording", finished_at=None, stopped_at=None)
    page = open_page()
    page.goto(f"{stand.url}/runs/{run_id}")
    until(page, ALIVE)
    until(page, "performance.getEntriesByType('resource').filter((e) => e.name.includes('/api/v1/runs/')).length > 1")
    assert page.locator("#delete-run").count() == 0
