"""A journal brings back objects and revisions after any end of its process; keys and tokens go on being valid."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from localcluster import folder
from localcluster.apiserver import journal as journaling
from localcluster.apiserver import resuming
from localcluster.apiserver.assembly import Api, ApiSettings, assemble
from localcluster.apiserver.expiring import remove_expired
from localcluster.apiserver.journal import Journal, UnreadableJournal
from localcluster.apiserver.storage import Storage, TooOld
from localcluster.client import Object
from localcluster.errors import ApiError
from localcluster.resources import CONFIG_MAPS, EVENTS, SERVICE_ACCOUNTS, SERVICES

ROOT = Path(__file__).resolve().parents[3]
WRITER = """
import sys
from pathlib import Path
from localcluster.apiserver.journal import Journal
from localcluster.apiserver.storage import Storage
from localcluster.resources import CONFIG_MAPS

storage = Storage(journal=Journal(Path(sys.argv[1])))
for number in range(1_000_000):
    name = f"c{number % 50}"
    body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name, "namespace": "n"}}
    if number % 7 == 6 and storage.get(CONFIG_MAPS, ("n", name)):
        version = storage.remove(CONFIG_MAPS, ("n", name))
        print("removed", name, version.revision, flush=True)
    else:
        version = storage.put(CONFIG_MAPS, ("n", name), body | {"data": {"v": "x" * 2000}})
        print("put", name, version.revision, flush=True)
