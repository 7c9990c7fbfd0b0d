import re
from html.parser import HTMLParser

import pytest


class _Page(HTMLParser):
    """Collects the addresses, the inline styles and the scripts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in {"href", "src", "action", "formaction"}:
                self.addresses.append(value or "")
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")
        if tag == "style" or (tag == "script" and "src" not in dict(attributes)):
            self.inline.append(tag)


@pytest.fixture
def signed(client):
    client.post("/entries", data={"text": "The replicas came just in time.", "name": "Ada"})
    return client


def test_it_says_who_answered_how_many_entries_there_are_and_who_is_primary(signed):
    html = signed.get("/").text
    assert "guestbook-7d9f-x2kqp" in html
    assert re.search(r'id="count">1</strong> <span id="count-word">entry<', html)
    assert 'primary <strong id="primary">mongo-0</strong>' in html
    assert "mongo-1 away" in html


def test_entries_show_text_name_and_relative_time(signed):
    html = signed.get("/").text
    assert "The replicas came just in time." in html
    assert "<b>Ada</b>" in html
    assert ">9 s</time>" in html


def test_an_empty_book_invites(client):
    assert "No entries yet" in client.get("/").text


def test_what_people_wrote_is_text_and_never_markup(client):
    client.post("/entries", data={"text": "<script>alert(1)</script>", "name": "<b>"})
    html = client.get("/").text
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("path", ["/", "/entries"])
def test_every_address_is_relative_so_that_a_proxy_path_works(signed, path):
    answer = signed.get(path) if path == "/" else signed.post(path, data={"text": ""}, headers={"Accept": "text/html"})
    addresses = _Page(answer.text).addresses
    assert {"entries", "static/guestbook.css", "static/guestbook.js", "./"} <= set(addresses)
    assert not [address for address in addresses if address.startswith("/") or ":" in address]


def test_nothing_is_inline_and_the_policy_forbids_it(signed):
    answer = signed.get("/")
    assert _Page(answer.text).inline == []
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_its_style_script_and_icon_are_served(client):
    for path, kind in (
        ("/static/guestbook.css", "text/css"),
        ("/static/guestbook.js", "text/javascript"),
        ("/static/icon.svg", "image/svg+xml"),
    ):
        with client.get(path) as answer:
            assert (answer.status_code, answer.mimetype) == (200, kind)


def test_the_form_leads_back_by_a_relative_redirect(client):
    answer = client.post("/entries", data={"text": "Hello"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "./")
    assert client.get("/entries").headers["Location"] == "./"


def test_a_refused_form_keeps_what_was_typed_and_says_why(client, book):
    answer = client.post("/entries", data={"text": "x" * 281, "name": "Ada"}, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert "281 characters" in answer.text
    assert 'value="Ada"' in answer.text
    assert book.stored == []


def test_one_click_leaves_a_ready_line(client, book):
    phrase = re.search(r'<button name="text" value="([^"]+)"', client.get("/").text)
    client.post("/entries", data={"text": phrase[1]})
    assert book.stored[0].text == phrase[1]
