"""The scenarios of one's own: `*.py` in the configured folder, chosen by name. It reads them and never runs them.

They come from whoever runs the dashboard, never through the page. Beside the guestbook's own scenario, a name is the
file's, without `.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dashboard.errors import Refused
from dashboard.load.request import GUESTBOOK

BYTES_MAX = 900 * 1024
"""A ConfigMap holds a mebibyte."""
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Locustfiles:
    """`folder`: where they are; None: there are none."""

    folder: Path | None = None

    def names(self) -> list[str]:
        """The names that can be chosen besides the guestbook; a folder that cannot be read has none."""
        if self.folder is None:
            return []
        try:
            found = [path.stem for path in self.folder.glob("*.py") if _is_usable(path)]
        except OSError:
            return []
        return sorted(found)

    def text(self, name: str) -> str:
        """What is in the file. Raises Refused for a name that is none, or a file that cannot be used."""
        path = self.folder / f"{name}.py" if self.folder is not None and _LABEL.fullmatch(name) else None
        if path is None or name == GUESTBOOK or not path.is_file():
            raise Refused(
                f"There is no scenario {name!r}; there are {', '.join([GUESTBOOK, *self.names()])}.", status=422
            )
        try:
            content = path.read_bytes()
            if len(content) > BYTES_MAX:
                raise Refused(f"{path.name} has {len(content)} bytes; {BYTES_MAX} fit into a ConfigMap.", status=422)
            return content.decode()
        except OSError as error:
            raise Refused(f"{path.name} cannot be read: {error.strerror}.", status=422) from error
        except UnicodeDecodeError as error:
            raise Refused(f"{path.name} is no text in UTF-8.", status=422) from error


def _is_usable(path: Path) -> bool:
    named = _LABEL.fullmatch(path.stem) is not None and path.stem != GUESTBOOK
    return named and path.is_file() and path.stat().st_size <= BYTES_MAX
