import pytest

from sampleapp.settings import SettingsError, from_environment

GOOD = {"MONGODB_HOSTS": "mongo-0.mongo:27017, mongo-1.mongo:27017", "MONGODB_PASSWORD": "hidden"}


def test_hosts_are_split_and_defaults_are_careful():
    settings = from_environment(GOOD)
    assert settings.hosts == ("mongo-0.mongo:27017", "mongo-1.mongo:27017")
    assert not settings.allow_work
    assert not settings.allow_leak


@pytest.mark.parametrize(
    ("name", "value"),
    [("MONGODB_HOSTS", " , "), ("ALLOW_WORK", "maybe"), ("THREADS", "0"), ("THREADS", "x"), ("DRAIN_SECONDS", "-1")],
)
def test_nonsense_is_refused_by_name(name, value):
    with pytest.raises(SettingsError, match=name):
        from_environment(GOOD | {name: value})


def test_the_password_does_not_show():
    assert "hidden" not in repr(from_environment(GOOD))
