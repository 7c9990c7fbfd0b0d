"""What the pages ask of the cluster, as in the tests without a browser; the guestbook is a page to be framed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.errors import Refused
from dashboard.web.actions import Headers, ProxyAnswer
from tests.dashboard.web.acting import RecordingActions

GUESTBOOK_PAGE = b"""<!doctype html><html lang=en><head><meta name=color-scheme content="light dark">
<title>Guestbook</title><link rel=stylesheet href=static/guestbook.css></head><body><h1>Guestbook</h1>
<p>answered by <b>guestbook-7d9f-x2kqp</b> &middot; 1,284 entries &middot; primary mongo-1
<form action=entries method=post><input name=text aria-label=Text> <button>Sign</button></form>
<q>The replicas came just in time.</q><q>Hello from the demo room</q></body></html>"""
GUESTBOOK_STYLE = b"""body { font: 15px system-ui; margin: 1rem } h1 { font-size: 1.4rem }
q { display: block; border-left: 3px solid rgb(12, 125, 112); padding-left: .5rem; margin: .5rem 0; quotes: none }"""

VIEWER = "system:serviceaccount:surgeboard:surgeboard-viewer"


@dataclass
class FakeActions(RecordingActions):
    """`conflict` refuses the next request with that sentence; the other two are what is wrong with the guestbook."""

    conflict: str | None = None
    app_away: str | None = None
    app_unwritten: str | None = None

    def may_write_roles(self) -> bool | None:
        return self.writes_roles

    def app_request(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> ProxyAnswer:
        if self.app_away:
            raise Refused(self.app_away, status=503)
        self.asked.append(("app", (method, path, body)))
        if method == "POST" and self.app_unwritten:
            raise Refused(self.app_unwritten, status=403)
        if method == "POST":
            return ProxyAnswer(303, [("Location", "/?signed"), ("Set-Cookie", "app=1")], [b""])
        if path == "static/guestbook.css":
            return ProxyAnswer(200, [("Content-Type", "text/css")], [GUESTBOOK_STYLE])
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Connection", "close")]
        return ProxyAnswer(200, headers, [GUESTBOOK_PAGE])

    def _take(self, name: str, *what: Any) -> None:
        if self.conflict:
            sentence, self.conflict = self.conflict, None
            raise Refused(sentence, status=409)
        super()._take(name, *what)
