"""Where figures stop is told on three pages on a plain GET, and one of them plans what would mend it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dashboard.scaling.pipeline.links import NAMES

SENTENCE = "HPA flask/guestbook gets no figures, because nothing serves the metrics API: metrics-server is not there."
WORDS = 'apiservices.apiregistration.k8s.io "v1beta1.metrics.k8s.io" not found'
RULE = {"sentence": "needs list nodes", "yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"}
BUNDLE, OPTION = "metrics-server", "metrics-server:kubelet_insecure_tls"
HOSTILE = "<script>alert(1)</script>"


def link(name: str, state: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": NAMES[name], "state": state, "text": text, "cause": None, "advice": None, "rule": None,
            **more}  # fmt: skip


def broken(**more: Any) -> dict[str, Any]:
    """The row of the users' own story, with a denied read and words from elsewhere in it."""
    links = [
        link("api_service", "broken", "missing", cause=WORDS, advice="Deploy the bundle metrics-server."),
        link("available", "unknown", "not available, since no metrics API is registered", cause=HOSTILE),
        link("kubelet_tls", "denied", "the list of nodes may not be read", rule=RULE),
        link("requests", "ok", "on every container"),
    ]
    repair = {"bundle": BUNDLE, "needed": True, "why": "The bundle brings what is missing."}
    return {"links": links, "fault": "api_service", "sentence": SENTENCE, "repair": repair, **more}


@pytest.fixture
def site(web: Any) -> Any:
    """Something is deployed and scaled, and its figures do not come."""
    web.views.put("connection", "cluster", {"state": "live", "cluster": "here", "since": None, "detail": None})
    web.views.put("stack", "health", {"state": "ok", "sentence": "all 4 pods ready"})
    web.views.put("pipeline", "metrics", broken())
    web.actions.planned = "fresh"
    web.actions.documents["plans"]["fresh"]["options"] = {BUNDLE: []}
    return web


def text_of(site: Any, path: str) -> str:
    answer = site.signed_in().get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.text)


def test_the_stage_says_where_they_stop_and_offers_the_repair(site: Any) -> None:
    card = text_of(site, "/").partition('id="pipeline"')[2].partition("</section>")[0]
    assert SENTENCE in card
    assert 'href="/scaling/repair"' in card
    assert WORDS not in card, "the exact words are on the Scaling page"
    site.views.put("pipeline", "metrics", broken(fault=None, repair=None))
    card = text_of(site, "/").partition('id="pipeline"')[2].partition("</section>")[0]
    assert SENTENCE not in card


def test_the_scaling_page_has_every_word(site: Any) -> None:
    text = text_of(site, "/scaling")
    assert WORDS.replace('"', "&#34;") in text
    assert "needs list nodes" in text
    assert "kind: ClusterRole" in text
    assert HOSTILE not in text


def test_the_repair_plans_and_preselects_nothing(site: Any) -> None:
    text = text_of(site, "/scaling/repair")
    assert site.actions.asked == [("plan", ((BUNDLE,), frozenset()))]
    assert site.actions.chosen is None, "what was recorded is kept until somebody chooses"
    assert f'value="{OPTION}" form="apply-form" data-planned="no">' in text
    assert "false figures" in text
    assert 'name="then" value="repair"' in text
    assert f'name="options_of" value="{BUNDLE}"' in text


def test_a_flag_that_a_plan_takes_away_is_told_in_a_sentence(site: Any) -> None:
    """As with a cluster that an earlier version deployed, whose manifests had the flag for everyone."""
    plan = site.actions.documents["plans"]["fresh"]
    path = "spec.template.spec.containers[metrics-server].args[5]"
    lost = {"path": path, "before": "--kubelet-insecure-tls", "after": None}
    plan["objects"][0] |= {"bundle": BUNDLE, "changes": [lost]}
    assert "It runs with --kubelet-insecure-tls now, and this plan takes that away" in words(site)
    plan["options"] = {BUNDLE: ["kubelet_insecure_tls"]}
    assert "takes that away" not in words(site)
    plan["options"], moved = (
        {BUNDLE: []},
        {**lost, "path": "args[4]", "before": None, "after": "--kubelet-insecure-tls"},
    )
    plan["objects"][0]["changes"] = [lost, moved]
    assert "takes that away" not in words(site)


def words(site: Any) -> str:
    return re.sub(r"<[^>]*>", "", text_of(site, "/scaling/repair"))


def test_a_choice_is_planned_again_before_it_is_applied(site: Any, htmx: Any) -> None:
    site.actions.documents["plans"]["fresh"]["options"] = {BUNDLE: ["kubelet_insecure_tls"]}
    text = text_of(site, f"/scaling/repair?options_of={BUNDLE}&option={OPTION}")
    assert site.actions.chosen == {BUNDLE: ("kubelet_insecure_tls",)}
    assert f'value="{OPTION}" form="apply-form" data-planned="yes" checked>' in text

    form = {"bundle": BUNDLE, "expect": f"{BUNDLE}:abc", "options_of": BUNDLE, "option": OPTION, "then": "repair"}
    answer = site.signed_in().post("/deploy", headers=htmx(), data=form)

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/scaling/repair")
    assert site.actions.chosen == {BUNDLE: ("kubelet_insecure_tls",)}


def test_no_tick_takes_an_option_back(site: Any, htmx: Any) -> None:
    site.signed_in().post("/deploy", headers=htmx(), data={"bundle": BUNDLE, "options_of": BUNDLE})
    assert site.actions.chosen == {BUNDLE: ()}
    site.signed_in().post("/deploy", headers=htmx(), data={"bundle": BUNDLE})
    assert site.actions.chosen is None


def test_an_option_of_a_bundle_that_is_not_deployed_is_refused(site: Any, htmx: Any) -> None:
    form = {"bundle": "flask", "options_of": BUNDLE, "option": OPTION}
    answer = site.signed_in().post("/deploy", headers=htmx(), data=form)
    assert answer.status_code == 422
    assert site.actions.asked == []


def test_while_it_is_applied_the_progress_is_shown_and_no_plan_is_made(site: Any) -> None:
    row = {"state": "applying", "bundles": [BUNDLE], "bundle": BUNDLE, "steps": [], "error": None}
    site.views.put("deploy", "current", row)
    text = text_of(site, "/scaling/repair")
    assert site.actions.asked == []
    assert "Applying metrics-server" in text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in text


def test_what_is_well_needs_no_plan_unless_somebody_asks(site: Any) -> None:
    site.views.put("pipeline", "metrics", broken(fault=None, repair=None))
    text_of(site, "/scaling/repair")
    assert site.actions.asked == []
    text_of(site, "/scaling/repair?plan=yes")
    assert site.actions.asked == [("plan", ((BUNDLE,), frozenset()))]


def test_the_plan_of_the_deploy_page_offers_the_same_choice(site: Any) -> None:
    text = text_of(site, f"/deploy/plan?bundle={BUNDLE}&options_of={BUNDLE}&option={OPTION}")
    assert site.actions.chosen == {BUNDLE: ("kubelet_insecure_tls",)}
    assert "--kubelet-insecure-tls" in text


def test_programs_plan_with_it_too(site: Any) -> None:
    answer = site.signed_in().get(f"/api/v1/bundles/{BUNDLE}/plan?options_of={BUNDLE}&option={OPTION}")
    assert answer.status_code == 200
    assert site.actions.chosen == {BUNDLE: ("kubelet_insecure_tls",)}
