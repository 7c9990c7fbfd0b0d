"""Reads what a person typed, and says in a sentence what is wrong with it. It must not act on anything."""

from __future__ import annotations

import re
from collections.abc import Sequence

from werkzeug.datastructures import MultiDict

from dashboard.errors import Refused
from dashboard.load import request as ceilings
from dashboard.load.request import SwarmRequest

UNPROCESSABLE = 422


Form = MultiDict[str, str]


def bundles_of(form: Form, known: Sequence[str]) -> tuple[str, ...]:
    """The bundles ticked, in the order of `known`."""
    asked = set(form.getlist("bundle"))
    unknown = sorted(asked - set(known))
    if unknown:
        raise Refused(f"There is no bundle {unknown[0]!r}.", status=UNPROCESSABLE)
    if not asked:
        raise Refused("Nothing is ticked. Choose at least one bundle to deploy.", status=UNPROCESSABLE)
    return tuple(name for name in known if name in asked)


def expected_of(form: Form) -> dict[str, str] | None:
    """Bundle → the revision that the plan on the page was made of; None when no plan was looked at."""
    pairs = [each.rpartition(":") for each in form.getlist("expect")]
    if any(not (name and revision) for name, _, revision in pairs):
        raise Refused("The plan on this page was not understood. Plan again.", status=UNPROCESSABLE)
    return {name: revision for name, _, revision in pairs} or None


def options_of(form: Form, known: Sequence[str]) -> dict[str, tuple[str, ...]] | None:
    """Bundle → the options ticked for it. `options_of` names the bundles that were asked about: no tick says no there.

    None when nothing was asked about: then every bundle keeps the options it stands with.
    """
    asked = form.getlist("options_of")
    pairs = [each.partition(":") for each in form.getlist("option")]
    wrong = [name for name in (*asked, *(bundle for bundle, _, _ in pairs)) if name not in known]
    if wrong:
        raise Refused(f"There is no bundle {wrong[0]!r}.", status=UNPROCESSABLE)
    return {name: tuple(option for bundle, _, option in pairs if bundle == name) for name in asked} or None


def ids_of(form: Form, field: str) -> tuple[str, ...]:
    """The objects ticked one by one, each once, in the page's order."""
    return tuple(dict.fromkeys(form.getlist(field)))


def seal_of(form: Form) -> str:
    """What the page said of the roll-back or teardown that it showed; none is begun unseen."""
    seal = form.get("seal", "")
    if not re.fullmatch(r"[0-9a-f]{64}", seal):
        raise Refused(
            "Look at what it would do first: this page does not say what was looked at.", status=UNPROCESSABLE
        )
    return seal


def teardown_of(form: Form, known: Sequence[str]) -> str:
    """The bundle to tear down, which has to be typed out as well."""
    bundle = form.get("bundle", "")
    if bundle not in known:
        raise Refused("Choose the bundle to tear down.", status=UNPROCESSABLE)
    if form.get("confirm", "").strip() != bundle:
        raise Refused(f"To tear it down, type its name: {bundle}.", status=UNPROCESSABLE)
    return bundle


SWARM_FIELDS = frozenset(
    {
        "target", "users", "spawn_rate", "duration_s", "minutes", "profile", "workers", "keep_alive", "scenario",
        "p95_limit_ms", "failed_limit_percent", "note",
    }
)  # fmt: skip
YES, NO = frozenset({"", "true", "on", "yes"}), frozenset({"false", "off", "no"})


def swarm_of(form: Form) -> SwarmRequest:
    """The swarm asked for, by known fields given once. The duration comes in seconds, or in minutes from the dialog."""
    only(form, SWARM_FIELDS)
    profile = form.get("profile", "") or "steady"
    if profile not in ceilings.PROFILES:
        raise Refused(f"Choose a profile: {', '.join(ceilings.PROFILES)}.", status=UNPROCESSABLE)
    return SwarmRequest(
        target=form.get("target", "") or "guestbook",
        users=whole(form.get("users", ""), "Load users", 1, ceilings.USERS_MAX),
        spawn_rate=whole(form.get("spawn_rate", ""), "New users per second", 1, ceilings.SPAWN_RATE_MAX),
        duration_s=_duration(form),
        profile=profile,
        workers=whole(form.get("workers", "") or "1", "Workers", 1, ceilings.WORKERS_MAX),
        keep_alive=_is_on(form.get("keep_alive", ""), "Keep connections"),
        scenario=form.get("scenario", "") or ceilings.GUESTBOOK,
        p95_limit_ms=whole(
            form.get("p95_limit_ms", "") or "1000", "Limit of p95 in ms", ceilings.P95_LIMIT_MIN_MS,
            ceilings.P95_LIMIT_MAX_MS,
        ),
        failed_limit_percent=_percent(form.get("failed_limit_percent", "") or "1"),
        note=form.get("note", "").strip(),
    )  # fmt: skip


def users_of(form: Form) -> tuple[int, int]:
    """How many load users a running swarm shall have, and how many are started a second."""
    only(form, frozenset({"users", "spawn_rate"}))
    users = whole(form.get("users", ""), "Load users", 1, ceilings.USERS_MAX)
    return users, whole(form.get("spawn_rate", ""), "New users per second", 1, ceilings.SPAWN_RATE_MAX)


def nonce_of(form: Form) -> str:
    """The nonce of the plan that is to start; nothing else is taken, since the plan says all the rest."""
    only(form, frozenset({"nonce"}))
    nonce = form.get("nonce", "")
    if not nonce:
        raise Refused("Look at the plan first; it carries what this button needs.", status=UNPROCESSABLE)
    return nonce


def only(form: Form, known: frozenset[str]) -> None:
    """Refused for a field that is not known, or is given twice."""
    for name, values in form.lists():
        if name not in known:
            raise Refused(f"{name[:40]!r} is not a field of this form.", status=UNPROCESSABLE)
        if len(values) > 1:
            raise Refused(f"{name}: given {len(values)} times, once is needed.", status=UNPROCESSABLE)


def _is_on(text: str, label: str) -> bool:
    if text not in YES | NO:
        raise Refused(f"{label}: true or false is needed.", status=UNPROCESSABLE)
    return text in YES


def _percent(text: str) -> float:
    cleaned = text.strip()
    digits = cleaned.replace(".", "", 1)
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 8):
        raise Refused(f"Limit of failures: {cleaned[:20]!r} is not a number.", status=UNPROCESSABLE)
    return float(cleaned)


def whole(text: str, label: str, low: int, high: int) -> int:
    """A whole number within bounds, or Refused with a sentence that names the field."""
    cleaned = text.strip()
    if not cleaned:
        raise Refused(f"{label}: a number from {low} to {high} is needed.", status=UNPROCESSABLE)
    if not (cleaned.isascii() and cleaned.removeprefix("-").isdecimal() and len(cleaned) < 10):
        raise Refused(f"{label}: {cleaned[:20]!r} is not a whole number.", status=UNPROCESSABLE)
    value = int(cleaned)
    if not low <= value <= high:
        raise Refused(f"{label}: {value} is outside {low} to {high}.", status=UNPROCESSABLE)
    return value


def _duration(form: Form) -> int:
    if form.get("duration_s", ""):
        return whole(form.get("duration_s", ""), "Seconds", 10, ceilings.DURATION_MAX_S)
    return 60 * whole(form.get("minutes", ""), "Minutes", 1, ceilings.DURATION_MAX_S // 60)
