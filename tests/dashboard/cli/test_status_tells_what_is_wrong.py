"""`surgeboard status`: which stacks are asked for, what is said of each, and the exit status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dashboard.cli import status, status_text, way
from dashboard.cli.options import Misused
from dashboard.errors import Refused
from dashboard.scaling.pipeline.chain import Pipeline
from dashboard.scaling.pipeline.links import NAMES, Link
from dashboard.stack.bundles.bundle import ObjectRef
from dashboard.stack.planning.drift import Drift, ObjectDrift


@pytest.fixture
def told(asked: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command; `states`: name → what its health comes to."""

    def tell(*words: str, states: Mapping[str, str] = {}, drift: str = "as applied", standing: Any = ()) -> Any:
        def rows(session: Any, found: Any) -> list[Any]:
            return [a_row(each.bundle.name, states.get(each.bundle.name, "ok")) for each in found]

        def drifted(bundle: Any) -> Drift:
            return Drift(bundle.name, (ObjectDrift(status_ref(bundle), drift),))  # type: ignore[arg-type]

        monkeypatch.setattr(status, "_states", rows)
        monkeypatch.setattr(way, "looked", lambda _session: [a_way()])
        monkeypatch.setattr(asked.stack, "drift", drifted, raising=False)
        monkeypatch.setattr(asked.stack, "standing", lambda: tuple(standing), raising=False)
        return asked("status", *words)

    return tell


def status_ref(bundle: Any) -> Any:
    from dashboard.stack.bundles.bundle import ref_of

    return ref_of(bundle.objects[0])


def a_row(name: str, state: str) -> dict[str, Any]:
    object_ = {"id": "ConfigMap/shop/words", "kind": "ConfigMap", "namespace": "shop", "name": "words",
               "stage": "configuration", "state": state, "sentence": "it is not well"}  # fmt: skip
    return {
        "name": name, "title": name, "text": "", "own": False, "state": state, "sentence": "A sentence.", "total": 1,
        "ok": 0, "objects": [object_], "revision": None, "folder_changed": None,
    }  # fmt: skip


def a_way(hpa: str | None = "shop/web", fault: str | None = None, cause: str = "") -> dict[str, Any]:
    links = [Link(each, "broken" if each == fault else "ok", "told", cause or None) for each in NAMES]
    repair = None if fault is None else {"bundle": "metrics-server"}
    sentence = "There are no figures." if fault else "All is well."
    row = way.document(None, Pipeline(tuple(links), fault, sentence, repair))
    return {**row, "hpa": hpa}


def test_all_are_asked_for_without_a_name_and_absent_ones_are_well(told: Any, asked: Any) -> None:
    ended = told(states={"two": "absent"})

    assert [row["name"] for row in ended.document["bundles"]] == ["one", "two"]
    assert (ended.status, ended.document["state"]) == (0, "ok")


@pytest.mark.parametrize("state", ["failed", "partial", "progressing", "unknown", "absent"])
def test_a_named_one_must_be_well(told: Any, state: str) -> None:
    assert told("one", states={"one": state, "two": "failed"}).status == 1


@pytest.mark.parametrize("state", ["failed", "partial", "progressing", "unknown"])
def test_what_is_not_well_is_told_with_the_object_and_why(told: Any, asked: Any, state: str) -> None:
    assert told(states={"two": state}).status == 1
    assert f"ConfigMap shop/words: {state}: it is not well" in asked.out


def test_drift_counts_only_where_it_was_asked_for(told: Any) -> None:
    assert told("one", drift="changed").status == 0
    assert told("one", "--drift", drift="changed").status == 1
    assert told("one", "--drift").status == 0
    assert told("--drift", states={"one": "absent", "two": "absent"}, drift="missing").status == 0


def test_drift_that_cannot_be_told_is_said(told: Any, asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Any) -> Any:
        raise Refused("You may not read it.", status=403)

    monkeypatch.setattr(Drift, "document", refused)
    ended = told("one", "--drift")

    assert ended.status == 1
    assert ended.document["bundles"][0]["drift"]["error"] == {"sentence": "You may not read it.", "status": 403}
    assert "Drift is not known: You may not read it." in asked.out


def test_the_way_of_the_figures_is_told_below_the_stacks(told: Any, asked: Any) -> None:
    ended = told()
    assert [row["state"] for row in ended.document["pipeline"]] == ["ok"]
    assert asked.out.rstrip().endswith("metrics pipeline: ok\n  All is well.")
    assert told("one").document["pipeline"] is None


