"""Flags as upstream's manifest gives them."""

from __future__ import annotations

import pytest

from localcluster.metricsserver.durations import format_milliseconds, parse_duration
from localcluster.metricsserver.settings import SettingsError, read_settings

INSIDE = {"KUBERNETES_SERVICE_HOST": "127.64.200.1", "KUBERNETES_SERVICE_PORT": "443"}
MANIFEST = [
    "--cert-dir=/tmp",
    "--secure-port=10250",
    "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
    "--kubelet-use-node-status-port",
    "--metric-resolution=15s",
    "--kubelet-insecure-tls",
]


def test_the_flags_of_the_manifest_are_read() -> None:
    settings = read_settings(MANIFEST, INSIDE)
    assert (settings.secure_port, settings.resolution, settings.insecure_kubelet) == (10250, 15.0, True)
    assert settings.address_types == ("InternalIP", "ExternalIP", "Hostname")
    assert settings.api_url == "https://127.64.200.1:443"


def test_a_given_address_is_bound_and_nothing_else() -> None:
    assert read_settings(["--bind-address=127.64.1.9", *MANIFEST], INSIDE).bind_address == "127.64.1.9"


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("--metric-resolution=5s", "less than 10s"),
        ("--metric-resolution=soon", "not a duration"),
        ("--kubelet-preferred-address-types=Moon", "none of"),
    ],
)
def test_a_wrong_flag_is_named(flag: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read_settings([flag], INSIDE)


def test_outside_a_cluster_it_says_so() -> None:
    with pytest.raises(SettingsError, match="run this as a pod"):
        read_settings(MANIFEST, {})


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(14973, "14.973s"), (15000, "15s"), (15010, "15.01s"), (60500, "1m0.5s"), (3_600_000, "1h0m0s"), (250, "250ms")],
)
def test_durations_are_written_as_go_writes_them(milliseconds: int, text: str) -> None:
    assert format_milliseconds(milliseconds) == text
    assert parse_duration(text) == milliseconds / 1000
