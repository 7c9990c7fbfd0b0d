"""A claim belongs to the ordinal: its row says so, whether or not a pod uses it now."""

from __future__ import annotations

from typing import Any

from dashboard.data import volumes


def claim(name: str = "data-mongo-1", phase: str = "Bound", **more: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "creationTimestamp": "2026-11-23T10:00:00Z"},
        "spec": {"resources": {"requests": {"storage": "1Gi"}}, "volumeName": "pv-7", "storageClassName": "local",
                 "accessModes": ["ReadWriteOnce"]},
        "status": {"phase": phase, "capacity": {"storage": "1Gi"}},
    } | more  # fmt: skip


VOLUME = {"pv-7": {"metadata": {"name": "pv-7"}, "spec": {"persistentVolumeReclaimPolicy": "Delete"}}}


def test_size_volume_class_and_phase_are_told() -> None:
    (row,) = volumes.rows([claim()], VOLUME, {})
    told = {
        name: row[name] for name in ("name", "member", "asked", "got", "volume", "class", "phase", "tone", "reclaim")
    }
    assert told == {
        "name": "data-mongo-1", "member": "mongo-1", "asked": "1Gi", "got": "1Gi", "volume": "pv-7", "class": "local",
        "phase": "Bound", "tone": "ok", "reclaim": "Delete",
    }  # fmt: skip


def test_a_claim_older_than_its_pod_has_stayed() -> None:
    (row,) = volumes.rows([claim()], VOLUME, {"mongo-1": {"created_at": "2026-11-23T12:00:00Z"}})
    assert row["lesson"] == "2.0 h older than its pod: mongo-1 was replaced, the data stayed."
    (row,) = volumes.rows([claim()], VOLUME, {"mongo-1": {"created_at": "2026-11-23T10:00:01Z"}})
    assert row["lesson"] == "As old as its pod: mongo-1 has not been replaced yet."


def test_a_claim_without_a_pod_waits() -> None:
    (row,) = volumes.rows([claim()], VOLUME, {})
    assert row["lesson"] == "No pod uses it now. It waits for mongo-1 to come back."


def test_volumes_that_may_not_be_read_leave_only_that_unknown() -> None:
    (row,) = volumes.rows([claim()], None, {})
    assert (row["reclaim"], row["volume"], row["phase"]) == ("–", "pv-7", "Bound")


def test_a_claim_that_is_not_bound_has_got_nothing() -> None:
    (row,) = volumes.rows([claim(phase="Pending", status={"phase": "Pending"}, spec={})], {}, {})
    assert (row["asked"], row["got"], row["volume"], row["tone"]) == ("–", "–", "–", "progressing")


def test_others_claims_are_left_out_and_ordinals_are_in_order() -> None:
    found = volumes.rows(
        [claim(f"data-mongo-{number}") for number in (10, 2, 0)] + [claim("cache"), claim("mongo-1")], {}, {}
    )
    assert [row["member"] for row in found] == ["mongo-0", "mongo-2", "mongo-10"]
