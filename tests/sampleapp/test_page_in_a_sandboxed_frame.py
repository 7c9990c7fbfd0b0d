"""The page as the dashboard shows it: below /app/, in a sandboxed frame, 320 px wide."""

import threading
from http.server import ThreadingHTTPServer
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest

from sampleapp.web.application import create_app

pytestmark = pytest.mark.browser

_PARENT = b"""<!doctype html><title>parent</title>
<iframe src="/app/" sandbox="allow-forms" width="320" height="600" name="app"></iframe>"""


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments):
        pass


class _Server(ThreadingHTTPServer, WSGIServer):
    """A WSGI server that answers a browser's several connections at once."""

    daemon_threads = True
    server_bind = WSGIServer.server_bind


@pytest.fixture
def address(settings, book):
    app = create_app(settings, guestbook=book)

    def below_a_path(environ, start_response):
        if not environ["PATH_INFO"].startswith("/app/"):
            start_response("200 OK", [("Content-Type", "text/html")])
            return [_PARENT]
        # As a proxy does it: the app is never told about the path it is shown under.
        return app({**environ, "PATH_INFO": environ["PATH_INFO"][4:]}, start_response)

    server = _Server(("127.0.0.1", 0), _Quiet)
    server.set_app(below_a_path)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_a_person_can_sign_in_the_frame_and_sees_the_entry_styled(page, address, book):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(address)
    app = page.frame_locator("iframe")
    app.get_by_label("Leave a line").fill("Hello from the frame")
    app.get_by_role("button", name="Sign").click()
    app.get_by_text("Hello from the frame").wait_for()
    app.get_by_role("button", name="Bravo").click()
    app.get_by_text("2 entries").wait_for()
    assert [entry.text for entry in book.stored] == ["Bravo", "Hello from the frame"]
    frame = page.frame(name="app")
    assert frame.url == f"{address}app/"
    assert frame.evaluate("document.documentElement.scrollWidth") <= 320
    assert frame.evaluate("getComputedStyle(document.querySelector('ol li')).borderLeftWidth") == "4px"
    assert complaints == []
