import pytest

import sampleapp.database
from sampleapp.database import Guestbook, Unavailable, connect
from sampleapp.entries import NewEntry
from sampleapp.settings import Settings


@pytest.mark.parametrize("path", ["/", "/api/entries", "/readyz"])
def test_reading_gives_503(client, book, path):
    book.away = True
    assert client.get(path).status_code == 503


def test_an_unconfirmed_entry_is_a_503_with_retry_after(client, book):
    book.read_only = True
    answer = client.post("/entries", json={"text": "Hello"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json["error"]


def test_the_page_says_so_and_keeps_what_was_typed(client, book):
    book.read_only = True
    answer = client.post("/entries", data={"text": "Hello"}, headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert 'value="Hello"' in answer.text


def test_unknown_is_not_zero(client, book):
    book.away = True
    status = client.get("/api/status").json
    assert status["entries"] is None
    assert status["primary"] is None
    html = client.get("/").text
    assert 'id="count">unknown<' in html
    assert 'id="primary">unknown<' in html


def test_the_process_is_still_healthy(client, book):
    book.away = True
    assert client.get("/healthz").status_code == 200


@pytest.fixture
def dead():
    """A guestbook whose only member refuses every connection."""
    settings = Settings(hosts=("127.0.0.1:9",), selection_timeout_ms=150)
    guestbook = Guestbook(connect(settings), database="guestbook")
    yield guestbook
    guestbook.close()


def test_after_one_vain_wait_the_next_requests_do_not_wait(dead, monkeypatch):
    with pytest.raises(Unavailable):
        dead.add(NewEntry(text="Hello"), pod="a")

    def waited(_seconds):
        raise AssertionError("it went to the database again")

    monkeypatch.setattr(sampleapp.database.pymongo, "timeout", waited)
    with pytest.raises(Unavailable, match="did not confirm"):
        dead.add(NewEntry(text="Hello"), pod="a")


def test_a_dead_member_has_no_role(dead):
    assert [member.role for member in dead.members()] == [None]
