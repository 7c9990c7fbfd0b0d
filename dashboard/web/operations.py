"""The buttons: deploy, roll back, tear down; plan, start, change and stop a swarm. Each reads its form and asks."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, url_for

from dashboard.errors import Refused
from dashboard.web import forms, presenting
from dashboard.web.actions import Actions, ViewsLike
from dashboard.web.answers import done, is_htmx, wants_json
from dashboard.web.visitor import visitor

THEN = {"progress": "deploy.overview", "repair": "repair.page"}
"""What a form says that it wants to be followed by → the page."""


def operations(views: ViewsLike, actions: Actions) -> Blueprint:
    """The blueprint of all routes that change something."""
    routes = Blueprint("operations", __name__)

    @routes.post("/deploy")
    def deploy() -> Response:
        bundles = forms.bundles_of(request.form, _known(actions))
        take_over, expect = forms.ids_of(request.form, "take_over"), forms.expected_of(request.form)
        remove = forms.ids_of(request.form, "remove") if expect else None
        options = forms.options_of(request.form, bundles)
        actions.deploy(bundles, visitor().by, take_over=take_over, expect=expect, remove=remove, options=options)
        return _begun(f"Deploying {_listed(bundles)}.", event="deploy-started")

    @routes.post("/deploy/cancel")
    def cancel_deploy() -> Response:
        actions.cancel_deploy()
        return done("Stopping after the current object. What is applied stays.", event="deploy-cancelled")

    @routes.post("/deploy/<bundle>/roll-back")
    def roll_back(bundle: str) -> Response:
        if bundle not in _known(actions):
            raise Refused(f"There is no bundle {bundle!r}.", status=404)
        number = forms.whole(request.form.get("number", ""), "Revision", 1, 999_999)
        take_over, remove = forms.ids_of(request.form, "take_over"), forms.ids_of(request.form, "remove")
        seal = forms.seal_of(request.form)
        actions.roll_back(bundle, number, visitor().by, take_over=take_over, remove=remove, seal=seal)
        return _begun(f"Rolling {bundle} back to revision {number}.", event="deploy-started")

    @routes.post("/teardown")
    def teardown() -> Response:
        bundle = forms.teardown_of(request.form, _known(actions))
        also, seal = forms.ids_of(request.form, "also"), forms.seal_of(request.form)
        actions.teardown(bundle, visitor().by, also=also, seal=seal)
        return _begun(f"Tearing down {bundle}.", event="teardown-started")

    _add_swarms(routes, views, actions)
    return routes


def _add_swarms(routes: Blueprint, views: ViewsLike, actions: Actions) -> None:
    @routes.post("/load/plan")
    def plan_swarm() -> Response:
        plan = actions.plan_swarm(forms.swarm_of(request.form), visitor().by, visitor().id).document()
        if is_htmx():
            return _unkept(make_response(render_template("swarm/plan_part.html", plan=plan)))
        if wants_json():
            return _unkept(make_response(plan))
        return _unkept(
            make_response(render_template("swarm/plan.html", plan=plan, frame=presenting.frame(views.snapshot())))
        )

    @routes.post("/swarm/start")
    def start_swarm() -> Response:
        plan = actions.start_swarm(forms.nonce_of(request.form), visitor().by, visitor().id)
        return done(f"Starting {plan.request.users} load users.", event="swarm-started")

    @routes.post("/swarm/users")
    def set_swarm_users() -> Response:
        users, spawn_rate = forms.users_of(request.form)
        actions.set_swarm_users(users, spawn_rate, visitor().by)
        return done(f"{users} load users from now on.", event="swarm-changed")

    @routes.post("/swarm/stop")
    def stop_swarm() -> Response:
        actions.stop_swarm(visitor().by)
        return done("Stopping the swarm.", event="swarm-stopping")


def _unkept(answer: Response) -> Response:
    """What carries a nonce stays in no cache."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _known(actions: Actions) -> list[str]:
    return [bundle.name for bundle in actions.bundles()]


def _begun(sentence: str, *, event: str) -> Response:
    """A form of a page leads to where the progress is shown; the dialog shows it in its own place."""
    answer = done(sentence, event=event)
    then = THEN.get(request.form.get("then", ""))
    if is_htmx() and then:
        answer.headers["HX-Redirect"] = url_for(then)
    return answer


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
