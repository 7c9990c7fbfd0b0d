"""The list of what is kept covers what it names and nothing else, and may hold nothing that is not found."""

from __future__ import annotations

from tests.scanning.kept import sorted_out

KEPT = {"CKV_1 *": "everywhere", "CKV_2 Job.load.blast-*": "only there", "B101": "a test of its own"}
COVERED = ["CKV_1 Job.a", "CKV_2 Job.load.blast-x Limits", "B101 file.py:1 text"]


def test_what_is_kept_is_not_told() -> None:
    assert sorted_out(COVERED, KEPT) == []


def test_the_same_finding_elsewhere_is_told() -> None:
    found = ["CKV_2 Job.load.swarm-x Limits", "B1010 file.py:1 text", "CKV_3 Job.a"]
    assert sorted_out([*COVERED, *found], KEPT) == found


def test_an_entry_that_covers_nothing_is_told() -> None:
    (told,) = sorted_out(COVERED[1:], KEPT)
    assert told.startswith("CKV_1 * is kept")
