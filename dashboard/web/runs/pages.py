"""The pages about runs and the files that are taken along, each on a plain GET; and the few changes of a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from dashboard.errors import Refused
from dashboard.runs import compare, export, picture, side_by_side, telling
from dashboard.runs.report import file_name, report
from dashboard.web import presenting
from dashboard.web.actions import Deploying, ViewsLike
from dashboard.web.answers import is_htmx, wants_json
from dashboard.web.runs.kept import Runs
from dashboard.web.runs.manifests import manifests

CSV = "text/csv; charset=utf-8; header=present"


def runs_pages(views: ViewsLike, actions: Deploying, runs: Runs) -> Blueprint:
    """The blueprint of `/runs…`."""
    pages = Blueprint("runs", __name__)
    shown = _Shown(views, runs)

    @pages.get("/runs")
    def listing() -> Response:
        return shown.listing()

    @pages.get("/runs/compare")
    def comparison() -> Response:
        return shown.comparison(request.args.getlist("run"))

    @pages.get("/runs/<run_id>")
    def run(run_id: str) -> Response:
        return shown.run(run_id)

    @pages.get("/runs/<run_id>/report.html")
    def as_report(run_id: str) -> Response:
        document = runs.document(run_id)
        text = report(document, manifests=manifests(document, actions.bundles()), made_at=datetime.now(UTC))
        return _file(text, "text/html; charset=utf-8", file_name(document, "html"))

    @pages.get("/runs/<run_id>/run.json")
    def as_json(run_id: str) -> Response:
        document = runs.document(run_id)
        text = json.dumps(document, indent=1, ensure_ascii=False)
        return _file(text, "application/json", file_name(document, "json"))

    @pages.get("/runs/<run_id>/samples.csv")
    def samples(run_id: str) -> Response:
        document = runs.document(run_id)
        return _file(export.samples_csv(document), CSV, file_name(document, "csv").replace(".csv", "-samples.csv"))

    @pages.get("/runs/<run_id>/events.csv")
    def events(run_id: str) -> Response:
        document = runs.document(run_id)
        return _file(export.events_csv(document), CSV, file_name(document, "csv").replace(".csv", "-events.csv"))

    _add_changes(pages, shown, runs)

    @pages.errorhandler(Refused)
    def on_refused(refusal: Refused) -> Response:
        return shown.trouble(refusal)

    return pages


def _add_changes(pages: Blueprint, shown: _Shown, runs: Runs) -> None:
    """The routes that change a run."""

    def changed(run_id: str, sentence: str, change: Callable[[], None]) -> Response:
        change()
        return shown.changed(run_id, sentence)

    @pages.post("/runs/<run_id>/rename")
    def rename(run_id: str) -> Response:
        name = request.form.get("name", "")
        return changed(run_id, "Renamed." if name.strip() else "The name is taken away.",
                       lambda: runs.archive.rename(run_id, name))  # fmt: skip

    @pages.post("/runs/<run_id>/note")
    def note(run_id: str) -> Response:
        return changed(run_id, "The note is kept.", lambda: runs.archive.note(run_id, request.form.get("note", "")))

    @pages.post("/runs/<run_id>/tag")
    def tag(run_id: str) -> Response:
        tags = request.form.get("tags", "").replace(",", " ").split()
        return changed(run_id, "The tags are set.", lambda: runs.archive.tag(run_id, tags))

    @pages.post("/runs/<run_id>/delete")
    def delete(run_id: str) -> Response:
        if request.form.get("confirm", "") != run_id:
            raise Refused("Tick the box that says yes; nothing was deleted.", status=422)
        runs.archive.delete(run_id)
        return _gone(url_for("runs.listing"))


class _Shown:
    """Reads what a page is about and renders it."""

    def __init__(self, views: ViewsLike, runs: Runs) -> None:
        self._views = views
        self._runs = runs

    def listing(self) -> Response:
        asked = {name: request.args.get(name, "").strip() for name in ("text", "tag")}
        found = [telling.summary(each) for each in self._runs.all(**asked)]
        tags = self._runs.archive.tags()
        return self._page("runs/list.html", runs=found, tags=tags, asked=asked, kept=self._runs.kept())

    def run(self, run_id: str) -> Response:
        document = self._runs.document(run_id)
        return self._page("runs/run.html", **_about(document), picture=picture.picture(document))

    def comparison(self, run_ids: list[str]) -> Response:
        documents = [self._runs.document(each) for each in dict.fromkeys(run_ids)]
        told = side_by_side.told(compare.compared(documents), documents)
        return self._page("runs/compare.html", told=told, run_ids=[each["run_id"] for each in documents])

    def changed(self, run_id: str, sentence: str) -> Response:
        """What is told of the run, in the place of what was told before."""
        if not is_htmx():
            return _answer(sentence, url_for("runs.run", run_id=run_id))
        about = {**_about(self._runs.document(run_id)), "editing": True}
        text = render_template("runs/about_part.html", **about)
        answer = make_response(text)
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#about", "outerHTML"
        answer.headers["HX-Trigger"] = json.dumps({"toast": {"text": sentence, "tone": "good"}})
        return answer

    def trouble(self, refusal: Refused) -> Response:
        """What could not be done, in the place of the form or as a page."""
        if wants_json():
            return Response(
                json.dumps({"error": "That cannot be done", "message": refusal.sentence}),
                refusal.status,
                content_type="application/json",
            )
        if is_htmx():
            return make_response(render_template("parts/refusal.html", sentence=refusal.sentence), refusal.status)
        return self._page("runs/trouble.html", status=refusal.status, refusal=refusal)

    def _page(self, template: str, *, status: int = 200, **content: Any) -> Response:
        text = render_template(template, frame=presenting.frame(self._views.snapshot()), **content)
        answer = make_response(text, status)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _about(document: dict[str, Any]) -> dict[str, Any]:
    return {"run": telling.whole(document), "file": file_name(document, "").rstrip("."), "editing": False}


def _file(text: str, content_type: str, name: str) -> Response:
    """Something to save. It is never shown in place: a report's own script has no business in our origin."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, content_type=content_type, headers=headers)


def _gone(where: str) -> Response:
    if not is_htmx():
        return _answer("The run is deleted.", where)
    answer = Response("", 200)
    answer.headers["HX-Redirect"] = where
    return answer


def _answer(sentence: str, where: str) -> Response:
    """For a program a document; for a form without script the page it leads to."""
    if wants_json():
        return Response(json.dumps({"message": sentence}), 200, content_type="application/json")
    return make_response(redirect(where, 303))
