"""What serverStatus, dbStats, collStats and replSetGetStatus come to; whatever is missing is unknown."""

from datetime import UTC, datetime, timedelta

from bson import Timestamp

from sampleapp.agent.vitals import Oplog, election, iso, vitals

NOW = datetime(2026, 11, 23, 12, 0, 0, 250000, tzinfo=UTC).replace(tzinfo=None)  # as the driver gives it


def at(moment):
    return Timestamp(int(moment.replace(tzinfo=UTC).timestamp()), 1)


def test_figures_are_told_as_they_are():
    server = {
        "version": "6.0.5",
        "uptime": 812.0,
        "oplog": {"earliestOptime": at(NOW - timedelta(hours=3)), "latestOptime": at(NOW)},
    }
    database = {"dataSize": 2048.0, "storageSize": 4096.0, "indexSize": 1024.0}
    told = vitals(server, database, {"size": 90_000, "maxSize": 134_217_728})
    assert (told.version, told.uptime_seconds, told.data_bytes, told.storage_bytes) == ("6.0.5", 812, 2048, 5120)
    assert told.oplog == Oplog(
        first="2026-11-23T09:00:00.000Z", last="2026-11-23T12:00:00.000Z", hours=3.0,
        used_bytes=90_000, max_bytes=134_217_728,
    )  # fmt: skip


def test_what_is_missing_is_unknown_and_never_zero():
    told = vitals(None, None, None)
    assert (told.version, told.uptime_seconds, told.data_bytes, told.storage_bytes) == (None,) * 4
    assert told.oplog == Oplog()
    assert vitals({"oplog": {"earliestOptime": Timestamp(0, 0)}}, {"storageSize": 1}, {}).storage_bytes is None


def test_an_election_is_told_by_whoever_won_it():
    metrics = {
        "lastElectionReason": "electionTimeout",
        "lastElectionDate": NOW,
        "electionTerm": 4,
        "numVotesNeeded": 2,
        "priorPrimaryMemberId": 1,
        "wMajorityWriteAvailabilityDate": NOW + timedelta(milliseconds=84),
    }
    told = election({"electionCandidateMetrics": metrics})
    assert (told.at, told.term, told.reason) == ("2026-11-23T12:00:00.250Z", 4, "electionTimeout")
    assert (told.votes_needed, told.prior, told.took_ms) == (2, 1, 84)
    assert election({}) is None


def test_an_election_just_begun_has_no_length_yet():
    assert election({"electionCandidateMetrics": {"electionTerm": 2}}).took_ms is None


def test_times_of_mongod_are_utc():
    assert iso(NOW) == "2026-11-23T12:00:00.250Z"
    assert iso(None) is None
