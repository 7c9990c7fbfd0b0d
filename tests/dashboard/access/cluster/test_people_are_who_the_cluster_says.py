"""T25 on a cluster with RBAC: people see and do what their own rights say, for as long as they have them."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.cluster


def test_a_token_of_nobody_is_not_accepted(served: Any) -> None:
    answer = served.send("POST", "/sign-in", token="eyJhbGciOi.not.real")
    assert answer.status == 403
    assert "not accepted" in answer.text


def test_somebody_without_the_right_to_view_is_told_which_it_is(site: Any, served: Any) -> None:
    answer = served.send("POST", "/sign-in", token=site.token("stranger"))
    assert answer.status == 403
    assert "needs list pods in namespace flask" in answer.text
    assert "kind: Role" in answer.text
    assert "stranger" in answer.text


def test_a_viewer_sees_and_changes_nothing(site: Any, served: Any, look: Any) -> None:
    cookie = served.sign_in(site.token("viewer"))
    assert served.send("GET", "/", cookie=cookie).status == 200
    assert look(cookie).has_snapshot()
    assert served.send("POST", "/deploy", cookie=cookie, bundle="flask").status == 403
    assert served.send("POST", "/swarm/start", cookie=cookie).status == 403


def test_what_an_operator_does_is_done_in_their_name(site: Any, served: Any, eventually: Any) -> None:
    cookie = served.sign_in(site.token("operator"))
    answer = served.send("POST", "/deploy", cookie=cookie, bundle="load", confirmed="load")
    assert answer.status < 300, answer.text

    def writers() -> set[str]:
        return {
            line["user"]["username"] for line in site.audited()
            if line["verb"] in ("create", "patch", "update", "delete") and "surgeboard" in line.get("userAgent", "")
            and "reviews" not in line["requestURI"]
        }  # fmt: skip

    eventually(lambda: bool(writers()))
    assert writers() == {"system:serviceaccount:people:operator"}


def test_signing_out_ends_the_socket_and_the_token(site: Any, served: Any, look: Any) -> None:
    cookie = served.sign_in(site.token("viewer"))
    browser = look(cookie)
    assert browser.has_snapshot()
    assert served.send("POST", "/sign-out", cookie=cookie).status == 200
    browser.wait_until_closed()
    assert served.send("GET", "/", cookie=cookie).status == 401


def test_a_right_that_is_taken_away_is_gone_from_the_page(site: Any, served: Any, eventually: Any) -> None:
    cookie = served.sign_in(site.token("operator"))
    site.kubectl("delete", "clusterrolebinding", "deploys")
    try:
        eventually(lambda: served.send("POST", "/deploy", cookie=cookie, bundle="no").status == 403)
        assert served.send("GET", "/", cookie=cookie).status == 200
    finally:
        site.apply([each for each in site.world() if each["metadata"]["name"] == "deploys"])


def test_somebody_who_may_no_longer_view_is_out(site: Any, served: Any, look: Any, eventually: Any) -> None:
    cookie = served.sign_in(site.token("viewer"))
    browser = look(cookie)
    assert browser.has_snapshot()
    site.kubectl("-n", "people", "delete", "serviceaccount", "viewer")
    browser.wait_until_closed()
    assert served.send("GET", "/", cookie=cookie).status == 401
    ended = [line for line in served.audited() if line["action"] == "session end"]
    assert ended[-1]["by"] == "system:serviceaccount:people:viewer"


def test_no_token_is_written_anywhere(site: Any, served: Any) -> None:
    token = site.token("operator")
    cookie = served.sign_in(token)
    served.send("GET", f"/?token={token[:8]}", cookie=cookie)
    kept = [path for path in [served.log, *served.data_dir.rglob("*")] if path.is_file()]
    assert not [path for path in kept if token.encode() in path.read_bytes()]
    signature = token.rpartition(".")[2].encode()
    assert not [path for path in kept if signature in path.read_bytes()]


def test_a_proxy_names_people_who_look_at_most_until_it_passes_their_token_on(site: Any, behind: Any) -> None:
    name = {"X-Forwarded-User": "system:nobody"}
    assert behind.send("GET", "/", more=name).status == 403
    site.apply(site.bound_to_user("view-ada", "flask", "ada"))
    named = {"X-Forwarded-User": "ada"}
    assert behind.send("GET", "/", more=named).status == 200
    assert behind.send("POST", "/deploy", more=named, bundle="load").status == 403
    token = {**named, "Authorization": f"Bearer {site.token('operator')}"}
    answer = behind.send("POST", "/deploy", more=token, bundle="no-such-bundle")
    assert answer.status not in (401, 403)


def test_a_socket_behind_a_proxy_ends_with_the_session_it_came_with(site: Any, behind: Any, look: Any) -> None:
    token = {"X-Forwarded-User": "eve", "Authorization": f"Bearer {site.token('operator')}"}
    assert behind.send("GET", "/", more=token).status == 200
    browser = look("", at=behind, more=token)
    assert browser.has_snapshot()
    assert behind.send("POST", "/sign-out", more=token).status == 200
    browser.wait_until_closed()
