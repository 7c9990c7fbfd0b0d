"""Puts the parts of sign-in together, as the settings say. It starts nothing."""

from __future__ import annotations

import time

from dashboard.access.attempts import Pacing
from dashboard.access.door import ENDED, Door, Record
from dashboard.access.forwarded import Proxies
from dashboard.access.guard import Access
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.people import Asker, People
from dashboard.access.rechecks import PERIOD_S, Rechecks
from dashboard.access.rights import Rights
from dashboard.access.sessions import Session, Sessions
from dashboard.access.share_links import ShareLinks
from dashboard.settings import Settings
from dashboard.ticker import Ticker

SWEEP_S = 10.0


def access_of(
    settings: Settings, links: SignInLinks, origins: Origins, reviews: Asker, record: Record, *, namespace: str,
    period_s: float = PERIOD_S,
) -> Access:  # fmt: skip
    """`namespace`: that of the app under load; `record` writes to the audit; people are reviewed every `period_s`."""
    sessions = Sessions(time.time)
    door = None
    if settings.auth != "local":

        def ended(session: Session, why: str) -> None:
            record(ENDED, by=session.by, outcome="ended", why=why, session=session.id)

        people = People(reviews, Rights(namespace, settings.namespaces, read_only=settings.read_only), time.time)
        rechecks = Rechecks(sessions, people, time.time, ended, period_s)
        door = Door(sessions, people, Pacing(time.monotonic), rechecks, record, by_proxy=settings.auth == "proxy")
    return Access(
        sessions=sessions, links=links, origins=origins, port=settings.port, door=door, read_only=settings.read_only,
        shares=ShareLinks(settings.data_dir, record=record), record=record,
    )  # fmt: skip


def origins_of(settings: Settings) -> Origins:
    """The addresses under which the dashboard is known."""
    if settings.auth == "local":
        return Origins.loopback(settings.port).and_of(settings.urls)
    return Origins.of(settings.urls)


def proxies_of(settings: Settings) -> Proxies:
    """Whose forwarded headers are believed."""
    return Proxies.of(settings.trusted_proxies, hops=settings.forwarding_hops, tell_who=settings.auth == "proxy")


def ticker_of(access: Access) -> Ticker:
    """What ends and reviews sessions in the background."""
    if access.door is None:
        return Ticker("sessions", SWEEP_S, [access.sessions.sweep])
    return Ticker("sessions", access.door.rechecks.tick_s, [access.door.rechecks.tick])
