"""Snapshot and subscription under one lock, numbered deltas, and nothing said twice."""

from __future__ import annotations

import threading

from dashboard.store.views import Delta, Views


def test_an_equal_row_makes_no_delta() -> None:
    views, heard = Views(), list[Delta]()
    views.subscribe(heard.append)
    views.put("pods", "a", {"name": "a"})
    views.put("pods", "a", {"name": "a"})
    views.remove("pods", "b")
    assert [(delta.seq, delta.key, delta.row) for delta in heard] == [(1, "a", {"name": "a"})]


def test_replace_tells_what_is_gone_what_is_new_and_nothing_else() -> None:
    views, heard = Views(), list[Delta]()
    views.replace("pods", {"gone": {"n": 1}, "same": {"n": 2}, "changed": {"n": 3}})
    views.subscribe(heard.append)
    views.replace("pods", {"same": {"n": 2}, "changed": {"n": 4}, "new": {"n": 5}})
    assert [(delta.key, delta.row) for delta in heard] == [("gone", None), ("changed", {"n": 4}), ("new", {"n": 5})]


def test_a_snapshot_and_the_deltas_after_it_miss_nothing_and_repeat_nothing() -> None:
    views = Views()
    stop = threading.Event()

    def write(number: int) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            views.put("pods", f"{number}-{count % 7}", {"count": count})

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    for _ in range(20):
        heard: list[Delta] = []
        snapshot, subscription = views.subscribe(heard.append)
        while len(heard) < 50:
            stop.wait(0.001)
        subscription.close()
        model = dict(snapshot.views.get("pods", {}))
        for expected, delta in enumerate(heard, start=snapshot.seq + 1):
            assert delta.seq == expected
            assert delta.row is not None
            model[delta.key] = delta.row
    stop.set()
    for writer in writers:
        writer.join()
    last: list[Delta] = []
    assert views.subscribe(last.append)[0].views["pods"] == views.rows("pods")


def test_nothing_is_heard_after_closing() -> None:
    views, heard = Views(), list[Delta]()
    _, subscription = views.subscribe(heard.append)
    subscription.close()
    subscription.close()
    views.put("pods", "a", {})
    assert heard == []


def test_another_cluster_is_another_epoch_without_rows() -> None:
    views = Views(epoch="one")
    views.put("pods", "a", {"n": 1})
    views.renew()
    snapshot = views.snapshot()
    assert snapshot.epoch != "one"
    assert not any(snapshot.views.values())
    assert snapshot.seq == 2


def test_a_snapshot_does_not_change_afterwards() -> None:
    views = Views()
    views.put("pods", "a", {"n": 1})
    snapshot = views.snapshot()
    views.put("pods", "b", {"n": 2})
    assert list(snapshot.views["pods"]) == ["a"]
    assert set(snapshot.as_dict()) == {"epoch", "seq", "views"}
