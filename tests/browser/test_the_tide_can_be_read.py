"""The chart by mouse, by keyboard, by ear and as a table; a gap stays a gap; colours follow light and dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


@pytest.fixture
def tide(stand: Any, open_page: Open, until: Any) -> Any:
    stand.script.everything()
    page = open_page()
    page.wait_for_selector("#tide-waiting", state="hidden")
    until(page, "document.querySelector('#tide-plot').getAttribute('aria-label').startsWith('As of')")
    return page


def over(page: Any) -> dict[str, float]:
    box: dict[str, float] = page.eval_on_selector("#tide-plot .u-over", "e => e.getBoundingClientRect().toJSON()")
    return box


def test_the_mouse_reads_all_bands_at_one_moment(tide: Any) -> None:
    box = over(tide)
    tide.mouse.move(box["x"] + 0.95 * box["width"], box["y"] + 40)
    tide.wait_for_selector("#tide-readout:not([hidden])")
    words = tide.inner_text("#tide-readout")
    for word in ("load users", "120", "requests", "p95", "CPU", "ready"):
        assert word in words
    edge = tide.eval_on_selector("#tide-readout", "e => e.getBoundingClientRect().right")
    assert edge <= box["x"] + box["width"] + 60


def test_the_arrow_keys_move_the_same_cursor(tide: Any) -> None:
    tide.focus("#tide-cursor")
    tide.keyboard.press("ArrowLeft")
    tide.wait_for_selector("#tide-readout:not([hidden])")
    at = int(tide.get_attribute("#tide-cursor", "aria-valuenow"))
    tide.keyboard.press("Shift+ArrowLeft")
    assert at - 12 <= int(tide.get_attribute("#tide-cursor", "aria-valuenow")) <= at - 9
    spoken = tide.get_attribute("#tide-cursor", "aria-valuetext")
    assert "load users" in spoken
    assert "CPU" in spoken
    tide.keyboard.press("Escape")
    tide.wait_for_selector("#tide-readout", state="hidden")


def test_it_speaks_for_those_who_do_not_see_it(tide: Any) -> None:
    label = tide.get_attribute("#tide-plot", "aria-label")
    assert "120 load users" in label
    assert "target 50 %" in label
    assert "Last:" in label
    assert tide.text_content("#tide-summary") == label


def test_a_gap_in_time_is_a_gap_and_not_a_line(tide: Any) -> None:
    drawn = tide.evaluate(
        """async () => {
          const { columns } = await import(new URL("tide_data.js", document.querySelector("script[type=module]").src));
          const rows = new Map([0, 1, 2, 30, 31].map((s) => [String(s), {t: 1000 * s, users: 5, cpu_percent: null}]));
          return columns(rows);
        }"""
    )
    assert drawn[0] == [0, 1, 2, 3, 30, 31]
    assert drawn[1] == [5, 5, 5, None, 5, 5]
    assert drawn[4] == [None] * 6


def test_the_gap_is_read_as_unknown(tide: Any, stand: Any, until: Any) -> None:
    """The script leaves out the seconds 30 to 42 of 240."""
    box = over(tide)
    shown = 300.0
    share = 1 - (240 - 31) / shown
    tide.mouse.move(box["x"] + share * box["width"], box["y"] + 40)
    tide.wait_for_selector("#tide-readout:not([hidden])")
    until(tide, "document.querySelector('#tide-readout dd').textContent === '–'")


def test_dragging_zooms_and_a_double_click_returns(tide: Any) -> None:
    box = over(tide)
    y = box["y"] + 60
    tide.mouse.move(box["x"] + 0.4 * box["width"], y)
    tide.mouse.down()
    tide.mouse.move(box["x"] + 0.5 * box["width"], y, steps=4)
    tide.mouse.move(box["x"] + 0.6 * box["width"], y, steps=4)
    tide.mouse.up()
    tide.wait_for_selector("#tide-reset:not([hidden])")
    tide.mouse.dblclick(box["x"] + 0.5 * box["width"], y)
    tide.wait_for_selector("#tide-reset", state="hidden")


def test_it_is_there_as_a_table(tide: Any) -> None:
    tide.click("#tide-as-table")
    rows = tide.query_selector_all("#tide-table tbody tr")
    assert 20 < len(rows) <= 121
    assert "1 → 3" in tide.inner_text("#tide-table")
    assert tide.get_attribute("#tide-as-table", "aria-pressed") == "true"


@pytest.mark.parametrize("choice", ["1800", "run"])
def test_another_range_is_drawn(tide: Any, choice: str) -> None:
    tide.check(f"input[name='range'][value='{choice}']", force=True)
    tide.wait_for_selector("#tide-reset", state="hidden")
    assert tide.get_attribute("#tide-plot", "aria-label").startswith("As of")


def test_labels_of_flags_make_way(tide: Any) -> None:
    placed = tide.evaluate(
        """async () => {
          const { place } = await import(new URL("tide_flags.js", document.querySelector("script[type=module]").src));
          return place([0, 10, 20, 100, 390].map((x) => ({x, width: 50})), 400);
        }"""
    )
    assert [label["lane"] for label in placed] == [0, 1, -1, 0, 0]
    assert placed[1]["more"] == 1
    assert placed[4]["left"] == 350


def test_what_explains_a_curve_is_labelled_before_what_does_not(tide: Any) -> None:
    placed = tide.evaluate(
        """async () => {
          const { place } = await import(new URL("tide_flags.js", document.querySelector("script[type=module]").src));
          return place([0, 5, 10].map((x) => ({x, width: 50, quiet: x === 0})), 400);
        }"""
    )
    assert [label["lane"] for label in placed] == [-1, 0, 1]
    assert [label["more"] for label in placed] == [0, 1, 0]


def test_rescales_too_near_for_labels_become_one(tide: Any) -> None:
    labels = tide.evaluate(
        """async () => {
          const { joined } = await import(new URL("tide_flags.js", document.querySelector("script[type=module]").src));
          const flag = (t, kind, text) => ({t, kind, text, sentence: text});
          const seen = [flag(0, "swarm", "swarm"), flag(10, "scaled", "1 → 3"), flag(25, "scaled", "3 → 5"),
            flag(40, "scaled", "5 → 8"), flag(90, "scaled", "8 → 4"), flag(100, "stop", "stop")];
          return joined(seen, (t) => t).map((label) => [label.t, label.text]);
        }"""
    )
    assert labels == [[0, "swarm"], [10, "1 → 8"], [90, "8 → 4"], [100, "stop"]]


def test_bars_take_the_lowest_free_lane(tide: Any) -> None:
    found = tide.evaluate(
        """async () => {
          const { lanes } = await import(new URL("tide_bars.js", document.querySelector("script[type=module]").src));
          const at = (s) => s === null ? null : new Date(1000 * s).toISOString();
          const span = (name, from, to) => ({name, created_at: at(from), ready_at: at(from + 1), ended_at: at(to)});
          const spans = [span("a", 0, null), span("b", 5, 10), span("c", 6, null), span("d", 11, null)];
          return lanes(spans).map((bar) => bar.lane);
        }"""
    )
    assert found == [0, 1, 2, 1]


def test_colours_follow_light_and_dark_at_once(tide: Any, until: Any) -> None:
    module = "new URL('tokens.js', document.querySelector('script[type=module]').src)"
    colour = f"import({module}).then((tokens) => tokens.token('load'))"
    before = tide.evaluate(colour)
    tide.emulate_media(color_scheme="dark")
    until(tide, f"{colour}.then((now) => now !== '{before}')")


def test_it_fits_a_window_that_changes(tide: Any, until: Any) -> None:
    tide.set_viewport_size({"width": 700, "height": 900})
    until(tide, "document.querySelector('#tide-plot canvas').clientWidth < 700")
    assert tide.evaluate("document.documentElement.scrollWidth <= innerWidth")
