"""Which bundles the dialog ticks for a person, and why one is left out: what they may not deploy would stop the rest.

Pure, but for `may_write_roles`, which asks the cluster and is called at most once, and only where it matters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboard.kube.metrics_api import NAME
from dashboard.stack.bundles.bundle import Bundle, ObjectRef, ref_of
from dashboard.stack.planning.administrator import is_administrators, sentence

Row = Mapping[str, Any]
Views = Mapping[str, Mapping[str, Row]]

STANDS = ("ok", "progressing", "failed")
SERVED = "The cluster has a metrics API already, and your account may not write objects of the whole cluster."


def choice(
    bundles: Sequence[Bundle], views: Views, *, may_apply: bool, may_write_roles: Callable[[], bool | None]
) -> list[dict[str, Any]]:
    """Each bundle, whether it is ticked, and the reason where it is one of ours and is not."""
    doubtful = {each.name: _theirs(each) for each in bundles if not each.own and _is_doubtful(each, views)}
    doubtful = {name: refs for name, refs in doubtful.items() if refs}
    is_denied = may_apply and bool(doubtful) and may_write_roles() is False
    reasons = {each.name: _reason(each, doubtful[each.name], views) for each in bundles if each.name in doubtful}
    return [
        {
            "name": each.name,
            "title": each.title or each.name,
            "text": each.text,
            "ticked": not each.own and not (is_denied and each.name in reasons),
            "reason": reasons.get(each.name, "") if is_denied else "",
        }
        for each in bundles
    ]


def _theirs(bundle: Bundle) -> list[ObjectRef]:
    """What an administrator writes. Not the Namespaces, which come with the dashboard in a cluster."""
    refs = [ref_of(each) for each in bundle.objects]
    return [each for each in refs if each.kind != "Namespace" and is_administrators(each.group, each.namespace)]


def _is_doubtful(bundle: Bundle, views: Views) -> bool:
    """Whether the cluster is there to be asked, and nobody has deployed the bundle with us so far."""
    row = views.get("bundles", {}).get(bundle.name) or {}
    is_live = (views.get("connection", {}).get("cluster") or {}).get("state") == "live"
    stands = bool(row.get("revision")) and row.get("state") in STANDS
    return is_live and row.get("state", "unknown") != "unknown" and not stands


def _reason(bundle: Bundle, refs: Sequence[ObjectRef], views: Views) -> str:
    if any(ref.name == NAME for ref in refs) and _is_served(views):
        return SERVED
    return sentence(bundle, refs, alone=True)


def _is_served(views: Views) -> bool:
    """Whether the metrics API is registered and answers, as the metrics pipeline judges it."""
    links = [link for row in views.get("pipeline", {}).values() for link in row.get("links") or []]
    states = {link.get("id"): link.get("state") for link in links}
    return states.get("api_service") == states.get("available") == "ok"