def test_a_broken_link_is_named_with_its_cause_and_what_mends_it() -> None:
    rows = [a_way("a/one", "api_service", 'apiservices "v1beta1" not found'), a_way("a/two", "api_service", "same")]
    assert [line for line, _ in way.lines_of(rows)][1:] == [
        "metrics pipeline: broken at “Metrics API registered”",
        "  There are no figures.",
        '  the API says: apiservices "v1beta1" not found',
        "  What to do: surgeboard deploy metrics-server",
    ]


def test_what_one_hpa_does_not_read_is_said_of_it_and_not_of_all() -> None:
    rows = [a_way("a/one"), a_way("a/two", "hpa"), *(a_way(f"b/{i}", "requests") for i in range(6))]
    told = [line for line, _ in way.lines_of(rows)][1:]
    assert [line for line in told if line.startswith("metrics")] == [
        "metrics pipeline: broken at “The HPA reads them”",
        *["metrics pipeline: broken at “Requests are set”"] * 4,
    ]
    assert told[-1] == "  and 2 more HPAs; --json has all"
    assert [line for line, _ in way.lines_of([a_way("a/one"), a_way("a/two")])][-1] == "  and 1 more HPA too"


def test_what_was_deployed_from_a_path_is_known_by_its_record(told: Any, asked: Any, revision: Any) -> None:
    asked.stack.records["shop"] = [revision("shop")]
    ended = told(standing=[revision("shop"), revision("one")])

    assert [row["name"] for row in ended.document["bundles"]] == ["one", "two", "shop"]
    assert told("shop", "--history").document["bundles"][0]["history"][0]["number"] == 1
    assert "1         applied  abc" in asked.out


def test_what_was_removed_is_absent_though_something_of_it_was_kept(told: Any, asked: Any, revision: Any) -> None:
    asked.stack.records["shop"] = [revision("shop", state="removed")]
    row = told("shop").document["bundles"][0]

    assert (row["state"], row["sentence"]) == ("absent", "Removed; kept: ConfigMap shop/words.")


def test_a_name_that_nobody_has_is_a_slip(told: Any) -> None:
    with pytest.raises(Misused, match="There is no bundle nosuch"):
        told("nosuch")


def test_a_folder_that_cannot_be_read_is_shown_beside_the_others(told: Any, asked: Any) -> None:
    (asked.folder.parent / "bundles" / "two" / "words.yaml").write_text("a: [")
    ended = told()

    assert [row["name"] for row in ended.document["bundles"]] == ["one"]
    assert list(ended.document["problems"]) == ["two"]
    assert ended.status == 1


@pytest.mark.parametrize(
    ("state", "told"), [("applied", "3  2026"), ("failed", "3 failed  2026"), ("removed", "-  -  -")]
)
def test_a_revision_says_how_it_stands(state: str, told: str) -> None:
    revision = {"number": 3, "revision": "abc", "at": "2026", "by": "me", "state": state}
    row = {**a_row("shop", "ok"), "revision": revision, "drift": None, "history": None}
    line = [line for line, _ in status_text.lines_of({"bundles": [row], "problems": {}})][1]

    assert " ".join(told.split()) in " ".join(line.split())


def test_the_history_tells_with_which_option_a_revision_was_applied() -> None:
    revision = {"number": 3, "revision": "abc", "at": "2026", "by": "me", "state": "applied", "rolled_back_from": 1,
                "note": None, "options": ["kubelet_insecure_tls"]}  # fmt: skip
    row = {**a_row("shop", "ok"), "drift": None, "history": [revision]}
    told = [line for line, _ in status_text.lines_of({"bundles": [row], "problems": {}})]

    assert told[-1].endswith("back to revision 1; with --kubelet-insecure-tls")


def test_the_table_stands_in_columns() -> None:
    rows = [{**a_row(name, "ok"), "drift": None, "history": None} for name in ("a", "much-longer")]
    told = [line for line, _ in status_text.lines_of({"bundles": rows, "problems": {}})]

    assert [line.index(word) for line, word in zip(told, ("STATE", "ok", "ok"), strict=True)] == [13, 13, 13]


def test_secrets_that_only_a_record_names_are_never_taken_for_unchanged(
    told: Any, asked: Any, revision: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.stack.records["shop"] = [revision("shop")]
    secret = ObjectRef("v1", "Secret", "shop", "key")
    unknown = ObjectDrift(secret, "unknown", sentence=f"The values of {secret} are not recorded.")
    drift = Drift("shop", (unknown,))
    monkeypatch.setattr(asked.stack, "drift_of_record", lambda record: drift, raising=False)

    assert told("shop", "--drift").status == 1
    assert "The values of Secret shop/key are not recorded." in asked.out
    assert "Drift: none" not in asked.out
