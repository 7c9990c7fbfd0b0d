"""Everything about the database on one cluster, put together: who looks, what is read beside it, and the kill."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from dashboard.audit import Audit
from dashboard.confirming import Plans
from dashboard.data import kill_row
from dashboard.data.asking import Asking
from dashboard.data.belongings import Belongings
from dashboard.data.killing import Killing
from dashboard.data.members import Members
from dashboard.settings import Target
from dashboard.store.views import Views


@dataclass(frozen=True, slots=True)
class Tier:
    """`members` and `belongings` are to be ticked; `killing` is what a person may have done."""

    views: Views
    members: Members
    belongings: Belongings
    killing: Killing

    def begin(self) -> None:
        """Nothing is known yet, and nothing was killed: as at the start, and when the cluster is another one."""
        self.members.forget()
        self.belongings.forget()
        self.views.put("data", "kill", kill_row.NONE)


def tier(
    client: Any, views: Views, app: Target, *, audit: Audit, now: Callable[[], datetime],
    set_role: Callable[[str, str | None], None], note: Callable[..., None],
    refused: Callable[[str, Any], None], background: Callable[[Callable[[], None]], None],
) -> Tier:  # fmt: skip
    """On one cluster. `refused` hears of each kind of read whether it went well; `background` begins a thread."""
    members = Members(views, Asking(client.proxy_pod), set_role, note, now, partial(refused, "agents"))
    belongings = Belongings(views, members, client.get, client.list, now, refused)
    killing = Killing(
        client, app, members.look, partial(views.put, "data", "kill"), note, audit, now, time.monotonic, time.sleep,
        background, Plans(time.monotonic),
    )  # fmt: skip
    return Tier(views, members, belongings, killing)
