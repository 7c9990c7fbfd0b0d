"""What each route needs, in one table. A route that is not in it answers to nobody."""

from __future__ import annotations

from enum import Enum


class Capability(Enum):
    """The only things a visitor can be allowed."""

    PUBLIC = "public"
    """Nothing but reaching us: sign-in itself, probes, files without any of the cluster's data."""
    FRAME = "frame"
    """The framed sample app, by the key in its address: a sandboxed frame sends no cookie."""
    LOOK = "look"
    """Present mode by a share link: redacted rows, no page besides."""
    VIEW = "view"
    LOADTEST = "loadtest"
    APPLY = "apply"


PERSONS = (Capability.LOOK, Capability.VIEW, Capability.LOADTEST, Capability.APPLY)
"""What a person can be allowed, each with all before it."""


def up_to(capability: Capability) -> frozenset[Capability]:
    """A capability with all that it includes."""
    return frozenset(PERSONS[: PERSONS.index(capability) + 1])


ROUTES: dict[str, Capability] = {
    "static": Capability.PUBLIC,
    "health.healthz": Capability.PUBLIC,
    "health.readyz": Capability.PUBLIC,
    "health.metrics": Capability.PUBLIC,
    "sign_in.sign_in": Capability.PUBLIC,
    "sign_in.signed_out": Capability.PUBLIC,
    "sign_in.sign_out": Capability.VIEW,
    "stage.page": Capability.VIEW,
    "present.page": Capability.LOOK,
    "share.enter": Capability.PUBLIC,
    "share.listing": Capability.APPLY,
    "share.make": Capability.APPLY,
    "share.revoke": Capability.APPLY,
    "state_api.state": Capability.VIEW,
    "me.me": Capability.VIEW,
    "app_frame.enter": Capability.VIEW,
    "app_frame.relay": Capability.FRAME,
    "load.page": Capability.VIEW,
    "load.preview": Capability.VIEW,
    "load.run": Capability.VIEW,
    "scaling.page": Capability.VIEW,
    "repair.page": Capability.VIEW,
    "scaling.api": Capability.VIEW,
    "what_if.answer": Capability.VIEW,
    "limits.page": Capability.VIEW,
    "limits.api": Capability.VIEW,
    "limits.plan_blast": Capability.LOADTEST,
    "limits.start_blast": Capability.LOADTEST,
    "limits.stop_blast": Capability.LOADTEST,
    "deploy.overview": Capability.VIEW,
    "deploy.progress": Capability.VIEW,
    "deploy.plan": Capability.VIEW,
    "deploy.bundle": Capability.VIEW,
    "deploy.drift": Capability.VIEW,
    "deploy.evidence": Capability.VIEW,
    "deploy.revision": Capability.VIEW,
    "deploy.removal": Capability.VIEW,
    "deploy_api.bundles": Capability.VIEW,
    "deploy_api.plan": Capability.VIEW,
    "deploy_api.drift": Capability.VIEW,
    "deploy_api.history": Capability.VIEW,
    "deploy_api.deploy": Capability.VIEW,
    "story.page": Capability.VIEW,
    "story.as_csv": Capability.VIEW,
    "story.as_json": Capability.VIEW,
    "story.api": Capability.VIEW,
    "data.page": Capability.VIEW,
    "data.api": Capability.VIEW,
    "data.plan_kill": Capability.APPLY,
    "data.kill_primary": Capability.APPLY,
    "runs.listing": Capability.VIEW,
    "runs.comparison": Capability.VIEW,
    "runs.run": Capability.VIEW,
    "runs.as_report": Capability.VIEW,
    "runs.as_json": Capability.VIEW,
    "runs.samples": Capability.VIEW,
    "runs.events": Capability.VIEW,
    "runs.rename": Capability.LOADTEST,
    "runs.note": Capability.LOADTEST,
    "runs.tag": Capability.LOADTEST,
    "runs.delete": Capability.LOADTEST,
    "runs_api.listing": Capability.VIEW,
    "runs_api.comparison": Capability.VIEW,
    "runs_api.run": Capability.VIEW,
    "operations.deploy": Capability.APPLY,
    "operations.roll_back": Capability.APPLY,
    "operations.cancel_deploy": Capability.APPLY,
    "operations.teardown": Capability.APPLY,
    "operations.plan_swarm": Capability.LOADTEST,
    "operations.start_swarm": Capability.LOADTEST,
    "operations.set_swarm_users": Capability.LOADTEST,
    "operations.stop_swarm": Capability.LOADTEST,
}
"""Flask endpoint → what it needs."""

PLAIN_FORMS = frozenset(
    {"operations.plan_swarm", "operations.start_swarm", "operations.stop_swarm",
     "limits.plan_blast", "limits.start_blast", "limits.stop_blast",
     "data.plan_kill", "data.kill_primary", "runs.rename", "runs.note", "runs.tag", "runs.delete", "sign_in.sign_in",
     "share.make", "share.revoke"}
)  # fmt: skip
"""Endpoints that a form without script may reach too: a stop has to work without one, a start has its nonce, and what
is changed of a run is no change of the cluster."""


def needed(endpoint: str | None) -> Capability | None:
    """What the endpoint needs; None for one that nobody listed, which is refused."""
    return ROUTES.get(endpoint or "")
