"""`rehearse --assert`: what can be read, what is met, and that nothing unknown is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard import cli
from dashboard.cli import asserts, rehearse
from dashboard.cli.options import ASSERT_NAMES, Misused
from dashboard.runs.reaction import NAMES
from dashboard.settings import Settings

RUN = {
    "requests": 2000, "failures": 10, "peak_users": 60, "peak_replicas": 3,
    "load_at": "2026-01-01T10:00:00Z", "stopped_at": "2026-01-01T10:01:40Z",
    "totals": {"p95_ms": 800, "p99_ms": 1200.5},
    "reaction": {**dict.fromkeys(NAMES), "load_to_ready_s": 24.5},
}  # fmt: skip


def met(expression: str, run: dict[str, Any] = RUN) -> list[bool]:
    return [each["met"] for each in asserts.judged(asserts.read(expression), run)]


@pytest.mark.parametrize(
    ("expression", "is_met"),
    [
        ("p95_ms<800", False), ("p95_ms<=800", True), ("p95_ms==800", True), ("p95_ms>=800", True),
        ("p95_ms>800", False), ("p99_ms<1200.6", True), ("failures<1%", True), ("failures<0.5%", False),
        ("failures<=0.5%", True), ("failures<10", False), ("failures==10", True), ("rps>=20", True), ("rps>20", False),
        ("requests>1999", True), ("peak_users==60", True), ("peak_replicas >= 3", True), ("load_to_ready_s<24.6", True),
    ],
)  # fmt: skip
def test_each_operator_means_itself(expression: str, is_met: bool) -> None:
    assert met(expression) == [is_met]


def test_several_are_told_one_by_one() -> None:
    told = asserts.judged(asserts.read("p95_ms<500, failures<1% ,peak_replicas>=3"), RUN)

    assert [each["sentence"] for each in told] == [
        "p95_ms<500 is not met: p95_ms is 800",
        "failures<1% holds: failures is 0.5%",
        "peak_replicas>=3 holds: peak_replicas is 3",
    ]
    assert [each["value"] for each in told] == [800, 0.5, 3]


@pytest.mark.parametrize("name", ASSERT_NAMES)
@pytest.mark.parametrize("sign", asserts.OPERATORS)
def test_what_is_not_known_meets_nothing(name: str, sign: str) -> None:
    (told,) = asserts.judged(asserts.read(f"{name}{sign}0"), {"requests": None, "totals": None, "reaction": None})

    assert (told["met"], told["value"]) == (False, None)
    assert told["sentence"].endswith("is unknown")


def test_without_a_request_no_share_has_failed() -> None:
    assert met("failures<1%", {**RUN, "requests": 0, "failures": 0}) == [False]


@pytest.mark.parametrize(
    "expression",
    ["", ",", "p95_ms", "p95_ms<", "<800", "p95_ms<800,", "p95_ms=800", "p95_ms!=8", "p95_ms<-1", "p95_ms<1e3",
     "p95_ms<nan", "p95_ms<800ms", "p95<800", "p95_ms<80%", "p95_ms<800;requests>1", "p95_ms<1.", "p95_ms<٣"],
)  # fmt: skip
def test_what_cannot_be_read_is_misuse(expression: str) -> None:
    with pytest.raises(Misused, match="--assert"):
        asserts.read(expression)


def test_misuse_is_told_before_anything_begins(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(cli, "_patch", lambda: None)
    monkeypatch.setattr(cli.ending, "by_first_signal", lambda: None)

    assert cli.main(["rehearse", "--assert", "speed>9"]) == 2
    assert "there is no speed; there are p95_ms" in capsys.readouterr().err


def test_the_help_tells_every_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["rehearse", "--help"])
    told = capsys.readouterr().out

    assert [name for name in ASSERT_NAMES if name not in told] == []


@pytest.mark.parametrize(
    ("held_to", "status"), [("requests>1", 0), ("requests>1,p95_ms<1", 1), ("load_to_decision_s<9", 1)]
)
def test_a_rehearsal_ends_by_what_it_is_held_to(
    held_to: str, status: int, tmp_path: Path, monkeypatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rehearse, "play", lambda *_: dict(RUN))
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.touch()
    output = tmp_path / "run.json"
    words = ["rehearse", "--json", "--output", str(output), "--assert", held_to]

    ended = rehearse.run(Settings(data_dir=tmp_path, kubeconfig=kubeconfig), cli._parser().parse_args(words))

    said = capsys.readouterr()
    assert ended == status
    assert json.loads(said.out) == json.loads(output.read_text())
    assert [each["assert"] for each in json.loads(said.out)["asserts"]] == held_to.split(",")
    assert all(f"surgeboard: {each.partition('<')[0].partition('>')[0]}" in said.err for each in held_to.split(","))
