"""What keeps a swarm from being started right now, with what to do about it. Pure.

static/js/load_form.js says the same from then on. The server refuses for the same reasons; this only says it before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.settings import Target
from dashboard.store.denied import is_denied
from dashboard.web.load.words import Row

Views = Mapping[str, Mapping[str, Row]]

CONNECTIONS = {
    "syncing": ("The cluster is being read", "A swarm can be started as soon as it is known what is there."),
    "stale": ("The cluster has gone quiet", "What you see may be old. A swarm can be started once it answers again."),
    "down": ("The cluster does not answer", "A swarm can be started once it answers again; it is tried all the time."),
    "forbidden": (
        "The cluster lets the dashboard not read enough",
        "Without seeing the target no load is sent to it. Ask for the rights that are named above.",
    ),
}
NOTHING = (
    "Nothing is deployed here yet",
    "There is nothing to put under load. Deploy the stack first.",
    "Deploy the stack",
)
NO_ROOM = (
    "Swarms have no place to run yet",
    "The bundle load brings their namespace, its quota and its network rules. Deploy it first.",
    "Deploy the bundle load",
)


def obstacle(views: Views, target: Target | None) -> dict[str, Any] | None:
    """The first thing in the way, as title, text and the place that helps; None when nothing is known to be."""
    state = str(views.get("connection", {}).get("cluster", {}).get("state", "syncing"))
    if state != "live":
        return _said(state, *CONNECTIONS.get(state, CONNECTIONS["down"]))
    if views.get("stack", {}).get("health", {}).get("state") == "absent":
        return _said("nothing", *NOTHING[:2], where="stack", link=NOTHING[2])
    if views.get("bundles", {}).get("load", {}).get("state") == "absent":
        return _said("no room", *NO_ROOM[:2], where="load", link=NO_ROOM[2])
    return _unready(views, target) if target is not None else None


def _unready(views: Views, target: Target) -> dict[str, Any] | None:
    """A target without a ready pod; whether there is one is only known where the workload has the Service's name."""
    named = f"{target.namespace}/{target.service}"
    owners = [
        row
        for row in views.get("workloads", {}).values()
        if (row.get("namespace"), row.get("name")) == (target.namespace, target.service)
    ]
    if not owners:
        if is_denied(views.get("connection", {}), "deployments"):
            return None  # whether it is there cannot be seen, which the page says elsewhere
        if not views.get("workloads"):
            return None
        return _said("target", f"{named} is not there", "Choose another target, or deploy it.", "stack", "Deploy")
    ready, wanted = owners[0].get("ready") or 0, owners[0].get("replicas")
    if ready > 0:
        return None
    text = f"{ready} of {wanted if wanted is not None else '?'} pods are ready. A swarm can be started once one is."
    return _said("target", f"{named} is not ready", text, "stack", "See why")


def _said(kind: str, title: str, text: str, where: str = "", link: str = "") -> dict[str, Any]:
    return {"kind": kind, "title": title, "text": text, "where": where, "link": link}
