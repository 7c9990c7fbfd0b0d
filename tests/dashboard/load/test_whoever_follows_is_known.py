"""Whether swarms are followed: told by a lock, so that a killed process does not count."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from dashboard.load.following import Follower, is_followed

CLAIM = """
import sys, time
from pathlib import Path
from dashboard.load.following import Follower
Follower(Path(sys.argv[1]), "https://a").claim()
print("claimed", flush=True)
time.sleep(60)
"""


def test_only_the_cluster_that_is_followed_counts(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    follower = Follower(folder, "https://a")
    assert not is_followed(folder, "https://a")

    follower.claim()

    assert is_followed(folder, "https://a")
    assert not is_followed(folder, "https://b")
    follower.release()
    assert not is_followed(folder, "https://a")
    assert list(folder.iterdir()) == []


def test_a_killed_process_follows_no_more_and_is_swept_away(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CLAIM, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        assert is_followed(tmp_path, "https://a")
        process.kill()

    assert not is_followed(tmp_path, "https://a")
    follower = Follower(tmp_path, "https://b")
    follower.claim()
    assert len(list(tmp_path.iterdir())) == 1
    follower.release()


def test_two_count_until_both_are_gone(tmp_path: Path) -> None:
    first, second = (Follower(tmp_path, "https://a") for _ in range(2))
    first.claim()
    second.claim()
    first.release()
    assert is_followed(tmp_path, "https://a")
    second.release()
    assert not is_followed(tmp_path, "https://a")
