"""Single-use sign-in links for the person at this machine. The file is the only way to learn the current one."""

from __future__ import annotations

import os
import secrets
import threading
from pathlib import Path

FILE_NAME = "sign-in-url"


class SignInLinks:
    """One valid link at a time; the one that was used is replaced, in the file too."""

    def __init__(self, base_url: str, data_dir: Path) -> None:
        self._base_url = base_url.rstrip("/")
        self._file = data_dir / FILE_NAME
        self._token = ""
        self._lock = threading.Lock()

    def renew(self) -> str:
        """Make a fresh link, write it to the file (0600) and return it; the link before it is void."""
        with self._lock:
            return self._renew()

    def redeem(self, token: str) -> bool:
        """Whether `token` is the current link's. If so it never will be again."""
        with self._lock:
            if not self._token or not secrets.compare_digest(token.encode(), self._token.encode()):
                return False
            self._renew()
            return True

    def _renew(self) -> str:
        self._token = secrets.token_urlsafe(32)
        url = f"{self._base_url}/sign-in?token={self._token}"
        write_private(self._file, url + "\n")
        return url


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step, readable by its owner alone at every moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
