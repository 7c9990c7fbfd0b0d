"""A marker is confirmed, refused, or nobody knows; and it is no entry."""

import pytest


def mark(client, **document):
    return client.post("/markers", json={"series": "k3v9aa", "number": 3, **document})


def test_a_confirmed_marker_is_told_with_its_pod(client, settings):
    answer = mark(client)
    assert (answer.status_code, answer.json) == (201, {"outcome": "confirmed", "number": 3, "pod": settings.pod})
    assert client.get("/api/markers/k3v9aa").json["numbers"] == [3]


def test_markers_are_no_entries(client):
    mark(client)
    assert client.get("/api/entries").json["entries"] == []
    assert b"k3v9aa" not in client.get("/").data


def test_what_was_never_sent_is_refused(client, book):
    book.read_only = True
    answer = mark(client)
    assert (answer.status_code, answer.json["outcome"]) == (503, "refused")


def test_what_was_sent_and_not_confirmed_may_be_there(client, book):
    book.away = True
    answer = mark(client)
    assert (answer.status_code, answer.json["outcome"]) == (503, "unknown")


@pytest.mark.parametrize(
    "document",
    [{"series": "no"}, {"series": "UPPER1"}, {"series": "a:b:c:d"}, {"series": None}, {"series": "x" * 33},
     {"number": -1}, {"number": 100_000}, {"number": True}, {"number": "3"}, {"number": None}],
)  # fmt: skip
def test_a_marker_that_is_none_is_refused_in_a_sentence(client, book, document):
    answer = mark(client, **document)
    assert answer.status_code == 400
    assert answer.json["error"].endswith(".")
    assert book.markers == []


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense"])
def test_a_body_that_is_no_object_is_refused(client, body):
    assert client.post("/markers", data=body).status_code == 400


def test_a_series_that_is_none_cannot_be_read(client):
    assert client.get("/api/markers/a%24b").status_code == 400
