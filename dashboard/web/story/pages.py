"""The story: its page on a plain GET, the same as files to take along, and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from dashboard.errors import Refused
from dashboard.story import asking, export
from dashboard.story.asking import Asked
from dashboard.web import presenting
from dashboard.web.actions import SnapshotLike, ViewsLike
from dashboard.web.story import telling
from dashboard.web.story.kept import Found, KeptStory, events_denied

MOST = 200
"""Lines of one page."""
MOST_FOR_PROGRAMS = 1000


def story_pages(views: ViewsLike, kept: KeptStory) -> Blueprint:
    """The blueprint of `/story…` and `/api/v1/story`."""
    pages = Blueprint("story", __name__)

    @pages.get("/story")
    def page() -> Response:
        snapshot = views.snapshot()
        try:
            asked, status, complaint = asking.asked(request.args), 200, ""
        except Refused as refusal:
            asked, status, complaint = Asked(), refusal.status, refusal.sentence
        found = kept.find(snapshot, asked, most=MOST, **_place())
        text = render_template("story/page.html", **_shown(snapshot, asked, found, kept), complaint=complaint)
        answer = make_response(text, status)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @pages.get("/story.csv")
    def as_csv() -> Response:
        rows = kept.every(views.snapshot(), asking.asked(request.args))
        return _file(export.as_csv(rows), "text/csv; charset=utf-8; header=present", "csv")

    @pages.get("/story.json")
    def as_json() -> Response:
        asked = asking.asked(request.args)
        rows = kept.every(views.snapshot(), asked)
        return _file(export.as_json(rows, about={"asked": asked.document()}), "application/json", "json")

    @pages.get("/api/v1/story")
    def api() -> Response:
        asked, snapshot = asking.asked(request.args), views.snapshot()
        found = kept.find(snapshot, asked, most=_most(), **_place())
        page = found.page
        document = {
            "cluster": kept.cluster(), "asked": asked.document(), "total": page.total, "entries": page.lines,
            "trouble": found.trouble or None, "events_denied": events_denied(snapshot),
            "kept": {"max_count": kept.count, "max_days": kept.days},
            **{name: place or None for name, place in
               telling.pages_of(page.lines, newer=page.newer, older=page.older).items()},
        }  # fmt: skip
        return Response(
            json.dumps(document, ensure_ascii=False), content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )  # fmt: skip

    return pages


def _shown(snapshot: SnapshotLike, asked: Asked, found: Found, kept: KeptStory) -> dict[str, Any]:
    lines = found.page.lines
    groups = telling.groups(
        lines, snapshot.views, lambda bundle, key: url_for("deploy.evidence", bundle=bundle, id=key)
    )
    is_first = not (request.args.get("before") or request.args.get("after"))
    places = telling.pages_of(lines, newer=found.page.newer, older=found.page.older)
    return {
        "frame": presenting.frame(snapshot),
        "groups": groups,
        "asked": asked,
        "fields": {"from": telling.field_time(asked.since), "to": telling.field_time(asked.until)},
        "choices": found.choices,
        "counted": telling.counted(found.page.total, lines, len(groups), is_first=is_first),
        "is_live": is_first and not asked.until,
        "trouble": found.trouble or str(presenting.one(snapshot.views, "story_kept", "current").get("sentence") or ""),
        "kept": kept.sentence(),
        "denied": events_denied(snapshot),
        "query": telling.address(asked),
        "newer": telling.address(asked, after=places["after"]) if places["after"] else "",
        "older": telling.address(asked, before=places["before"]) if places["before"] else "",
        "newest": telling.address(asked),
        "is_first": is_first,
    }


def _place() -> dict[str, tuple[str, str] | None]:
    return {name: asking.place(request.args.get(name, "")) for name in ("before", "after")}


def _most() -> int:
    text = request.args.get("limit", "") or str(MOST)
    if not (text.isdecimal() and len(text) <= 4 and 1 <= int(text) <= MOST_FOR_PROGRAMS):
        raise Refused(f"`limit` is {text[:40]!r}; it takes a number from 1 to {MOST_FOR_PROGRAMS}.", status=422)
    return int(text)


def _file(parts: Iterable[str], content_type: str, ending: str) -> Response:
    """Something to save, sent as it is read."""
    headers = {
        "Content-Disposition": f'attachment; filename="surgeboard-story.{ending}"',
        "Cache-Control": "no-store",
    }
    return Response((part.encode() for part in parts), content_type=content_type, headers=headers)
