"""The story on a plain GET: folded lines, filters that stay in the address, pages, files to take along, refusals."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from urllib.parse import unquote

import pytest


def line(key: str, t: str = "05:00:00", **more: Any) -> dict[str, Any]:
    return {"id": key, "t": f"2026-11-23T{t}.000Z", "kind": "warning", "text": f"{key} fails.", "count": 1,
           "reason": "Unhealthy", "by": "kubelet", "quiet": False,
           "object": {"kind": "Pod", "namespace": "flask", "name": "guestbook-7d9f86b5c4-x2kqp"}, **more}  # fmt: skip


def put(web: Any, key: str, t: str = "05:00:00", **more: Any) -> None:
    web.story.write("c1", [line(key, t, **more)])


def lines(text: str) -> list[str]:
    """The keys of the lines on top, in order."""
    inside = text[text.index('id="lines"') : text.index("</section>", text.index('id="lines"'))]
    return re.findall(r'^ *<li class="line" data-key="([^"]*)"[^>]*>$', inside, re.MULTILINE)


def get(web: Any, address: str = "/story") -> str:
    answer = web.signed_in().get(address)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_lines_are_told_newest_first_with_object_and_who(web: Any) -> None:
    put(web, "a", kind="swarm", text="60 load users <b>on</b> guestbook.", by="operator", object=None, reason=None)
    put(web, "b", "05:00:09")
    text = get(web)
    assert lines(text) == ["b", "a"]
    for words in ("23 Nov 05:00:09", "Pod flask/guestbook-7d9f86b5c4-x2kqp", "kubelet", "operator", "2 lines.",
                  "60 load users &lt;b&gt;on&lt;/b&gt; guestbook.", "30 days"):  # fmt: skip
        assert words in text, words


def test_what_pods_of_one_workload_go_through_unfolds(web: Any) -> None:
    for number, pod in enumerate(("x2kqp", "m4dzt", "q7hsl")):
        about = {"kind": "Pod", "namespace": "flask", "name": f"guestbook-7d9f86b5c4-{pod}"}
        put(web, pod, f"05:00:0{number}", object=about)
    text = get(web)
    assert lines(text) == ["q7hsl"]
    assert "2 more like it on pods of guestbook" in text
    assert "× 3" in text
    assert text.count("x2kqp fails.") == 1
    assert "3 lines, told in 1." in text


def test_a_scale_decision_shows_its_sum(web: Any) -> None:
    put(web, "s", kind="scaled", sum=[{"label": "bounds", "value": "1 to 8", "deciding": True}])
    text = get(web)
    assert "The sum" in text
    assert "1 to 8" in text


def test_an_object_of_a_bundle_leads_to_its_evidence(web: Any) -> None:
    row = {"id": "Deployment.apps/flask/guestbook", "kind": "Deployment", "namespace": "flask", "name": "guestbook"}
    web.views.put("bundles", "flask", {"name": "flask", "objects": [row]})
    put(web, "a")
    put(web, "b", object={"kind": "Pod", "namespace": "demo", "name": "guestbook-7d9f86b5c4-x2kqp"}, t="06:00:00")
    text = get(web)
    assert text.count("Evidence<") == 1
    (where,) = re.findall(r'href="([^"]*)">Evidence<', text)
    assert unquote(where).endswith("/deploy/flask/object?id=Deployment.apps/flask/guestbook")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["z", "a"]), ("kind=normal", ["q"]), ("routine=on", ["z", "q", "a"]), ("namespace=demo", ["z"]),
        ("object=pod/guest", ["a"]), ("text=a+fails", ["a"]), ("from=2026-11-23T06:00", ["z"]),
        ("to=2026-11-23T06:00Z", ["a"]), ("text=nothing", []),
    ],
)  # fmt: skip
def test_filters_narrow_and_stay_in_the_form_and_the_files(web: Any, query: str, found: list[str]) -> None:
    put(web, "a")
    put(web, "q", "06:30:00", kind="normal", quiet=True, reason="Pulled")
    put(web, "z", "07:00:00", object={"kind": "Pod", "namespace": "demo", "name": "web-0"}, text="z is bad.")
    text = get(web, f"/story?{query}")
    assert lines(text) == found
    table = list(csv.reader(io.StringIO(get(web, f"/story.csv?{query}"), newline="")))
    assert [row[-1].split()[0] for row in table[1:]] == found
    document = json.loads(get(web, f"/story.json?{query}"))
    assert [row["id"] for row in document["entries"]] == found
    assert [row["id"] for row in json.loads(get(web, f"/api/v1/story?{query}"))["entries"]] == found
    if not found:
        assert "No line fits" in text


def test_the_address_of_a_filter_asks_for_the_same_again(web: Any) -> None:
    put(web, "a")
    text = get(web, "/story?text=a+%26+b&to=2026-11-23T06:00&routine=on")
    (address,) = re.findall(r'href="/story\.csv\?([^"]*)"', text)
    again = get(web, "/story?" + address.replace("&amp;", "&"))
    assert re.findall(r'href="/story\.csv\?([^"]*)"', again) == [address]
    assert 'value="a &amp; b"' in again
    assert 'value="2026-11-23T06:00"' in again


def test_pages_lead_back_and_forth(web: Any) -> None:
    times = [f"05:{number // 60:02}:{number % 60:02}" for number in range(450)]
    web.story.write("c1", [line(f"e{n:03}", t, kind="swarm", object=None) for n, t in enumerate(times)])
    first = get(web)
    assert "450 lines fit; these are the newest 200." in first
    (older,) = re.findall(r'href="(/story\?before=[^"]*)" rel="next"', first)
    second = get(web, older.replace("&amp;", "&"))
    assert (lines(second)[0], lines(second)[-1]) == ("e249", "e050")
    (newer,) = re.findall(r'href="(/story\?after=[^"]*)" rel="prev"', second)
    assert lines(get(web, newer)) == lines(first)
    (oldest,) = re.findall(r'href="(/story\?before=[^"]*)" rel="next"', second)
    assert 'rel="next"' not in get(web, oldest)
    program = json.loads(get(web, "/api/v1/story?limit=50"))
    assert (len(program["entries"]), program["total"], program["after"]) == (50, 450, None)
    beyond = json.loads(get(web, f"/api/v1/story?limit=1000&before={program['before']}"))
    assert len(beyond["entries"]) == 400


@pytest.mark.parametrize("query", ["from=yesterday", f"text={'x' * 201}", "to=99999-01-01"])
def test_a_filter_that_makes_no_sense_is_a_sentence(web: Any, query: str) -> None:
    client = web.signed_in()
    page = client.get(f"/story?{query}")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    for address in ("/story.csv", "/story.json", "/api/v1/story"):
        assert client.get(f"{address}?{query}").status_code == 422
    for limit in ("0", "1001", "000001999999999", "1" * 5000):
        assert client.get(f"/api/v1/story?limit={limit}").status_code == 422


def test_a_spreadsheet_takes_no_text_for_a_formula(web: Any) -> None:
    for start in ("=", "+", "-", "@"):
        put(web, start, text=f"{start}HYPERLINK(1)", by=f"{start}x", object={"kind": "Pod", "name": "p"})
    rows = list(csv.reader(io.StringIO(get(web, "/story.csv"), newline="")))[1:]
    assert len(rows) == 4
    assert all(cell[:1] not in ("=", "+", "-", "@") for row in rows for cell in row)


def test_files_are_saved_and_never_shown(web: Any) -> None:
    for name in ("story.csv", "story.json"):
        headers = web.signed_in().get(f"/{name}").headers
        assert headers["Content-Disposition"] == f'attachment; filename="surgeboard-{name}"'
        assert headers["Cache-Control"] == "no-store"


def test_an_empty_story_says_what_will_be_here(web: Any) -> None:
    assert "Nothing has been told yet" in get(web)


def test_denied_events_are_told_and_not_called_none(web: Any) -> None:
    rule = {"sentence": "needs list and watch events in every namespace", "yaml": "kind: ClusterRole\n"}
    web.views.put("connection", "events", {"state": "forbidden", "since": None, "detail": "no", "rule": rule})
    text = get(web)
    assert "needs list and watch events in every namespace" in text
    assert "Nothing has been told yet" not in text
    assert json.loads(get(web, "/api/v1/story"))["events_denied"] is True


def test_without_the_file_the_lines_in_memory_are_shown(web: Any) -> None:
    web.story.path.write_text("no database " * 1000)
    web.views.put("story", "s", {"id": "s", "t": "2026-11-23T05:00:00Z", "kind": "swarm", "text": "It began.",
                                 "count": 1, "object": None})  # fmt: skip
    text = get(web, "/story?text=began")
    assert lines(text) == ["s"]
    assert "cannot be" in text
    assert "what this process remembers" in text
    assert web.signed_in().get("/story.csv").status_code == 503


def test_a_story_that_is_not_kept_says_so(web: Any) -> None:
    web.views.put("story_kept", "current", {"state": "unavailable", "sentence": "The disk is full."})
    assert "The disk is full." in get(web)


def test_before_any_cluster_was_seen_there_is_a_page(web: Any) -> None:
    web.cluster = None
    put(web, "of-another")
    assert lines(get(web)) == []


def test_strangers_see_nothing(web: Any) -> None:
    put(web, "a")
    for address in ("/story", "/story.csv", "/story.json", "/api/v1/story"):
        answer = web.client().get(address)
        assert answer.status_code == 401
        assert "fails." not in answer.text


def test_hostile_words_are_text_everywhere(web: Any) -> None:
    put(web, "x", text='<script>alert(1)</script>"', kind='"><i>', by="<b>", reason="<u>",
        object={"kind": "<k>", "namespace": "<n>", "name": "<o>"})  # fmt: skip
    text = get(web)
    assert not re.search(r"<(script>alert|b>|u>|k>|n>|o>|i>)", text)
