"""The buttons: deploy, roll back, tear down, start and stop a swarm. Each reads its form and asks the actions."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from dashboard.errors import Refused
from dashboard.web import forms
from dashboard.web.actions import Actions
from dashboard.web.answers import done, is_htmx
from dashboard.web.visitor import visitor


def operations(actions: Actions) -> Blueprint:
    """The blueprint of all routes that change something."""
    routes = Blueprint("operations", __name__)

    @routes.post("/deploy")
    def deploy() -> Response:
        bundles = forms.bundles_of(request.form, _known(actions))
        take_over, expect = forms.ids_of(request.form, "take_over"), forms.expected_of(request.form)
        remove = forms.ids_of(request.form, "remove") if expect else None
        actions.deploy(bundles, visitor().by, take_over=take_over, expect=expect, remove=remove)
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
        actions.roll_back(bundle, number, visitor().by, take_over=take_over, remove=remove)
        return _begun(f"Rolling {bundle} back to revision {number}.", event="deploy-started")

    @routes.post("/teardown")
    def teardown() -> Response:
        bundle = forms.teardown_of(request.form, _known(actions))
        actions.teardown(bundle, visitor().by, also=forms.ids_of(request.form, "also"))
        return _begun(f"Tearing down {bundle}.", event="teardown-started")

    @routes.post("/swarm/start")
    def start_swarm() -> Response:
        swarm = forms.swarm_of(request.form)
        actions.start_swarm(swarm, visitor().by)
        return done(f"Starting {swarm.users} load users.", event="swarm-started")

    @routes.post("/swarm/stop")
    def stop_swarm() -> Response:
        actions.stop_swarm(visitor().by)
        return done("Stopping the swarm.", event="swarm-stopping")

    return routes


def _known(actions: Actions) -> list[str]:
    return [bundle.name for bundle in actions.bundles()]


def _begun(sentence: str, *, event: str) -> Response:
    """A form of the Deploy page leads back to where the progress is shown; the dialog shows it in its own place."""
    answer = done(sentence, event=event)
    if is_htmx() and request.form.get("then") == "progress":
        answer.headers["HX-Redirect"] = url_for("deploy.overview")
    return answer


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
