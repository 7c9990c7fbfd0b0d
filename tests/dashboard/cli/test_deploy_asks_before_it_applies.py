"""`surgeboard deploy`: what is shown, what is asked, what is then done with which words, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.cli.options import Misused
from dashboard.errors import Refused
from dashboard.kube.errors import ApiError


def test_it_applies_what_was_planned_when_the_person_says_so(asked: Any) -> None:
    ended = asked("deploy", "one", typed="y\n")

    assert "Apply to here? [y/N]" in asked.err
    assert "+ ConfigMap shop/words: create" in asked.err, "whoever is asked sees the plan though stdout is a file"
    action, given = asked.stack.calls[0]
    assert (action, given["expect"], given["remove"]) == ("deploy", {"one": "abc"}, frozenset())
    assert (ended.status, ended.document["state"]) == (0, "done")


@pytest.mark.parametrize("typed", ["n\n", "\n", "", "yeah\n"])
def test_anything_but_yes_applies_nothing(asked: Any, typed: str) -> None:
    ended = asked("deploy", "one", typed=typed)

    assert asked.stack.calls == []
    assert (ended.status, ended.document["state"]) == (1, "cancelled")
    assert "Nothing was applied." in asked.err


def test_without_a_terminal_a_script_must_say_yes(asked: Any) -> None:
    with pytest.raises(Misused, match="--yes"):
        asked("deploy", "one")

    assert asked.stack.planned == []
    assert asked("deploy", "one", "--yes").status == 0


def test_nothing_is_asked_where_nothing_would_change(asked: Any, planned: Any) -> None:
    asked.stack.objects = (planned("unchanged"),)

    assert asked("deploy", "one", typed="").status == 0
    assert "[y/N]" not in asked.err


def test_plan_only_looks(asked: Any) -> None:
    ended = asked("deploy", "--plan")

    assert asked.stack.calls == []
    assert (ended.status, ended.document["state"], ended.document["bundles"]) == (0, "planned", ["one", "two"])


def test_what_blocks_is_told_with_the_way_out_and_nothing_is_applied(asked: Any, planned: Any, finding: Any) -> None:
    asked.stack.objects = (planned("conflict", sentence="helm owns data.a."),)
    asked.stack.findings = (finding("quota", "missing", "shop", "No pod fits.", "Raise the quota.", blocks=True),)

    for words in (["--plan"], ["--yes"]):
        ended = asked("deploy", "one", *words)
        assert ended.status == 1
        assert (
            ended.document["error"]["sentence"]
            == "Nothing was applied. helm owns data.a. No pod fits. Raise the quota."
        )
        assert "--take-over ConfigMap/shop/words" in asked.out
        assert "What is marked with ! stands in the way." in asked.err
    assert asked.stack.calls == []


def test_what_is_no_longer_held_stays_unless_it_is_named(asked: Any, planned: Any) -> None:
    asked.stack.objects = (planned("remove"), planned("unchanged"))
    asked("deploy", "one", "--yes")
    assert "stays unless --remove ConfigMap/shop/words" in asked.out

    for named in ("all", "ConfigMap/shop/words"):
        asked("deploy", "one", "--remove", named, typed="y\n")
        assert "[y/N]" in asked.err
        assert asked.stack.calls[-1][1]["remove"] == frozenset({"ConfigMap/shop/words"})


@pytest.mark.parametrize("option", ["--remove", "--take-over"])
def test_an_id_that_the_plan_does_not_know_is_a_slip(asked: Any, option: str) -> None:
    with pytest.raises(Misused, match=f"{option} Deployment/x/y: the plan knows"):
        asked("deploy", "one", "--yes", option, "Deployment/x/y")

    assert asked.stack.calls == []


def test_a_roll_back_goes_by_the_name_even_where_a_folder_is_called_so(asked: Any, manifest: str) -> None:
    (asked.folder / "shop").mkdir()
    ended = asked("deploy", "shop", "--revision", "3", "--yes")

    assert asked.stack.calls[0][1]["number"] == 3
    assert ended.document["action"] == "roll back"
    with pytest.raises(Misused, match="give its name, not a path"):
        asked("deploy", "./shop", "--revision", "3", "--yes")


def test_a_roll_back_applies_only_what_was_shown(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = replace(asked.stack.plan(["one"]), seal="as shown")
    monkeypatch.setattr(asked.stack, "plan_back", lambda *_name, **_more: shown)
    asked("deploy", "one", "--revision", "3", "--yes")

    assert asked.stack.calls[0][1]["seal"] == "as shown"


def test_a_bundle_of_ours_that_cannot_be_read_is_not_left_out_in_silence(asked: Any) -> None:
    (asked.folder.parent / "bundles" / "two" / "words.yaml").write_text("a: [")

    with pytest.raises(Refused, match=r"two cannot be used: .*line"):
        asked("deploy", "--yes")


def test_the_fields_of_new_objects_are_shown_on_request(asked: Any, planned: Any, change: Any) -> None:
    asked.stack.objects = (planned("create", changes=(change("data.a", None, "b"),)),)

    asked("deploy", "one", "--plan")
    assert "data.a" not in asked.out
    asked("deploy", "one", "--plan", "--verbose")
    assert "      + data.a: b" in asked.out


def test_a_failure_is_told_in_the_document_and_by_the_exit_status(asked: Any) -> None:
    asked.stack.ends = ("failed", "Deployment shop/web: it crashes.")
    ended = asked("deploy", "one", "--yes", "--json")

    assert ended.status == 1
    assert ended.document["error"] == {"sentence": "Deployment shop/web: it crashes.", "status": None}
    assert ended.document["steps"][0]["result"] == "created"
    assert asked.out == "", "with --json stdout is for the document alone"


def test_records_that_cannot_be_read_at_the_end_are_unknown(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_: Any) -> Any:
        raise ApiError(403, "Forbidden", "no")

    monkeypatch.setattr(asked.stack, "history", forbidden)

    assert asked("deploy", "one", "--yes").document["revisions"] == {"one": None}


def test_a_second_signal_ends_it_and_says_what_stays(asked: Any) -> None:
    def twice() -> None:
        asked.stopping._hear(2, None)
        assert asked.stack.was_stopped
        asked.stopping._hear(2, None)

    asked.stack.during = twice
    ended = asked("deploy", "one", "--yes")

    assert (ended.status, ended.document["state"]) == (1, "cancelled")
    assert ended.document["error"]["sentence"].startswith("Ended at once. What was done stays")


def test_timeout_is_each_stages(asked: Any) -> None:
    asked("deploy", "one", "--yes", "--timeout", "90s")

    assert asked.stack.deadline_s == 90


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "soon"])
def test_a_time_that_is_none_is_refused(asked: Any, seconds: str) -> None:
    with pytest.raises(Misused, match="takes seconds"):
        asked("deploy", f"--timeout={seconds}")


class TestPaths:
    """What an argument means."""

    def test_a_folder_that_is_there_is_deployed_under_its_name(self, asked: Any, manifest: str) -> None:
        (asked.folder / "shop").mkdir()
        (asked.folder / "shop" / "a.yaml").write_text(manifest)

        assert asked("deploy", "shop", "--plan").document["bundles"] == ["shop"]
        assert asked("deploy", "./shop", "--plan", "--name", "store").document["bundles"] == ["store"]

    def test_a_bundles_name_means_the_bundle_though_a_folder_is_called_so(self, asked: Any) -> None:
        (asked.folder / "one").mkdir()

        asked("deploy", "one", "--plan")

        assert asked.stack.planned == [["one"]]

    def test_the_folder_of_a_bundle_is_that_bundle(self, asked: Any) -> None:
        asked("deploy", "../bundles/one", "--plan")

        assert asked.stack.planned == [["one"]]

    def test_a_stack_may_not_be_called_like_a_bundle(self, asked: Any, manifest: str) -> None:
        Path("one").mkdir()
        Path("one/a.yaml").write_text(manifest)

        with pytest.raises(Misused, match="name of another bundle"):
            asked("deploy", "./one", "--plan")

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["nosuch"], "There is no bundle nosuch; there are one, two"),
            (["./nosuch"], "is not there"),
            (["one", "--name", "x"], "are for a PATH"),
            (["--cluster-scoped"], "are for a PATH"),
            (["a.yaml", "b.yaml", "--name", "x"], "give one PATH"),
            (["a.yaml", "./a.yaml"], "called a"),
        ],
    )
    def test_what_makes_no_sense_is_told(self, asked: Any, manifest: str, words: list[str], told: str) -> None:
        for name in ("a.yaml", "b.yaml"):
            Path(name).write_text(manifest)

        with pytest.raises(Misused, match=told):
            asked("deploy", *words, "--plan")


def test_an_option_goes_from_the_plan_into_the_deploy(asked: Any, tmp_path: Path) -> None:
    (tmp_path / "bundles" / "one").rename(tmp_path / "bundles" / "metrics-server")

    assert asked("deploy", "metrics-server", "--kubelet-insecure-tls", "--yes").status == 0
    assert asked("deploy", "metrics-server", "--no-kubelet-insecure-tls", "--yes").status == 0
    assert asked("deploy", "metrics-server", "--yes").status == 0

    chosen = [given["options"] for _, given in asked.stack.calls]
    assert chosen == [{"metrics-server": ["kubelet_insecure_tls"]}, {"metrics-server": []}, None]


def test_an_option_for_a_bundle_that_is_not_deployed_is_a_slip(asked: Any) -> None:
    with pytest.raises(Misused, match="is for metrics-server, which is not to be deployed"):
        asked("deploy", "one", "--kubelet-insecure-tls", "--yes")
    with pytest.raises(Misused, match="--revision"):
        asked("deploy", "one", "--revision", "1", "--kubelet-insecure-tls", "--yes")
