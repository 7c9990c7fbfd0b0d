from datetime import UTC, datetime, timedelta

import pytest

from sampleapp.web.ago import ago

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "just now"), (0.9, "just now"), (-30, "just now"), (9, "9 s"), (60, "1 min"), (7199, "1 h"), (432000, "5 d")],
)
def test_the_age_of_an_entry(seconds, words):
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words