"""


def config_map(name: str, value: str = "") -> Object:
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name, "namespace": "n"}, "data": {"v": value}}


@contextmanager
def journal(path: Path) -> Iterator[Journal]:
    with closing(Journal(path)) as opened:
        yield opened


def test_objects_and_revisions_come_back(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with journal(path) as first:
        storage = Storage(journal=first)
        storage.put(CONFIG_MAPS, ("n", "a"), config_map("a"))
        kept = storage.put(CONFIG_MAPS, ("n", "a"), config_map("a", "later"))
        storage.put(CONFIG_MAPS, ("n", "b"), config_map("b"))
        removed = storage.remove(CONFIG_MAPS, ("n", "b"))
    with journal(path) as second:
        again = Storage(journal=second)
        assert again.revision == removed.revision
        (found,) = again.all(CONFIG_MAPS)
        assert (found.object, found.revision) == (kept.object, kept.revision)
        assert again.put(CONFIG_MAPS, ("n", "c"), config_map("c")).revision == removed.revision + 1


def test_the_window_begins_where_the_journal_ends(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with journal(path) as first:
        storage = Storage(journal=first)
        for number in range(3):
            storage.put(CONFIG_MAPS, ("n", "a"), config_map("a", str(number)))
        last = storage.revision
    with journal(path) as second:
        again = Storage(journal=second)
        assert again.since(CONFIG_MAPS, last) == []
        with pytest.raises(TooOld):
            again.since(CONFIG_MAPS, last - 1)


def test_kill_minus_nine_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        answered = [writer.stdout.readline() for _ in range(2000)]
        writer.send_signal(signal.SIGKILL)
        answered += writer.stdout.readlines()
    state: dict[str, int] = {}
    for line in answered:
        if line.endswith("\n"):
            verb, name, revision = line.split()
            state.pop(name, None)
            if verb == "put":
                state[name] = int(revision)
    last = int(answered[-1].split()[2])
    with journal(path) as found:
        storage = Storage(journal=found)
        loaded = {version.object["metadata"]["name"]: version.revision for version in storage.all(CONFIG_MAPS)}
    assert storage.revision in (last, last + 1)  # one write may have been on disk and not yet told
    unequal = {name for name in state | loaded if state.get(name) != loaded.get(name)}
    assert len(unequal) == storage.revision - last or not unequal


def test_a_second_cluster_may_not_use_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with journal(path), pytest.raises(UnreadableJournal, match="in use by another cluster"):
        Journal(path)


def test_what_is_no_journal_is_told_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(UnreadableJournal, match="move it away"):
        Journal(path)


def test_damage_in_the_middle_is_told_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with journal(path) as opened:
        storage = Storage(journal=opened)
        for number in range(300):
            storage.put(CONFIG_MAPS, ("n", f"c{number}"), config_map(f"c{number}"))
    size = path.stat().st_size
    with path.open("r+b") as stream:
        stream.seek(size // 2)
        stream.write(b"\xff" * 4096)
    with pytest.raises(UnreadableJournal, match="move it away"):
        Journal(path)


def test_an_object_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with journal(path) as opened:
        Storage(journal=opened).put(CONFIG_MAPS, ("n", "a"), config_map("a"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE objects SET body = x'7b'")
    with journal(path) as opened, pytest.raises(UnreadableJournal, match=r"configmaps n/a: .*move it away"):
        Storage(journal=opened)


def test_a_disk_without_room_is_no_reason_to_move_the_journal_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(journaling, "_prepare", full)
    with pytest.raises(UnreadableJournal, match="make room"):
        Journal(tmp_path / "state.db")


def test_a_write_the_disk_refuses_changes_nothing(tmp_path: Path) -> None:
    opened = Journal(tmp_path / "state.db")
    storage = Storage(journal=opened)
    storage.put(CONFIG_MAPS, ("n", "a"), config_map("a"))
    before = storage.revision
    opened.close()  # any later write fails
    with pytest.raises(ApiError) as refusal:
        storage.put(CONFIG_MAPS, ("n", "b"), config_map("b"))
    with pytest.raises(ApiError):
        storage.remove(CONFIG_MAPS, ("n", "a"))
    assert refusal.value.code == 500
    assert (storage.revision, [v.object["metadata"]["name"] for v in storage.all(CONFIG_MAPS)]) == (before, ["a"])


async def _with_account(directory: Path, *, octet: int) -> tuple[Api, folder.Kept]:
    kept = folder.opened(directory)
    api = assemble(ApiSettings(octet=octet), kept=kept)
    await api.start()
    return api, kept


async def test_keys_tokens_and_the_admin_stay_valid(tmp_path: Path) -> None:
    first, kept = await _with_account(tmp_path, octet=70)
    client = first.registry.client("system:test")
    await client.create(SERVICE_ACCOUNTS, {"metadata": {"name": "robot"}}, namespace="default")
    token = first.tokens.issue("default", "robot").token
    authority, port = first.authority.certificate, first.port
    await first.stop()
    assert kept.journal is not None
    kept.journal.close()

    second, kept = await _with_account(tmp_path, octet=70)
    assert second.authority.certificate == authority
    assert second.tokens.verify(token).who.user == "system:serviceaccount:default:robot"
    assert resuming.last_octet(second.registry.storage) == 70
    assert resuming.last_port(second.registry.storage) == second.port
    assert port
    await second.stop()
    assert kept.journal is not None
    kept.journal.close()


def test_keys_are_nobody_elses(tmp_path: Path) -> None:
    kept = folder.opened(tmp_path)
    assert kept.journal is not None
    kept.journal.close()
    for name in ("state.db", "pki/ca.key", "pki/sa.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    (tmp_path / "pki" / "sa.key").write_text("nonsense")
    with pytest.raises(folder.UnreadableFolder, match="pki"):
        folder.opened(tmp_path)


async def test_addresses_somebody_else_has_are_exchanged() -> None:
    api = assemble(ApiSettings(octet=70))
    await api.start()
    client = api.registry.client("system:test")
    port = {"port": 80}
    await client.create(SERVICES, {"metadata": {"name": "a"}, "spec": {"ports": [port]}}, namespace="default")
    headless = {"metadata": {"name": "b"}, "spec": {"clusterIP": "None", "ports": [port]}}
    await client.create(SERVICES, headless, namespace="default")
    assert resuming.move_services(api.registry.storage, prefix="127.70.200") == 0
    assert resuming.move_services(api.registry.storage, prefix="127.71.200") == 2
    addresses = {
        v.object["metadata"]["name"]: v.object["spec"]["clusterIPs"] for v in api.registry.storage.all(SERVICES)
    }
    assert addresses == {"kubernetes": ["127.71.200.1"], "a": ["127.71.200.2"], "b": ["None"]}
    assert resuming.last_octet(api.registry.storage) == 71
    await api.stop()


async def test_events_leave_after_an_hour() -> None:
    moment = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    storage = Storage()
    for name, written in (("old", "2026-11-23T10:59:59Z"), ("new", "2026-11-23T11:00:00Z")):
        event = {"metadata": {"name": name, "namespace": "n", "creationTimestamp": written}}
        storage.put(EVENTS, ("n", name), event)
    again = {"metadata": {"name": "again", "namespace": "n", "creationTimestamp": "2026-11-23T08:00:00Z",
                          "managedFields": [{"time": "2026-11-23T11:59:00Z"}]}}  # fmt: skip
    storage.put(EVENTS, ("n", "again"), again)
    assert remove_expired(storage, now=moment) == 1
    assert [v.object["metadata"]["name"] for v in storage.all(EVENTS)] == ["again", "new"]


async def test_the_log_is_folded_while_writes_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journaling, "FOLD_EVERY_S", 0.01)
    monkeypatch.setattr(journaling, "FOLD_BYTES", 100_000)
    path = tmp_path / "state.db"
    with journal(path) as opened:
        storage = Storage(journal=opened)
        folding = asyncio.create_task(opened.keep_folding())
        async with asyncio.timeout(30):
            while path.stat().st_size < 20_000:
                storage.put(CONFIG_MAPS, ("n", f"c{storage.revision % 40}"), config_map("c", "x" * 2000))
                await asyncio.sleep(0)
        folding.cancel()
        await asyncio.gather(folding, return_exceptions=True)
