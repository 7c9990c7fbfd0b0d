"""The Stage page, whole on a plain GET; the socket takes over from the numbered snapshot it was made of."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Blueprint, Response, make_response, render_template

from dashboard.access.capabilities import Capability
from dashboard.load import request as ceilings
from dashboard.web import presenting
from dashboard.web.actions import Actions, ViewsLike
from dashboard.web.choice import choice
from dashboard.web.scaling import telling
from dashboard.web.visitor import visitor


def stage_page(views: ViewsLike, actions: Actions, *, now: Callable[[], float] = time.time) -> Blueprint:
    """The blueprint of `/`."""
    pages = Blueprint("stage", __name__)

    @pages.get("/")
    def page() -> Response:
        snapshot = views.snapshot()
        why = telling.explained(presenting.why(snapshot.views), now=now())
        bundles = choice(
            actions.bundles(),
            snapshot.views,
            may_apply=Capability.APPLY in visitor().capabilities,
            may_write_roles=actions.may_write_roles,
        )
        answer = make_response(
            render_template(
                "stage/page.html",
                frame=presenting.frame(snapshot),
                stage={**presenting.stage(snapshot), "why": why},
                bundles=bundles,
                ceilings=ceilings,
                frame_key=visitor().frame_key,
            )
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return pages
