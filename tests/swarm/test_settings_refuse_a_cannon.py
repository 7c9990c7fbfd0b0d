"""Ceilings are in the code, and only Services of applications are targets. Refused, never cut down."""

from __future__ import annotations

from typing import Any

import pytest

from swarm.ceilings import Refused
from swarm.settings import checked_target, master_settings, worker_settings


def test_good_settings_are_read(environment: Any) -> None:
    settings = master_settings(environment)
    assert (settings.users, settings.spawn_rate, settings.duration, settings.profile) == (60, 10.0, 120.0, "steady")
    assert (settings.bind.port, settings.workers_bind.port, settings.silence) == (8090, 5557, 25.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SWARM_USERS", "501"), ("SWARM_USERS", "0"), ("SWARM_USERS", "1.5"), ("SWARM_USERS", "nan"),
        ("SWARM_USERS", "1e308"), ("SWARM_USERS", "many"), ("SWARM_USERS", ""), ("SWARM_SPAWN_RATE", "51"),
        ("SWARM_SPAWN_RATE", "-1"), ("SWARM_SPAWN_RATE", "inf"), ("SWARM_DURATION_S", "901"),
        ("SWARM_DURATION_S", "0"), ("SWARM_PROFILE", "flood"), ("SWARM_TOKEN", "short"),
        ("SWARM_EXPECT_WORKERS", "51"), ("SWARM_BIND", "8090"), ("SWARM_SILENCE_S", "60"), ("SWARM_LINGER_S", "31"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused(environment: Any, name: str, value: str) -> None:
    with pytest.raises(Refused):
        master_settings({**environment, name: value})


@pytest.mark.parametrize("name", ["SWARM_USERS", "SWARM_SPAWN_RATE", "SWARM_DURATION_S", "SWARM_TOKEN", "SWARM_TARGET"])
def test_nothing_that_matters_has_a_default(environment: Any, name: str) -> None:
    del environment[name]
    with pytest.raises(Refused):
        master_settings(environment)


@pytest.mark.parametrize(
    "url",
    [
        "", "http://example.com", "https://guestbook.flask.svc.cluster.local", "http://169.254.169.254",
        "http://10.0.0.1", "http://kubernetes.default.svc", "http://kubernetes.default.svc.cluster.local",
        "http://metrics-server.kube-system.svc.cluster.local", "http://a@guestbook.flask.svc.cluster.local",
        "http://guestbook.flask.svc.cluster.local/work", "http://guestbook.flask.svc.cluster.local?x=1",
        "http://guestbook.flask.svc.cluster.local.example.com", "http://localhost.", "http://2130706433",
        "http://guestbook", "file:///etc/passwd", "http://[::ffff:169.254.169.254]",
    ],
)  # fmt: skip
def test_anything_but_an_application_s_service_is_no_target(url: str) -> None:
    with pytest.raises(Refused):
        checked_target(url)


def test_services_and_this_machine_are_targets() -> None:
    for url in ("http://guestbook.flask.svc.cluster.local", "http://guestbook.flask.svc:8080", "http://127.0.0.1:80"):
        assert checked_target(url + "/") == url


def test_the_token_is_never_printed(environment: Any) -> None:
    assert environment["SWARM_TOKEN"] not in repr(master_settings(environment))


def test_a_worker_needs_to_know_its_master() -> None:
    around = {"SWARM_TARGET": "http://guestbook.flask.svc.cluster.local", "SWARM_PINNED": "10.96.0.7"}
    settings = worker_settings({"SWARM_MASTER": "swarm-x-master.swarm.load.svc.cluster.local:5557", **around})
    assert (settings.master.host, settings.master.port) == ("swarm-x-master.swarm.load.svc.cluster.local", 5557)
    with pytest.raises(Refused, match="SWARM_MASTER"):
        worker_settings({})
