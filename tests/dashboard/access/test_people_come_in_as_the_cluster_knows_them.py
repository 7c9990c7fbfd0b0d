"""By token: who and what they may is the cluster's word, refusals tell little, and the record tells who came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.access.building import access_of
from dashboard.access.capabilities import Capability, up_to
from dashboard.access.door import NOT_ACCEPTED, NotLetIn
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.people import LONGEST_TOKEN
from dashboard.access.rights import READ_ONLY, MayNotView, Rights
from dashboard.kube.errors import Forbidden, Unauthorized
from dashboard.kube.reviews import Person
from dashboard.kube.rules import Rule
from dashboard.settings import Settings

HERE = {"REMOTE_ADDR": "10.0.0.1"}


def refused(house: Any, token: str) -> NotLetIn:
    with pytest.raises(NotLetIn) as told:
        house.door.by_token(token, HERE)
    return told.value


@pytest.mark.parametrize(
    ("has", "capabilities"),
    [
        ({"list pods flask"}, {"look", "view"}),
        ({"list pods flask", "create jobs load"}, {"look", "view", "loadtest"}),
        ({"list pods flask", "patch deployments flask"}, {"look", "view", "apply"}),
        ({"list pods flask", "create jobs load", "patch deployments flask"}, {"look", "view", "loadtest", "apply"}),
    ],
)
def test_capabilities_are_what_the_cluster_allows(house: Any, has: set[str], capabilities: set[str]) -> None:
    house.cluster.rights["ada"] = frozenset(has)
    session, _ = house.door.by_token("t-ada", HERE)
    assert {each.value for each in session.capabilities} == capabilities
    assert {each.value for each in session.lacking} == {"loadtest", "apply"} - capabilities


def test_to_see_is_asked_by_our_account_and_to_change_by_theirs(house: Any) -> None:
    house.door.by_token("t-ada", HERE)
    assert house.cluster.asked == ["whose", "may ada", "may_with ada", "may_with ada"]


def test_who_may_change_but_not_see_stays_out_and_is_told_the_right(house: Any) -> None:
    house.cluster.rights["ada"] = frozenset({"patch deployments flask"})
    refusal = refused(house, "t-ada")
    assert refusal.status == 403
    assert "needs list pods in namespace flask" in refusal.sentence
    assert "kind: RoleBinding" in refusal.rule.yaml
    assert '"ada"' in refusal.rule.yaml
    assert house.sessions.open_now() == []


@pytest.mark.parametrize("token", ["", "wrong", "x" * (LONGEST_TOKEN + 1), "with space", "line\r\nX-Evil: 1", "naïve"])
def test_refusals_all_say_the_same(house: Any, token: str) -> None:
    refusal = refused(house, token)
    assert (refusal.status, refusal.sentence) == (403, NOT_ACCEPTED)


def test_what_is_no_bearer_token_is_never_sent_as_one(house: Any) -> None:
    house.cluster.people["line\r\nX-Evil: 1"] = "ada"
    assert refused(house, "line\r\nX-Evil: 1").status == 403
    assert not [each for each in house.cluster.asked if each.startswith("may")]


def test_what_is_too_long_for_a_token_is_not_even_asked_about(house: Any) -> None:
    token = "x" * (LONGEST_TOKEN + 1)
    house.cluster.people[token] = "ada"
    assert refused(house, token).sentence == NOT_ACCEPTED
    assert house.cluster.asked == []


def test_a_token_that_has_run_out_is_not_accepted(house: Any, jwt: Any) -> None:
    token = jwt(exp=999)
    house.cluster.people[token] = "ada"
    assert refused(house, token).sentence == NOT_ACCEPTED
    assert house.cluster.asked == ["whose"]


def test_a_cluster_that_does_not_answer_is_said_so(house: Any) -> None:
    house.cluster.break_down()
    refusal = refused(house, "t-ada")
    assert refusal.status == 503
    assert "could not be reached" in refusal.sentence


def test_our_own_missing_right_is_named(house: Any) -> None:
    error = Forbidden(403, "Forbidden", "no")
    error.rule = Rule("authentication.k8s.io", "tokenreviews", None, ("create",), None)
    house.cluster.down = error
    assert "needs create tokenreviews" in refused(house, "t-ada").sentence


def test_our_own_account_not_being_accepted_is_not_blamed_on_the_person(house: Any) -> None:
    house.cluster.down = Unauthorized(401, "Unauthorized", "Unauthorized")
    assert refused(house, "t-ada").status == 503


def test_no_token_is_in_what_is_said_or_recorded(house: Any) -> None:
    house.door.by_token("t-ada", HERE)
    said = str(refused(house, "wrong-token-of-somebody"))
    house.cluster.break_down()
    said += str(refused(house, "t-ada")) + repr(house.record)
    assert "t-ada" not in said
    assert "wrong-token" not in said


def test_the_record_tells_who_came_from_where_and_who_did_not(house: Any) -> None:
    session, _ = house.door.by_token("t-bo", HERE)
    refused(house, "wrong")
    accepted, denied = house.record
    assert (accepted["action"], accepted["by"], accepted["outcome"]) == ("sign-in", "bo", "accepted")
    assert (accepted["from"], accepted["session"]) == ("10.0.0.1", session.id)
    assert accepted["capabilities"] == ["look", "view"]
    assert (denied["by"], denied["outcome"], denied["from"]) == ("unknown", "refused", "10.0.0.1")


def test_nobody_gets_more_than_to_view_of_a_read_only_dashboard(house: Any) -> None:
    rights = Rights("flask", ("flask",), read_only=True)
    object.__setattr__(house.people, "rights", rights)
    session, _ = house.door.by_token("t-ada", HERE)
    assert session.capabilities == up_to(Capability.VIEW)
    assert set(session.lacking.values()) == {READ_ONLY}
    assert rights.of_machine().capabilities == up_to(Capability.VIEW)


SHOWN = ("flask", "mongodb", "kube-system")


def test_who_views_must_be_allowed_wherever_something_is_shown(house: Any) -> None:
    ada = Person("ada")
    rights = Rights("flask", SHOWN)
    house.cluster.rights["ada"] = frozenset(f"list pods {each}" for each in SHOWN)
    rights.check_view(house.cluster, ada)
    for missing in SHOWN:
        house.cluster.rights["ada"] = frozenset(f"list pods {each}" for each in SHOWN if each != missing)
        with pytest.raises(MayNotView) as told:
            rights.check_view(house.cluster, ada)
        assert told.value.rule.sentence == f"needs list pods in namespace {missing}"
        assert f'namespace: "{missing}"' in told.value.rule.yaml
        assert '"ada"' in told.value.rule.yaml


def test_where_the_whole_cluster_is_shown_it_takes_the_right_to_all_of_it(house: Any) -> None:
    rights = Rights("flask")
    with pytest.raises(MayNotView) as told:
        rights.check_view(house.cluster, Person("ada"))
    assert told.value.rule.sentence == "needs list pods in every namespace"
    assert "kind: ClusterRole\n" in told.value.rule.yaml
    house.cluster.rights["ada"] |= {"list pods None"}
    rights.check_view(house.cluster, Person("ada"))


def test_what_is_asked_is_what_is_shown(tmp_path: Path, house: Any) -> None:
    settings = Settings(auth="token", urls=("http://x",), data_dir=tmp_path, namespaces=SHOWN)
    access = access_of(settings, SignInLinks("http://x", tmp_path), Origins.of(settings.urls), house.cluster,
                       lambda *_what, **_more: None, namespace="flask")  # fmt: skip
    assert access.door is not None
    with pytest.raises(NotLetIn, match="list pods in namespace mongodb"):
        access.door.by_token("t-ada", {"REMOTE_ADDR": "10.1.2.3"})
