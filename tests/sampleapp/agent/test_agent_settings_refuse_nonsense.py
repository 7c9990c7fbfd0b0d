import pytest

from sampleapp.agent.settings import from_environment
from sampleapp.settings import SettingsError

GOOD = {
    "POD_NAME": "mongo-1",
    "MONGODB_HOSTS": "mongo-0.mongo:27017,mongo-1.mongo:27017",
    "MONGODB_SOCKET": "/run/mongodb/mongodb-27017.sock",
    "MONGODB_ROOT_PASSWORD": "hidden-root",
    "MONGODB_PASSWORD": "hidden-app",
}


def test_the_ordinal_is_the_pods():
    assert from_environment(GOOD).ordinal == 1


@pytest.mark.parametrize("name", sorted(GOOD))
def test_what_is_missing_is_named(name):
    with pytest.raises(SettingsError, match=name):
        from_environment(GOOD | {name: " "})


@pytest.mark.parametrize(
    ("name", "value"),
    [("POD_NAME", "mongo"), ("POD_NAME", "mongo-x"), ("ELECTION_TIMEOUT_MS", "fast"), ("HEARTBEAT_INTERVAL_MS", "1")],
)
def test_nonsense_is_refused_by_name(name, value):
    with pytest.raises(SettingsError, match=name):
        from_environment(GOOD | {name: value})


def test_an_ordinal_without_a_host_is_refused():
    with pytest.raises(SettingsError, match="too few for mongo-2"):
        from_environment(GOOD | {"POD_NAME": "mongo-2"})


def test_passwords_do_not_show():
    assert "hidden" not in repr(from_environment(GOOD))
