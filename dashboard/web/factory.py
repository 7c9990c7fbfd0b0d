"""Builds the web application from its parts and starts nothing: no thread, no socket, no file written."""

from __future__ import annotations

from typing import Protocol

from flask import Flask
from htmx_flask import Htmx

from dashboard.access.guard import Access
from dashboard.web import assets
from dashboard.web.actions import Actions, ViewsLike
from dashboard.web.app_frame import app_frame
from dashboard.web.data.pages import data_pages
from dashboard.web.deploy.api import deploy_api
from dashboard.web.deploy.pages import deploy_pages
from dashboard.web.errors import handle_errors
from dashboard.web.health import Inside, health
from dashboard.web.limits.pages import limits_pages
from dashboard.web.load.pages import load_pages
from dashboard.web.me import me_api
from dashboard.web.operations import operations
from dashboard.web.present.pages import present_page
from dashboard.web.read_only import ReadOnly
from dashboard.web.runs.api import runs_api
from dashboard.web.runs.kept import Runs
from dashboard.web.runs.pages import runs_pages
from dashboard.web.scaling.pages import scaling_pages
from dashboard.web.scaling.repair import repair_pages
from dashboard.web.scaling.what_if import what_if_page
from dashboard.web.share.pages import share_pages
from dashboard.web.sign_in import sign_in_pages
from dashboard.web.stage import stage_page
from dashboard.web.state_api import state_api
from dashboard.web.story.kept import KeptStory
from dashboard.web.story.pages import story_pages
from dashboard.web.visitor import guard_routes, tell_pages

BODY_MAX = 256 * 1024


class WebSettings(Protocol):
    """The part of the settings that pages depend on."""

    @property
    def port(self) -> int: ...
    @property
    def read_only(self) -> bool: ...


def create_app(
    settings: WebSettings,
    *,
    views: ViewsLike,
    actions: Actions,
    access: Access,
    runs: Runs,
    story: KeptStory,
    inside: Inside | None = None,
) -> Flask:
    """The Flask application. Put `dashboard.access.gate.Gate` around it, outside the socket's own wrapper.

    Raises MissingBrowserFiles when the front end's files were not fetched.
    """
    assets.check()
    app = (ReadOnly if settings.read_only else Flask)(
        "dashboard", static_folder=assets.STATIC, static_url_path=f"/static/{assets.version()}",
        template_folder=assets.TEMPLATES,
    )  # fmt: skip
    app.config.update(MAX_CONTENT_LENGTH=BODY_MAX, SURGEBOARD_PORT=settings.port)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Htmx(app)
    guard_routes(app, access)
    tell_pages(app, access, read_only=settings.read_only)
    handle_errors(app, read_only=settings.read_only)
    for blueprint in (
        stage_page(views, actions),
        present_page(views),
        share_pages(views, access),
        load_pages(views, actions, find_run=runs.of_swarm),
        scaling_pages(views, runs),
        repair_pages(views, actions),
        what_if_page(views, runs),
        data_pages(views, actions),
        limits_pages(views, actions),
        deploy_pages(views, actions),
        deploy_api(views, actions),
        operations(views, actions),
        runs_pages(views, actions, runs),
        runs_api(runs),
        story_pages(views, story),
        app_frame(actions),
        state_api(views),
        me_api(read_only=settings.read_only),
        health(views, inside or Inside()),
        sign_in_pages(access),
    ):
        app.register_blueprint(blueprint)
    return app
