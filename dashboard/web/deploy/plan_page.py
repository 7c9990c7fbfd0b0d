"""A plan's document → the page of it: one sentence, what stands in the way, objects by bundle and stage. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dashboard.stack.bundles.options import options_of
from dashboard.stack.planning.administrator import is_about_a_right
from dashboard.web.deploy.words import VERDICTS, Row, counted, identity, listed, moment, named

COUNTED = (
    ("create", "to create"),
    ("change", "to change"),
    ("remove", "to remove"),
    ("unchanged", "unchanged"),
    ("forbidden", "forbidden"),
    ("invalid", "invalid"),
)
HARD = ("forbidden", "invalid")
"""Verdicts that no tick on the page can lift."""
MAY_NOT = "This needs an account that may deploy."
RIGHTS = "rights"
"""The check of the preflight whose findings are about the person."""


def plan_page(
    document: Row, *, bundles: Sequence[str], take_over: Collection[str], may_apply: bool = True
) -> dict[str, Any]:
    """Everything the template needs of the plan. `may_apply`: False: whoever looks may not deploy anything."""
    objects = [_object(each, take_over) for each in document["objects"]]
    found = document["findings"]
    if not may_apply:
        objects, found = _of_an_onlooker(objects, found)
    findings = {state: [each for each in found if each["state"] == state] for state in ("missing", "unknown", "ok")}
    counts = document["counts"]
    changes = sum(counts.get(verdict, 0) for verdict in ("create", "change", "remove"))
    return {
        "bundles": list(bundles),
        "seal": document.get("seal") or "",
        "sentence": sentence(counts, len(objects)),
        "findings": findings,
        "groups": groups(objects, said={each["sentence"] for each in findings["missing"]}),
        "options": options(document.get("options") or {}, document["objects"]),
        "expects": [f"{name}:{revision}" for name, revision in document["revisions"].items()],
        "blocked": blocked(counts, sum(each["blocks"] for each in findings["missing"])),
        "conflicts": counts.get("conflict", 0),
        "changes": changes,
        "taken_over": [each for each in objects if each["ticked"] and each["verdict"] != "conflict"],
        "removals": [each for each in objects if each["verdict"] == "remove"],
    }


def options(chosen: Mapping[str, Sequence[str]], objects: Sequence[Row]) -> list[dict[str, Any]]:
    """What each bundle of the plan offers, whether the plan was made with it, and whether it takes it away.

    What an earlier version deployed has it in its manifests, and no record that it was ever chosen.
    """
    return [
        {
            "bundle": bundle,
            "value": f"{bundle}:{each.name}",
            "argument": each.argument,
            "title": each.title,
            "text": each.text,
            "ticked": each.name in names,
            "lost": each.name not in names and _is_taken_away(each.argument, bundle, objects),
        }
        for bundle, names in chosen.items()
        for each in options_of(bundle)
    ]


def _is_taken_away(argument: str, bundle: str, objects: Sequence[Row]) -> bool:
    changes = [change for each in objects if each["bundle"] == bundle for change in each.get("changes") or ()]
    return any(each["before"] == argument for each in changes) and all(each["after"] != argument for each in changes)


def sentence(counts: Mapping[str, int], total: int) -> str:
    """`14 to create, 2 to change, 31 unchanged.`"""
    if not total:
        return "There is nothing in this plan."
    if counts.get("unchanged") == total:
        return f"Nothing to change: {'the one object is' if total == 1 else f'all {total} objects are'} as planned."
    parts = [f"{counts[verdict]} {words}" for verdict, words in COUNTED if counts.get(verdict)]
    if counts.get("conflict"):
        parts.append(counted(counts["conflict"], "conflict"))
    return f"{', '.join(parts)}."


def blocked(counts: Mapping[str, int], missing: int) -> str:
    """Why it may not be applied whatever is ticked; empty when only ticks are wanting, or nothing is."""
    reasons = [
        f"{counted(counts[verdict], 'object')} {_is(counts[verdict])} {verdict}"
        for verdict in HARD
        if counts.get(verdict)
    ]
    if missing:
        reasons.insert(0, f"{counted(missing, 'thing')} the plan needs {_is(missing)} missing")
    return f"It cannot be applied yet: {listed(reasons)}." if reasons else ""


def groups(objects: Sequence[dict[str, Any]], *, said: Collection[str] = ()) -> list[dict[str, Any]]:
    """By bundle, then by stage in the order of applying; what stays as it is comes last and folded.

    `said`: what stands above all of it already.
    """
    found = []
    for bundle in dict.fromkeys(each["bundle"] for each in objects):
        own = [each for each in objects if each["bundle"] == bundle]
        moving = [each for each in own if each["verdict"] != "unchanged"]
        stages = dict.fromkeys(each["stage"] for each in moving)
        shared = _shared(moving)
        moving = [{**each, "sentence": "" if each["sentence"] in shared else each["sentence"]} for each in moving]
        found.append(
            {
                "bundle": bundle,
                "shared": [each for each in shared if each not in said],
                "stages": [
                    {"stage": stage, "objects": [each for each in moving if each["stage"] == stage]} for stage in stages
                ],
                "unchanged": [each for each in own if each["verdict"] == "unchanged"],
                "later": sum(not each["checked"] for each in moving),
            }
        )
    return found


def _shared(objects: Sequence[Row]) -> list[str]:
    """What stands in the way of more than one object, which is said once for the bundle."""
    counts = Counter(each["sentence"] for each in objects if each["sentence"] and each["verdict"] in HARD)
    return [sentence for sentence, count in counts.items() if count > 1]


def _of_an_onlooker(
    objects: Sequence[dict[str, Any]], findings: Sequence[Row]
) -> tuple[list[dict[str, Any]], list[Row]]:
    """One line for all the rights that are missing: a right here and there would not make them one who deploys."""
    lacking = [each for each in findings if each["check"] == RIGHTS and each["state"] != "ok"]
    told = [{**each, "sentence": ""} if _lacks_right(each) else each for each in objects]
    if not lacking and told == list(objects):
        return list(objects), list(findings)
    line = {"check": RIGHTS, "state": "missing", "sentence": MAY_NOT, "remedy": None, "blocks": True}
    return told, [line, *(each for each in findings if each not in lacking)]


def _lacks_right(shown: Row) -> bool:
    return bool(shown["verdict"] == "forbidden" and is_about_a_right(shown["sentence"]))


def _object(row: Row, take_over: Collection[str]) -> dict[str, Any]:
    glyph, word = VERDICTS.get(row["verdict"], ("?", row["verdict"]))
    key = identity(row)
    return {
        "id": key,
        "object": named(row),
        "bundle": row["bundle"],
        "stage": row["stage"],
        "verdict": row["verdict"],
        "glyph": glyph,
        "word": word,
        # Why it could not be tried is said once for the bundle.
        "sentence": (row.get("sentence") or "") if row.get("checked", True) else "",
        "changes": row.get("changes") or [],
        "owners": [
            {**each, "moment": moment(each.get("since")) if each.get("since") else ""}
            for each in row.get("owners") or []
        ],
        "checked": row.get("checked", True),
        "ticked": key in take_over,
    }


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
