"""The Deploy page and what it leads to, each whole on a plain GET. Nothing is changed here (web/operations.py does)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from dashboard.access.capabilities import Capability
from dashboard.errors import Refused
from dashboard.stack.bundles.bundle import Bundle
from dashboard.web import forms, presenting
from dashboard.web.actions import Actions, ViewsLike
from dashboard.web.answers import is_htmx
from dashboard.web.deploy import bundle_page, since_page
from dashboard.web.deploy.overview import card, cards
from dashboard.web.deploy.plan_page import plan_page
from dashboard.web.deploy.progress import progress as progress_of
from dashboard.web.visitor import visitor


def deploy_pages(views: ViewsLike, actions: Actions) -> Blueprint:
    """The blueprint of `/deploy…`."""
    pages = Blueprint("deploy", __name__)
    shown = _Shown(views, actions)

    @pages.get("/deploy")
    def overview() -> Response:
        return shown.overview()

    @pages.get("/deploy/progress")
    def progress() -> Response:
        return shown.page("deploy/progress.html")

    @pages.get("/deploy/plan")
    def plan() -> Response:
        return shown.plan()

    @pages.get("/deploy/<bundle>")
    def bundle(bundle: str) -> Response:
        return shown.bundle(bundle)

    @pages.get("/deploy/<bundle>/drift")
    def drift(bundle: str) -> Response:
        found = shown.find(bundle)
        return shown.part("drift", bundle=found, drift=since_page.drift_page(actions.drift(bundle).document()))

    @pages.get("/deploy/<bundle>/teardown")
    def removal(bundle: str) -> Response:
        found = shown.find(bundle)
        return shown.part("removal", bundle=found, removal=since_page.removal_page(actions.removal(bundle).document()))

    @pages.get("/deploy/<bundle>/object")
    def evidence(bundle: str) -> Response:
        return shown.evidence(bundle, request.args.get("id", ""))

    @pages.get("/deploy/<bundle>/history/<int:number>")
    def revision(bundle: str, number: int) -> Response:
        return shown.revision(bundle, number)

    @pages.errorhandler(Refused)
    def on_refused(refusal: Refused) -> Response:
        return shown.trouble(refusal)

    return pages


class _Shown:
    """Reads what a page is about and renders it."""

    def __init__(self, views: ViewsLike, actions: Actions) -> None:
        self._views = views
        self._actions = actions

    def find(self, name: str) -> Bundle:
        """The bundle; a folder that cannot be read says why."""
        known = {each.name: each for each in self._actions.bundles()}
        if name in known:
            return known[name]
        problem = self._actions.bundle_problems().get(name)
        if problem:
            raise Refused(problem, status=422)
        raise Refused(f"There is no bundle {name!r}; there are {', '.join(known) or 'none'}.", status=404)

    def overview(self) -> Response:
        bundles, problems = self._actions.bundles(), self._actions.bundle_problems()
        shown = cards(self._rows(), bundles)
        return self.page(
            "deploy/overview.html",
            cards=shown,
            problems=problems,
            nothing_yet=bool(shown) and all(each["absent"] for each in shown),
        )

    def plan(self) -> Response:
        known = [each.name for each in self._actions.bundles()]
        asked = request.args.getlist("bundle")
        for name in asked:
            self.find(name)
        names = [name for name in known if name in asked] if asked else known
        take_over = frozenset(request.args.getlist("take_over"))
        if not names:
            raise Refused("There is no bundle to plan.", status=404)
        options = forms.options_of(request.args, names)
        document = self._actions.plan(names, take_over=take_over, options=options).document()
        return self.page(
            "deploy/plan.html", plan=plan_page(document, bundles=names, take_over=take_over, may_apply=_may_apply())
        )

    def bundle(self, name: str) -> Response:
        found = self.find(name)
        row = self._rows().get(name, {})
        try:
            history, away = bundle_page.history(self._actions.history(name)), ""
        except Refused as refusal:  # the page is worth having without it
            history, away = [], refusal.sentence
        return self.page(
            "deploy/bundle.html",
            bundle=found,
            card=card(found, row),
            stages=bundle_page.stages(found, row),
            history=history,
            history_away=away,
        )

    def evidence(self, name: str, object_id: str) -> Response:
        found = self.find(name)
        document = self._actions.evidence(name, object_id).document()
        entries = [each for stage in bundle_page.stages(found, {}) for each in stage["objects"]]
        entry = next((each for each in entries if each["id"] == object_id), {"object": object_id, "reason": ""})
        return self.page("deploy/evidence.html", bundle=found, entry=entry, evidence=since_page.evidence_page(document))

    def revision(self, name: str, number: int) -> Response:
        found = self.find(name)
        shown = next((row for row in bundle_page.history(self._actions.history(name)) if row["number"] == number), None)
        if shown is None:
            raise Refused(f"Revision {number} of {name} is not kept any more; the last five are.", status=404)
        plan, away = None, ""
        if not shown["current"]:
            try:
                plan = self._plan_back(name, number)
            except Refused as refusal:  # what is recorded is worth seeing without it
                away = refusal.sentence
        return self.page("deploy/revision.html", bundle=found, revision=shown, plan=plan, plan_away=away)

    def _plan_back(self, name: str, number: int) -> dict[str, Any]:
        take_over = frozenset(request.args.getlist("take_over"))
        document = self._actions.plan_back(name, number, take_over=take_over).document()
        return plan_page(document, bundles=[name], take_over=take_over, may_apply=_may_apply())

    def part(self, name: str, **content: Any) -> Response:
        """A part of the bundle's page: the part alone for htmx, a page around it for a plain request."""
        if is_htmx():
            return make_response(render_template(f"deploy/{name}_part.html", **content))
        return self.page(f"deploy/{name}.html", **content)

    def trouble(self, refusal: Refused) -> Response:
        """What could not be read, said within the page's frame or in the place of the part."""
        if is_htmx():
            return make_response(render_template("parts/refusal.html", sentence=refusal.sentence), refusal.status)
        return self.page("deploy/trouble.html", refusal=refusal, status=refusal.status, again=request.full_path)

    def page(self, template: str, *, status: int = 200, **content: Any) -> Response:
        """A whole page with what every live page has around it."""
        snapshot = self._views.snapshot()
        deploying = progress_of(presenting.one(snapshot.views, "deploy", "current"))
        text = render_template(template, frame=presenting.frame(snapshot), progress=deploying, **content)
        answer = make_response(text, status)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _rows(self) -> Mapping[str, Mapping[str, Any]]:
        return self._views.snapshot().views.get("bundles", {})


def _may_apply() -> bool:
    return Capability.APPLY in visitor().capabilities
