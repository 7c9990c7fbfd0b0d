"""Who is asking, and the check before every route: the table of capabilities, and for changes where they come from."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request

from dashboard.access.capabilities import PLAIN_FORMS, Capability, needed
from dashboard.access.forwarded import client_address
from dashboard.access.guard import Access
from dashboard.access.origins import SAFE_METHODS
from dashboard.access.sessions import Session
from dashboard.audit import Asker, asking
from dashboard.kube.credential import acting_with
from dashboard.web.answers import problem
from dashboard.web.person import May, in_a_sentence, missing
from dashboard.web.welcome import lead_in, way_back


def visitor() -> Session:
    """The signed-in session of this request; only for routes that need one."""
    session: Session = g.session
    return session


def tell_pages(app: Flask, access: Access, *, read_only: bool) -> None:
    """Give every template `may`: who looks, and what they may; `way_back`; and the filter `person`: a name in short."""
    app.add_template_filter(in_a_sentence, "person")

    @app.context_processor
    def told() -> dict[str, Any]:
        return {"may": May.of(g.get("session"), read_only=read_only), "way_back": lambda: way_back(access)}


def guard_routes(app: Flask, access: Access) -> None:
    """Have every request checked before its route runs, unknown routes included."""
    _lead_back(app, access)

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        # A connection that is kept open answers its next request in the same context.
        asking.set(None)
        acting_with.set(None)

    @app.before_request
    def check() -> Response | None:
        if request.url_rule is None:
            return None  # 404 or 405, which say nothing about the cluster
        capability = needed(request.endpoint)
        if capability is None:
            return problem("Not allowed", "Nobody has said who may use this.", 403)
        if capability is Capability.FRAME:
            g.session = access.session_of_frame((request.view_args or {}).get("key", ""))
        elif request.endpoint == "static":
            g.session = None  # nobody has to be asked about for a file
        else:
            g.session = access.session_of(request.environ)
        if not access.allows(g.session, capability):
            return lead_in(access, capability) if g.session is None else _not_allowed(g.session, capability)
        if g.session is not None and access.shares is not None and not access.shares.is_within_pace(g.session):
            return problem("Too fast", "The browsers of this share link ask too much. Try again in a moment.", 429)
        asking.set(_asker(g.session, capability))
        acting_with.set(g.session.credential if g.session else None)
        unsafe = request.method not in SAFE_METHODS
        if unsafe and capability is not Capability.FRAME and not _is_ours(access, request.endpoint):
            return problem("Not allowed", "Changes are taken from the dashboard's own page only.", 403)
        g.was_let_through = unsafe and capability is not Capability.FRAME
        return None


def _lead_back(app: Flask, access: Access) -> None:
    """Whoever the cluster does not know any more is led to the door when it says so, not a minute later."""

    @app.after_request
    def sign_in_again(answer: Response) -> Response:
        # The cluster did not take this person's token: whether they are still who they were, it is asked at once.
        session = g.get("session")
        if session is None or session.credential is None:
            return answer
        if answer.status_code == 403 and g.get("was_let_through"):
            access.review(session)  # we thought that they may, the cluster did not: a right was taken away
        if answer.status_code != 401:
            return answer
        if needed(request.endpoint) is Capability.FRAME:
            return answer  # what the app says of itself
        access.review(session)
        return answer if access.sessions.is_open(session.id) else lead_in(access, Capability.VIEW)


def _is_ours(access: Access, endpoint: str | None) -> bool:
    """Whether a change comes from a page of ours."""
    if access.origins.change_allowed(request.environ):
        return True
    return endpoint in PLAIN_FORMS and access.origins.form_allowed(request.environ)


def _asker(session: Session | None, capability: Capability) -> Asker | None:
    if session is None:
        return None
    return Asker(session.by, client_address(request.environ), session.id, capability.value)


def _not_allowed(session: Session, capability: Capability) -> Response:
    return problem("Not allowed", session.lacking.get(capability) or missing(capability), 403)
