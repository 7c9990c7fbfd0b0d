"""The page as the dashboard shows it: below /app/, in a sandboxed frame, 320 px wide, kept fresh by its script."""

import threading
from http.server import ThreadingHTTPServer
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest

from sampleapp.entries import NewEntry
from sampleapp.web.application import create_app

pytestmark = pytest.mark.browser

_PARENT = b"""<!doctype html><title>parent</title>
<iframe src="/app/" sandbox="allow-forms allow-scripts" width="320" height="600" name="app"></iframe>"""


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

        # As the dashboard does it: the app is never told about the path it is shown under, and the frame's origin,
        # which has no name, may read its answers.
        def readable(status, headers, *rest):
            return start_response(status, [*headers, ("Access-Control-Allow-Origin", "null")], *rest)

        return app({**environ, "PATH_INFO": environ["PATH_INFO"][4:]}, readable)

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
    assert frame.evaluate("getComputedStyle(document.querySelector('ol li')).borderLeftWidth") == "3px"
    assert complaints == []


def test_what_others_write_appears_and_what_is_typed_stays(page, address, book):
    page.goto(address)
    app = page.frame_locator("iframe")
    app.get_by_label("Leave a line").fill("half a sen")
    app.locator("body").evaluate("() => { window.sameDocument = true }")
    for number in range(3):
        book.add(NewEntry(text=f"line {number}", name="<i>Ada</i>"), pod="guestbook-7d9f-m4dzt")
    app.get_by_text("3 entries").wait_for()
    texts = app.locator("ol li p").all_inner_texts()
    assert texts == ["line 2", "line 1", "line 0"]
    assert "<i>Ada</i> · " in app.locator("ol li small").first.inner_text()
    assert app.get_by_label("Leave a line").input_value() == "half a sen"
    assert app.locator("body").evaluate("() => window.sameDocument")


def test_a_database_that_is_away_is_said_and_forgotten_when_it_is_back(page, address, book):
    page.goto(address)
    app = page.frame_locator("iframe")
    app.get_by_text("0 entries").wait_for()
    book.away = True
    app.get_by_text("The database does not answer.").wait_for()
    book.away = False
    app.get_by_text("The database does not answer.").wait_for(state="hidden")


def test_it_asks_at_most_every_two_seconds_and_not_at_all_while_hidden(page, address):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    page.goto(f"{address}app/")
    page.wait_for_timeout(5000)
    assert set(asked) == {f"{address}app/api/page?limit=20"}
    before = len(asked)
    assert before <= 2
    page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", {value: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    page.wait_for_timeout(2500)
    assert len(asked) == before


def test_it_works_without_its_script(chromium, address, book):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}app/")
    page.fill("#text", "By hand")
    page.click(".sign button")
    page.get_by_text("1 entry").wait_for()
    assert page.is_visible(".again")
    context.close()
