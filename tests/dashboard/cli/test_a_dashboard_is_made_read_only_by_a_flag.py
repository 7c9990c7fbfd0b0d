"""`--read-only` of `serve` and `up`, and the environment, say the same; the client of such a dashboard only reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard import cli
from dashboard.cli import up
from dashboard.core import connect
from dashboard.kube.read_only import ReadOnlyClient
from dashboard.settings import Settings

CONFIG = """{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}],
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}], users: [{name: u, user: {token: t}}]}"""


@pytest.mark.parametrize("command", ["serve", "up"])
def test_the_flag_is_there_and_silence_leaves_it_to_the_environment(command: str) -> None:
    assert cli._parser().parse_args([command, "--read-only"]).read_only is True
    assert cli._parser().parse_args([command]).read_only is None
    assert Settings.from_environment({"SURGEBOARD_READ_ONLY": "true"}, read_only=None).read_only
    assert Settings.from_environment({"SURGEBOARD_READ_ONLY": "false"}, read_only=True).read_only
    assert not Settings.from_environment({}, read_only=None).read_only


@pytest.mark.parametrize("read_only", [True, False])
def test_up_hands_it_on_to_the_dashboard_it_starts(read_only: bool) -> None:
    assert ("--read-only" in up.serving(Settings(read_only=read_only), verbose=False)) is read_only


@pytest.mark.parametrize("read_only", [True, False])
def test_the_client_is_one_that_only_reads(tmp_path: Path, read_only: bool) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(CONFIG)
    client = connect(Settings(kubeconfig=kubeconfig, read_only=read_only))
    assert isinstance(client, ReadOnlyClient) is read_only
    assert client.only_reads is read_only
