"""The kept runs: what pages and commands read and change, and what the recorder writes. Decides nothing about a swarm.

Everything that cannot be done is a Refused with a sentence; text from people is checked and kept as text.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.errors import Refused
from dashboard.kept.database import Database
from dashboard.kept.reserve import Reserve
from dashboard.runs import document, names, owner, register, retention, tables
from dashboard.runs.schema import MIGRATIONS
from dashboard.store.times import iso

FILE_NAME = "runs.db"
TEXT_MAX = 200
"""Characters of a search."""

Row = Mapping[str, Any]
Rows = list[dict[str, Any]]
Texts = list[str]


@dataclass(slots=True)
class Batch:
    """What a moment adds to a run: rows by table, and columns of the run itself."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """More rows of one table."""
        if rows:
            self.rows.setdefault(table, []).extend(rows)

    def join(self, other: Batch) -> Batch:
        """This one and then the other."""
        for table, rows in other.rows.items():
            self.add(table, rows)
        self.run.update(other.run)
        return self


class Archive:
    """The runs in one file, opened at the first use and shared with other processes of the same data folder."""

    def __init__(self, path: Path, *, connect: Callable[..., sqlite3.Connection] = sqlite3.connect) -> None:
        self.path = path
        self._database = Database(path, MIGRATIONS, called="archive", connect=connect)
        self._owner = owner.Owner(path.parent)
        self._reserve = Reserve(path)

    def list(self, *, text: str = "", tag: str = "") -> Rows:
        """Summaries, newest first; `text` is looked for in name, note, tags, who, why, target and profile."""
        if not isinstance(text, str) or not isinstance(tag, str) or len(text) > TEXT_MAX or len(tag) > TEXT_MAX:
            raise Refused(f"A search takes text of {TEXT_MAX} characters at most.", status=422)
        tags = tables.Tags.by_run(self._database.rows)
        found = register.newest_first(self._database.rows, text=_findable(text), tag=_findable(tag).lower())
        return [self._summary(run, tags.get(run["run_id"], [])) for run in found]

    def tags(self) -> Texts:
        """Every tag in use, in order."""
        return sorted({tag for tags in tables.Tags.by_run(self._database.rows).values() for tag in tags})

    def get(self, run_id: str) -> dict[str, Any]:
        """The summary of a run. Raises Refused 404."""
        return self._summary(self._row(run_id), tables.Tags.by_run(self._database.rows).get(run_id, []))

    def document(self, run_id: str) -> dict[str, Any]:
        """The whole run (DESIGN §5), also while it is recorded. Raises Refused 404."""
        with self._database.snapshot():
            head, outcome = self.get(run_id), register.outcome(self._database.rows, run_id)
            series = {name: table.of(self._database.rows, run_id) for name, table in tables.ALL.items()}
        return document.whole(head, outcome, series)

    def of_swarm(self, swarm_id: str) -> dict[str, Any] | None:
        """The summary of the newest run of a swarm."""
        found = register.of_swarm(self._database.rows, swarm_id)
        return self.get(found[0]["run_id"]) if found else None

    def rename(self, run_id: str, name: str) -> None:
        """Gives it a name; an empty one takes it away."""
        self._update(run_id, {"name": names.checked_name(name)})

    def note(self, run_id: str, text: str) -> None:
        """Writes the note beside it, in place of the one before."""
        self._update(run_id, {"note": names.checked_note(text)})

    def tag(self, run_id: str, tags: Sequence[str]) -> None:
        """Gives it these tags and no others."""
        kept = names.checked_tags(tags)
        self._row(run_id)
        with self._database.transaction() as connection:
            tables.Tags.set(connection, run_id, kept)

    def delete(self, run_id: str) -> None:
        """Removes it and gives its room back. Refused while it is recorded."""
        if self.get(run_id)["state"] == "recording":
            raise Refused(f"Run {run_id} is being recorded; stop its swarm and wait for its end first.", status=409)
        self._delete([run_id])

    def retention(self, *, count: int = 200, days: int = 90, now: datetime) -> Texts:
        """Forgets what is too many or too old; the ids of what went."""
        runs = [self._summary(run, []) for run in register.newest_first(self._database.rows)]
        gone = retention.too_many(runs, count=count, days=days, now=now)
        self._delete(gone)
        return gone

    # What the recorder writes.

    def begin(self, run: Row, batch: Batch, *, at: datetime) -> str | None:
        """A new run and its first rows; its id. None when another process is recording this swarm already."""
        self._database.open()
        self._owner.claim()
        self._reserve.fill()
        run_id = names.run_id(at, secrets.randbits)
        with self._database.transaction() as connection:
            for other in register.of_swarm(_select(connection), run["swarm_id"]):
                if other["state"] == "recording" and self._is_alive(other["owner"]):
                    return None
            started = {"started_at": iso(at.timestamp()), **run, **batch.run}
            register.insert(connection, {**started, "run_id": run_id, "owner": self._owner.id, "state": "recording"})
            _put(connection, run_id, batch)
        return run_id

    def write(self, run_id: str, batch: Batch) -> None:
        """Adds to a run that is recorded, in one transaction. Raises NotWritten."""
        with self._database.transaction() as connection:
            if batch.run:
                register.update(connection, run_id, batch.run)
            _put(connection, run_id, batch)

    def finish(self, run_id: str, batch: Batch) -> None:
        """The last of it: `batch.run` says the state. From here on it outlives a power cut. Raises NotWritten."""
        last = dict(batch.run)
        state = last.pop("state")
        self.write(run_id, Batch(batch.rows, last))
        self.write(run_id, Batch(run={**self._summed_up(run_id), "state": state}))
        self._database.settle()

    def give_way(self) -> None:
        """Gives up the room that was kept, so that the end of a run can be told on a full disk."""
        self._reserve.give()

    def recover(self) -> Texts:
        """Marks as interrupted what a killed process was recording; the ids."""
        found = register.newest_first(self._database.rows, state="recording")
        dead = [run for run in found if not self._is_alive(run["owner"])]
        for run in dead:
            last = {"state": "interrupted", "finished_at": run["finished_at"] or self._last(run)}
            self.write(run["run_id"], Batch(run={**self._summed_up(run["run_id"]), **last}))
        owner.sweep(self.path.parent)
        return [run["run_id"] for run in dead]

    def open(self) -> None:
        """Learns whether the file can be used. Raises Refused."""
        self._database.open()

    def close(self) -> None:
        """Lets go of the file and, with it, of what is being recorded."""
        self._database.close()
        self._owner.release()

    def _summary(self, run: Row, tags: Sequence[str]) -> dict[str, Any]:
        is_cut = run["state"] == "recording" and not self._is_alive(run["owner"])
        return document.summary(run, tags, state="interrupted" if is_cut else run["state"])

    def _is_alive(self, owner_id: str) -> bool:
        return owner.is_alive(self.path.parent, owner_id)

    def _row(self, run_id: str) -> dict[str, Any]:
        found = register.one(self._database.rows, run_id) if names.is_run_id(run_id) else None
        if found is None:
            raise Refused("There is no such run; it may have been deleted.", status=404)
        return found

    def _update(self, run_id: str, values: Row) -> None:
        self._row(run_id)
        with self._database.transaction() as connection:
            register.update(connection, run_id, values)

    def _delete(self, run_ids: Sequence[str]) -> None:
        for run_id in run_ids:
            with self._database.transaction() as connection:
                register.delete(connection, run_id)
        if run_ids:
            self._database.settle(shrink=True)

    def _summed_up(self, run_id: str) -> dict[str, Any]:
        """What is worked out from the whole, kept for the list."""
        whole = self.document(run_id)
        return {"load_at": whole["load_at"], "reaction": whole["reaction"]}

    def _last(self, run: Row) -> str:
        """When it was written last, as far as its samples tell."""
        samples = tables.SAMPLES.of(self._database.rows, run["run_id"])
        return iso(samples[-1]["t"] / 1000) if samples else str(run["started_at"])


def _findable(text: str) -> str:
    """A search as text that can be in the file at all."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _select(connection: sqlite3.Connection) -> tables.Select:
    return lambda statement, values: connection.execute(statement, values).fetchall()


def _put(connection: sqlite3.Connection, run_id: str, batch: Batch) -> None:
    for name, rows in batch.rows.items():
        tables.ALL[name].put(connection, run_id, rows)
