"""What only an administrator should apply: objects of the whole cluster, and rights. One sentence a bundle. Pure.

Nobody is advised to ask for such rights: who may write roles may give themselves every other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dashboard.stack.bundles.bundle import Bundle, ObjectRef
from dashboard.stack.planning.plan import ObjectPlan
from dashboard.stack.planning.refusals import ASK

RIGHTS = "rbac.authorization.k8s.io"
_MAY_NOT = "which your account may not write."


def is_administrators(group: str, namespace: str) -> bool:
    """Whether no ordinary account should be given the right to write it."""
    return not namespace or group == RIGHTS


def sentence(bundle: Bundle, refs: Iterable[ObjectRef], *, alone: bool) -> str:
    """Why the bundle is not the person's to deploy, who does it, and how. `alone`: it is all that was chosen."""
    kinds = ", ".join(dict.fromkeys(each.kind for each in refs))
    # A Secret that is made when it is deployed is in no file that kubectl could apply.
    by = f"surgeboard deploy {bundle.name}" if bundle.secrets else f"kubectl apply -k manifests/{bundle.name}"
    how = "" if bundle.own else f": {by}"
    rest = "" if alone else " Untick it to deploy the rest."
    why = f"{bundle.name} holds objects of the whole cluster ({kinds}), {_MAY_NOT}"
    return f"{why} An administrator applies it{how}.{rest}"


def told_once(objects: Sequence[ObjectPlan], bundles: Sequence[Bundle]) -> list[ObjectPlan]:
    """The same, where a bundle is an administrator's: each of its objects that lacks a right says so, and no other."""
    said = {}
    for bundle in bundles:
        refs = [each.ref for each in objects if each.bundle == bundle.name and _lacks_right(each)]
        theirs = [ref for ref in refs if is_administrators(ref.group, ref.namespace)]
        if theirs:
            said[bundle.name] = sentence(bundle, theirs, alone=len(bundles) == 1)
    return [
        replace(each, sentence=said[each.bundle]) if each.bundle in said and _lacks_right(each) else each
        for each in objects
    ]


def is_about_a_right(said: str) -> bool:
    """Whether the sentence of an object that is forbidden tells of a right that the person lacks."""
    return said.endswith(ASK) or _MAY_NOT in said


def _lacks_right(planned: ObjectPlan) -> bool:
    return planned.verdict == "forbidden" and is_about_a_right(planned.sentence or "")
