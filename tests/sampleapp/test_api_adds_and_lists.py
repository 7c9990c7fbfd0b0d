import pytest


def test_an_entry_comes_back_as_stored(client):
    answer = client.post("/entries", json={"text": "Hello", "name": "Ada"})
    assert answer.status_code == 201
    assert answer.json["text"] == "Hello"
    assert answer.json["pod"] == "guestbook-7d9f-x2kqp"
    assert answer.json["created_at"].endswith("Z")
    assert client.get("/api/entries").json == {"entries": [answer.json]}


def test_the_list_is_newest_first_and_as_long_as_asked(client):
    for text in ("one", "two", "three"):
        client.post("/entries", json={"text": text})
    answer = client.get("/api/entries?limit=2").json
    assert [entry["text"] for entry in answer["entries"]] == ["three", "two"]


def test_the_status_names_pod_entries_primary_and_members(client):
    client.post("/entries", json={"text": "Hello"})
    assert client.get("/api/status").json == {
        "pod": "guestbook-7d9f-x2kqp",
        "entries": 1,
        "primary": "mongo-0",
        "members": [{"name": "mongo-0", "role": "primary"}, {"name": "mongo-1", "role": None}],
    }


def test_what_changes_on_the_page_is_one_answer(client):
    for text in ("one", "two"):
        client.post("/entries", json={"text": text})
    page = client.get("/api/page?limit=1").json
    assert (page["pod"], page["entries"], page["primary"]) == ("guestbook-7d9f-x2kqp", 2, "mongo-0")
    assert page["away"] == ["mongo-1"]
    assert [entry["text"] for entry in page["newest"]] == ["two"]
    assert page["newest"][0]["colour"] == page["colour"], "a pod has one colour, as reader and as writer"


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"{", "not JSON"), (b"[1]", "object"), (b'{"text": ""}', "empty"), (b'{"text": "a\\u0000"}', "NUL")],
)
def test_bad_json_is_a_400_that_says_why(client, body, reason):
    answer = client.post("/entries", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert reason in answer.json["error"]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1e2", "٣", "9" * 5000, "", "1_0"])
def test_a_bad_limit_is_a_400_that_says_why(client, limit):
    answer = client.get("/api/entries", query_string={"limit": limit})
    assert answer.status_code == 400
    assert "limit must be a whole number from 1 to 100" in answer.json["error"]


def test_a_body_that_is_too_long_is_refused(client):
    answer = client.post("/entries", data=b"x" * 20_000, content_type="application/json")
    assert answer.status_code == 413
    assert answer.json["error"]


def test_an_unknown_path_or_method_is_refused_as_json(client):
    assert client.get("/nowhere").status_code == 404
    answer = client.delete("/entries")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert answer.json["error"]
