"""A share link of a real `surgeboard serve`: what comes over its socket, and that nothing does once it is revoked."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode


class Shared:
    """A dashboard's share link, and the browsers that came by it."""

    def __init__(self, serve: Any) -> None:
        self.serve = serve
        self._post("/share", label="the room", hours="1")
        page = serve.get("/share", Cookie=serve.cookie)[2].decode()
        found = re.search(r"/s/([\w-]{43})", page)
        assert found is not None
        self.token = found[1]
        status, headers, _ = serve.get(f"/s/{self.token}")
        assert (status, headers["Location"]) == (303, "/present")
        self.cookie = headers["Set-Cookie"].partition(";")[0]

    def open(self) -> Any:
        return self.serve.open(cookie=self.cookie)

    def looking_on(self) -> int:
        _, _, page = self.serve.get("/share", Cookie=self.serve.cookie)
        found = re.search(r'data-head="looking on" class="n">(\d+)<', page.decode())
        assert found is not None
        return int(found[1])

    def revoke(self) -> None:
        _, _, page = self.serve.get("/share", Cookie=self.serve.cookie)
        found = re.search(r'action="(/share/[0-9a-f]{8}/revoke)"', page.decode())
        assert found is not None
        self._post(found[1], yes="")

    def _post(self, path: str, **form: str) -> None:
        origin = f"http://127.0.0.1:{self.serve.port}"
        headers = {
            "Cookie": self.serve.cookie, "Origin": origin, "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Mode": "navigate", "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        connection = http.client.HTTPConnection("127.0.0.1", self.serve.port, timeout=60)
        try:
            connection.request("POST", path, body=urlencode(form), headers=headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        finally:
            connection.close()
        assert answer.status == 303, page


def test_its_socket_gets_what_is_shared_and_ends_with_the_link(serve: Any) -> None:
    shared = Shared(serve)
    browser = shared.open()
    told = browser.wait_for(lambda payload: any(view == "samples" for view, *_ in payload.get("changes", [])))
    text = json.dumps(told)
    assert "connection" in told[0][1]["views"]
    assert "127.0.0.1:9" not in text, "the server's address"
    assert "viewers" not in text
    assert shared.looking_on() == 1
    shared.revoke()
    browser.until_closed()
    browser.close()
    status, _, _ = serve.get("/present", Cookie=shared.cookie)
    assert status == 401
    assert shared.token not in serve.log.read_text()


def test_a_link_and_its_browsers_outlive_a_restart(start: Callable[..., Any], tmp_path: Path) -> None:
    first = start(tmp_path)
    try:
        shared = Shared(first)
    finally:
        first.end()
    again = start(tmp_path)
    try:
        # A cookie's name carries the port, which is another one here.
        status, _, _ = again.get("/present", Cookie=shared.cookie.replace(str(first.port), str(again.port)))
        assert status == 200
        assert again.get("/", Cookie=shared.cookie.replace(str(first.port), str(again.port)))[0] == 403
    finally:
        again.end()
