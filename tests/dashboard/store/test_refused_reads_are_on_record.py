"""The view `connection` says which reads are refused; the polls among them do not make the cluster stale."""

from __future__ import annotations

from dashboard.store.connection import Connection
from dashboard.store.denied import denied, is_denied
from dashboard.store.views import Views

RULE = {"sentence": "needs list pods in namespace flask", "yaml": "kind: Role\n"}


def connection(views: Views) -> Connection:
    made = Connection(views, cluster="local", server="https://127.0.0.1:6443")
    made.report("pods", state="live", since=1.0)
    return made


def test_a_refused_poll_has_a_row_with_its_rule_until_it_is_allowed() -> None:
    views = Views()
    made = connection(views)
    made.refused("metrics", at=60.0, detail="no", rule=RULE)
    row = views.get("connection", "metrics") or {}
    assert (row["state"], row["since"], row["rule"]) == ("forbidden", "1970-01-01T00:01:00.000Z", RULE)
    assert (views.get("connection", "cluster") or {})["state"] == "live"
    made.allowed("metrics")
    assert views.get("connection", "metrics") is None


def test_asking_again_keeps_the_time_of_the_first_refusal() -> None:
    views = Views()
    made = connection(views)
    for at in (60.0, 63.0):
        made.refused("metrics", at=at, detail="no", rule=RULE)
    assert (views.get("connection", "metrics") or {})["since"] == "1970-01-01T00:01:00.000Z"


def test_another_cluster_keeps_what_was_refused_until_it_is_asked() -> None:
    views = Views()
    made = connection(views)
    made.refused("metrics", at=60.0, detail="no", rule=RULE)
    views.renew()
    made.rewrite()
    assert denied(views.rows("connection")).keys() == {"metrics"}
    assert is_denied(views.rows("connection"), "pods", "metrics")


def test_a_reflector_s_rule_is_in_its_row() -> None:
    views = Views()
    made = connection(views)
    made.report("events", state="forbidden", since=2.0, detail="no", rule=RULE)
    assert (views.get("connection", "events") or {})["rule"] == RULE
    made.report("events", state="live", since=3.0)
    assert (views.get("connection", "events") or {})["rule"] is None
