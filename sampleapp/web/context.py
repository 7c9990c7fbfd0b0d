"""What the routes share. Holds, does nothing."""

import threading
from dataclasses import dataclass

from sampleapp.burden import Hoard
from sampleapp.database import Guestbook
from sampleapp.settings import Settings
from sampleapp.status import StatusBoard


@dataclass(frozen=True, kw_only=True)
class Context:
    """The parts of one running guestbook."""

    settings: Settings
    guestbook: Guestbook
    board: StatusBoard
    hoard: Hoard
    draining: threading.Event
