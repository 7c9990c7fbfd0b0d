"""The buttons: deploy, tear down, start and stop a swarm. Each reads its form, asks the actions, answers at once."""

from __future__ import annotations

from flask import Blueprint, Response, request

from dashboard.web import forms
from dashboard.web.actions import Actions
from dashboard.web.answers import done
from dashboard.web.visitor import visitor


def operations(actions: Actions) -> Blueprint:
    """The blueprint of all routes that change something."""
    routes = Blueprint("operations", __name__)

    @routes.post("/deploy")
    def deploy() -> Response:
        bundles = forms.bundles_of(request.form)
        actions.deploy(bundles, visitor().by)
        return done(f"Deploying {_listed(bundles)}.", event="deploy-started")

    @routes.post("/deploy/cancel")
    def cancel_deploy() -> Response:
        actions.cancel_deploy()
        return done("Stopping after the current object. What is applied stays.", event="deploy-cancelled")

    @routes.post("/teardown")
    def teardown() -> Response:
        bundle = forms.teardown_of(request.form)
        actions.teardown(bundle, visitor().by)
        return done(f"Tearing down {bundle}.", event="teardown-started")

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


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
