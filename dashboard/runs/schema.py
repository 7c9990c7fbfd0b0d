"""The tables of the archive as they grew, one step a version, only forwards. Must not read or write a run.

Figures that may be whole or not have no type, so that they come back as they were told.
"""

from __future__ import annotations

from dashboard.kept.migrating import Migrations

_OF_RUN = "run TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE"

MIGRATIONS: Migrations = (
    (
        """CREATE TABLE runs (
            run_id TEXT PRIMARY KEY, owner TEXT NOT NULL, swarm_id TEXT, state TEXT NOT NULL,
            started_at TEXT NOT NULL, finished_at TEXT, load_at TEXT, stopped_at TEXT,
            name TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', by TEXT, why TEXT NOT NULL DEFAULT '',
            target TEXT, profile TEXT, peak_users INTEGER, peak_replicas INTEGER, requests INTEGER, failures INTEGER,
            request TEXT, revisions TEXT, scaled TEXT, outcome TEXT, reaction TEXT, error TEXT
        ) WITHOUT ROWID""",
        "CREATE INDEX runs_by_swarm ON runs (swarm_id)",
        f"CREATE TABLE tags ({_OF_RUN}, tag TEXT NOT NULL, PRIMARY KEY (run, tag)) WITHOUT ROWID",
        f"""CREATE TABLE samples (
            {_OF_RUN}, t INTEGER NOT NULL, users INTEGER, rps, p95_ms, failed_percent,
            cpu_percent, cpu_target, replicas INTEGER, ready INTEGER, PRIMARY KEY (run, t)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE events (
            {_OF_RUN}, id TEXT NOT NULL, t TEXT NOT NULL, kind TEXT, object TEXT, text TEXT, count INTEGER,
            quiet INTEGER, PRIMARY KEY (run, id)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE flags (
            {_OF_RUN}, id TEXT NOT NULL, t TEXT NOT NULL, kind TEXT, object TEXT, text TEXT, sentence TEXT,
            PRIMARY KEY (run, id)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE explanations (
            {_OF_RUN}, t TEXT NOT NULL, state TEXT, sentence TEXT, sum TEXT, confidence TEXT, advice TEXT,
            PRIMARY KEY (run, t)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE spans (
            {_OF_RUN}, uid TEXT NOT NULL, name TEXT, created_at TEXT, ready_at TEXT, ended_at TEXT,
            PRIMARY KEY (run, uid)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE endpoints (
            {_OF_RUN}, t INTEGER NOT NULL, method TEXT NOT NULL, name TEXT NOT NULL, requests INTEGER,
            failures INTEGER, rps, p50_ms, p95_ms, p99_ms, PRIMARY KEY (run, t, method, name)
        ) WITHOUT ROWID""",
    ),
    (
        # What the CPU figures were made of, at the times of metrics.k8s.io; and which pod answered how much.
        f"""CREATE TABLE metrics (
            {_OF_RUN}, t INTEGER NOT NULL, cpu_percent, cpu_target, replicas INTEGER, ready INTEGER,
            pods TEXT, PRIMARY KEY (run, t)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE pods (
            {_OF_RUN}, t INTEGER NOT NULL, pod TEXT NOT NULL, requests INTEGER, rps, share_percent,
            PRIMARY KEY (run, t, pod)
        ) WITHOUT ROWID""",
    ),
)

VERSION = len(MIGRATIONS)
