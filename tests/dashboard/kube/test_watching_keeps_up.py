"""The sink holds what the server holds, through everything that goes well."""

from __future__ import annotations

from typing import Any


def test_it_lists_then_watches_from_the_list_s_version(api: Any, watched: Any, until: Any) -> None:
    api.put("a")
    watched.start()
    until(lambda: watched.names() == ["a"])
    api.put("b")
    api.put("a", phase="Failed")
    api.delete("b")
    until(lambda: watched.sink.told[-1] == ("delete", "b"))
    assert watched.sink.told == [("replace", ["a"]), ("apply", "b"), ("apply", "a"), ("delete", "b")]
    assert watched.reflector.state.state == "live"
    assert watched.reflector.has_synced


def test_it_asks_for_bookmarks_and_an_end_within_five_minutes(api: Any, watched: Any, until: Any) -> None:
    watched.start()
    until(lambda: api.opened == 1)
    query = next(query for _, _, query in api.requests if "watch" in query)
    assert query["allowWatchBookmarks"] == "true"
    assert 240 <= int(query["timeoutSeconds"]) <= 300


def test_it_reads_a_list_in_pages(api: Any, watched: Any, until: Any) -> None:
    api.page_size = 2
    for name in "abcde":
        api.put(name)
    watched.start()
    until(lambda: watched.names() == list("abcde"))
    assert api.count("list") == 3


def test_a_bookmark_moves_the_version_and_tells_the_sink_nothing(api: Any, watched: Any, until: Any) -> None:
    api.put("a")
    watched.start()
    until(lambda: api.opened == 1)
    api.bookmark()
    until(lambda: watched.reflector._version == "102")
    api.break_connection()
    until(lambda: api.count("watch") == 2)
    versions = [query["resourceVersion"] for _, _, query in api.requests if "watch" in query]
    assert versions == ["101", "102"]
    assert watched.sink.told == [("replace", ["a"])]


def test_delete_and_create_with_the_same_name_are_both_told(api: Any, watched: Any, until: Any) -> None:
    api.put("db-0", uid="first")
    watched.start()
    until(lambda: watched.names() == ["db-0"])
    api.delete("db-0")
    api.put("db-0", uid="second")
    until(lambda: watched.sink.told[-2:] == [("delete", "db-0"), ("apply", "db-0")])
    assert watched.sink.held["db-0"].metadata.uid == "second"


def test_an_object_that_cannot_be_read_hides_no_other(api: Any, watched: Any, until: Any) -> None:
    api.put("odd", containerStatuses="not a list")
    api.put("good")
    watched.start()
    until(lambda: watched.names() == ["good"])
    assert watched.reflector.counts["skipped"] == 1


def test_stopping_ends_it_in_the_middle_of_a_watch(api: Any, watched: Any, until: Any) -> None:
    watched.start()
    until(lambda: api.opened == 1)
    watched.stop()
